"""Sessions that the identity provider has ended: OpenID Connect Back-Channel Logout 1.0.

What has ended is marked in Valkey, which all workers share, for as long as a session can live; a
request of someone signed in looks there once.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from ckan.lib.redis import connect_to_redis
from flask import current_app
from joserfc import jwt

from . import keys, provider
from .keys import FalseToken

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_OLDEST = 120  # seconds after which a logout token is not taken, whatever it says of its end
_PREFIX = "dgatier:ended"


def end_sessions(token: str) -> str | None:
    """Carry out a logout token; return the `sub` whose session or sessions it has ended.

    With a `sid` that one session ends, else every session of the `sub` that has begun until now.
    Raises `FalseToken` or `provider.ProviderUnreachable`.
    """
    claims = _checked(token)
    sid, sub = _text(claims.get("sid")), _text(claims.get("sub"))
    valkey = connect_to_redis()
    seen = f"{_PREFIX}:jti:{claims['jti']}"
    if not valkey.set(seen, "1", nx=True, ex=_OLDEST + 2 * keys.LEEWAY):
        raise FalseToken("the token was used before")
    life = current_app.permanent_session_lifetime
    if sid:
        valkey.set(f"{_PREFIX}:sid:{sid}", "1", ex=life)
    else:
        valkey.set(f"{_PREFIX}:sub:{sub}", str(time.time()), ex=life)
    return sub


def is_over(sign_in: Mapping[str, Any]) -> bool:
    """Say whether the provider has ended the session that began with this sign-in.

    `sign_in` has the provider's `sid` and `sub`, and `at`, the seconds since 1970 of its beginning.
    """
    names = [f"{_PREFIX}:sid:{sign_in.get('sid')}", f"{_PREFIX}:sub:{sign_in.get('sub')}"]
    session_ended, all_ended = connect_to_redis().mget(names)
    return session_ended is not None or (
        all_ended is not None and sign_in.get("at", 0) <= float(all_ended)
    )


def _checked(token: str) -> Mapping[str, Any]:
    """Return the claims of a logout token that is one by every rule of section 2.6."""
    issuer, client_id = provider.issuer_and_client()
    registry = jwt.JWTClaimsRegistry(
        leeway=keys.LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": client_id},
        iat={"essential": True},
        exp={"essential": True},
        jti={"essential": True},
    )
    claims = keys.checked_claims(token, registry)
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(_EVENT), dict):
        raise FalseToken("the token speaks of no logout")
    if "nonce" in claims:
        raise FalseToken("a logout token has no nonce")
    if claims["iat"] < time.time() - _OLDEST - keys.LEEWAY:
        raise FalseToken("the token is too old")
    if not _text(claims.get("sid")) and not _text(claims.get("sub")):
        raise FalseToken("the token names neither session nor person")
    return claims


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
