"""Access tokens of the identity provider, as programs bring them: `Authorization: Bearer …`."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ckan import model
from ckan.plugins import toolkit
from flask import g, request
from joserfc import jwt

from ckanext.dgatier import store

from . import claims as claim_reader
from . import directory, keys, liveness, provider, provisioning

log = logging.getLogger(__name__)

_SCHEME = "bearer "


def user_of_request() -> model.User | model.AnonymousUser | None:
    """Return who a bearer token speaks for; `None` where the request has none.

    A token that is not good (signature, issuer, audience, time) makes the asker anonymous.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_SCHEME):
        return None
    g.login_via_auth_header = True  # no form of ours is behind it, so there is no form token
    try:
        claims = claims_of(header[len(_SCHEME) :].strip())
    except (keys.FalseToken, provider.ProviderUnreachable) as failure:
        log.warning("bearer token refused: %s", failure)
        return model.AnonymousUser()
    user_id = _user_id(claims)
    user = model.User.get(user_id) if liveness.is_live(user_id) else None
    if user is None or not user.is_active:
        return model.AnonymousUser()
    g.dgatier_bearer = claims
    return user


def claims_of(token: str) -> dict[str, Any]:
    """Return the checked claims; raises `FalseToken` or `ProviderUnreachable`."""
    issuer, _client_id = provider.issuer_and_client()
    registry = jwt.JWTClaimsRegistry(
        leeway=keys.LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": toolkit.config["ckanext.dgatier.oidc.api_audience"]},
        sub={"essential": True},
        exp={"essential": True},
        typ={"essential": True, "value": "Bearer"},
    )
    claims = keys.checked_claims(token, registry)
    claims["service"] = _service(claims)
    return claims


def assurance(claims: Mapping[str, Any]) -> claim_reader.Assurance:
    """Return the strength of the sign-in behind a token; a service signs in for each token."""
    if claims["service"]:
        return claim_reader.assurance({"auth_time": claims.get("iat")})
    return claim_reader.assurance(claims)


def _service(claims: Mapping[str, Any]) -> str | None:
    """Return the client that speaks for itself, `None` where a person stands behind it."""
    client = claims.get("azp")
    own = f"service-account-{client}".lower()
    return str(client) if client and claims.get("preferred_username") == own else None


def _user_id(claims: Mapping[str, Any]) -> str:
    """Return the CKAN user, made where the identity is new.

    The provider's directory knows better than a token what a person is now; where it cannot be
    asked, the token's claims count.
    """
    issuer = str(claims["iss"])
    user_id = store.people.user_id_of(issuer, claims["sub"])
    if user_id is not None and directory.is_configured():
        return user_id
    if user_id is None or store.people.claims_of(user_id) != claim_reader.kept(claims):
        return provisioning.provision(issuer, claims)
    return user_id
