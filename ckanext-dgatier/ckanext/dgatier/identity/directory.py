"""Reads the people of the realm through Keycloak's administration, by python-keycloak."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import requests
from ckan.plugins import toolkit
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection
from keycloak.exceptions import KeycloakGetError

_kept = threading.local()
_CLAIMS = ("agency", "organisation", "ial", "clearance", "accredited")


def people() -> Iterator[dict[str, Any]]:
    """Yield the claims of each person of the realm, as a sign-in would bring them."""
    admin = _admin()
    for user in admin.get_users({"enabled": True}):
        if user["username"].startswith("service-account-"):
            continue
        attributes = user.get("attributes", {})
        yield {
            "sub": user["id"],
            "preferred_username": user["username"],
            "email": user.get("email"),
            "name": f"{user.get('firstName', '')} {user.get('lastName', '')}".strip(),
            "roles": [role["name"] for role in admin.get_realm_roles_of_user(user["id"])],
            **{name: attributes[name][0] for name in _CLAIMS if attributes.get(name)},
        }


def is_enabled(subject: str) -> bool:
    """Say whether an account is there and enabled; raises `KeycloakError` where it is unknown.

    Other than a missing account: for that the answer is no.
    """
    try:
        return bool(_admin_of_this_thread().get_user(subject)["enabled"])
    except KeycloakGetError as error:
        if error.response_code == requests.codes.not_found:
            return False
        raise


def _admin_of_this_thread() -> KeycloakAdmin:
    if not hasattr(_kept, "admin"):
        _kept.admin = _admin()
    return _kept.admin


def _admin() -> KeycloakAdmin:
    config = toolkit.config
    return KeycloakAdmin(
        connection=KeycloakOpenIDConnection(
            server_url=config["ckanext.dgatier.directory.url"],
            realm_name=config["ckanext.dgatier.directory.realm"],
            client_id=config["ckanext.dgatier.directory.client_id"],
            client_secret_key=config["ckanext.dgatier.directory.client_secret"],
            timeout=10,
        )
    )
