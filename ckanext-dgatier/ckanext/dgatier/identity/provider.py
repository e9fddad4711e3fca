"""The OpenID Connect provider: authorization code flow with PKCE, done by Authlib."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, FlaskOAuth2App
from ckan.plugins import toolkit
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

_SECONDS = 5


class SignInFailed(Exception):
    """The provider's answer is not one to our question, or is false or out of date."""


class ProviderUnreachable(Exception):
    """The provider did not answer."""


def redirect_to_sign_in(callback: str, aal: int, language: str) -> Response:
    """Return the redirect to the provider; state, nonce and verifier stay in the session.

    For a level above the first, an earlier proof of it does not count when it is too old: the
    provider decides that by its own maximum age.
    """
    try:
        return _client().authorize_redirect(callback, acr_values=f"aal{aal}", ui_locales=language)
    except (requests.RequestException, AuthlibBaseError) as error:
        raise ProviderUnreachable(str(error)) from error


def claims_of_callback() -> tuple[dict[str, Any], str]:
    """Return the checked claims of the provider's answer, and the ID token they came in.

    Checked are state, nonce, PKCE verifier, signature, issuer, audience and time (OpenID Connect
    Core 3.1.3.7). Raises `SignInFailed` or `ProviderUnreachable`.
    """
    issuer, client_id = issuer_and_client()
    try:
        token = _client().authorize_access_token(
            claims_options={
                "iss": {"essential": True, "values": [issuer]},
                "aud": {"essential": True, "value": client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
            },
            leeway=30,
        )
    except requests.RequestException as error:
        raise ProviderUnreachable(str(error)) from error
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        raise SignInFailed(str(error)) from error
    claims = token.get("userinfo")
    if not claims or not token.get("id_token"):
        raise SignInFailed("the answer carries no ID token")
    # What a client may say of itself in a bearer token, a person's sign-in does not.
    return {**claims, "service": None}, token["id_token"]


def keys() -> dict[str, Any]:
    """Return the provider's public keys (RFC 7517); raises `ProviderUnreachable`."""
    try:
        answer = requests.get(_client().load_server_metadata()["jwks_uri"], timeout=_SECONDS)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (requests.RequestException, AuthlibBaseError, ValueError) as error:
        raise ProviderUnreachable(str(error)) from error
    return found


def sign_out_address(id_token: str | None, return_to: str) -> str:
    """Return where the browser goes to end the session at the provider too."""
    issuer, client_id = issuer_and_client()
    parameters = {"client_id": client_id, "post_logout_redirect_uri": return_to}
    if id_token:
        parameters["id_token_hint"] = id_token
    return f"{issuer}/protocol/openid-connect/logout?{urlencode(parameters)}"


def issuer_and_client() -> tuple[str, str]:
    """Return the issuer's address and our client id."""
    return (
        toolkit.config["ckanext.dgatier.oidc.issuer"],
        toolkit.config["ckanext.dgatier.oidc.client_id"],
    )


def _client() -> Any:
    issuer, client_id = issuer_and_client()
    return _make_client(
        toolkit.config.get("ckanext.dgatier.oidc.metadata_url")
        or f"{issuer}/.well-known/openid-configuration",
        client_id,
        toolkit.config["ckanext.dgatier.oidc.client_secret"],
    )


@lru_cache(maxsize=2)
def _make_client(metadata_url: str, client_id: str, client_secret: str) -> Any:
    return FlaskOAuth2App(
        FlaskIntegration("dgatier"),
        "dgatier",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=metadata_url,
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": _SECONDS,
        },
    )
