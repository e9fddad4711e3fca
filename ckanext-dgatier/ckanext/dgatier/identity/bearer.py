"""Access tokens of the identity provider, as programs bring them: `Authorization: Bearer …`."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from typing import Any

import requests
from ckan import model
from ckan.plugins import toolkit
from flask import g, request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ckanext.dgatier import store

from . import claims as claim_reader
from . import provider, provisioning

log = logging.getLogger(__name__)

_SCHEME = "bearer "
_ALGORITHMS = ["RS256", "PS256", "ES256"]
_LEEWAY = 30
# An unknown key is looked for anew, and no oftener: else made-up tokens would flood the provider.
_SECONDS_BETWEEN_FETCHES = 5.0


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
    except (provider.SignInFailed, provider.ProviderUnreachable) as failure:
        log.warning("bearer token refused: %s", failure)
        return model.AnonymousUser()
    user = model.User.get(_user_id(claims))
    if user is None or not user.is_active:
        return model.AnonymousUser()
    g.dgatier_bearer = claims
    return user


def claims_of(token: str) -> dict[str, Any]:
    """Return the checked claims; raises `SignInFailed` or `ProviderUnreachable`."""
    issuer, _client_id = provider.issuer_and_client()
    registry = jwt.JWTClaimsRegistry(
        leeway=_LEEWAY,
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": toolkit.config["ckanext.dgatier.oidc.api_audience"]},
        sub={"essential": True},
        exp={"essential": True},
        typ={"essential": True, "value": "Bearer"},
    )
    try:
        header = jws.extract_compact(token.encode()).headers()
        decoded = jwt.decode(token, _keys.having(header.get("kid")), algorithms=_ALGORITHMS)
        registry.validate(decoded.claims)
    except requests.RequestException as error:
        raise provider.ProviderUnreachable(str(error)) from error
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise provider.SignInFailed(f"{type(error).__name__}: {error}") from error
    claims = dict(decoded.claims)
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
    """Return the CKAN user, made or brought up to date where the claims are news."""
    issuer = str(claims["iss"])
    user_id = store.people.user_id_of(issuer, claims["sub"])
    if user_id is None or store.people.claims_of(user_id) != claim_reader.kept(claims):
        return provisioning.provision(issuer, claims)
    return user_id


class _Keys:
    """The provider's public keys, fetched when a token names one that is not known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: KeySet | None = None
        self._fetched = -_SECONDS_BETWEEN_FETCHES

    def having(self, key_id: object) -> KeySet:
        """Return the keys, fetched anew where `key_id` is not among them."""
        with self._lock:
            known = self._keys is not None and any(key.kid == key_id for key in self._keys.keys)
            if not known and time.monotonic() - self._fetched >= _SECONDS_BETWEEN_FETCHES:
                self._fetched = time.monotonic()
                self._keys = KeySet.import_key_set(provider.keys())  # type: ignore[arg-type]
            if self._keys is None:
                raise provider.ProviderUnreachable("the provider's keys are not known")
            return self._keys


_keys = _Keys()
