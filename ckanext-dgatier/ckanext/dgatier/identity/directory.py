"""Reads the people of the realm through Keycloak's administration, by python-keycloak."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from ckan.plugins import toolkit
from keycloak import KeycloakAdmin, KeycloakOpenIDConnection, urls_patterns
from keycloak.exceptions import KeycloakGetError, raise_error_from_response

_kept = threading.local()
_OF_PROGRAMS = "service-account-"
_CLAIMS = ("agency", "ial", "clearance", "accredited", "citizen_id")


def is_configured() -> bool:
    """Say whether the portal may ask about people apart from their sign-in."""
    return bool(toolkit.config["ckanext.dgatier.directory.url"])


def people() -> Iterator[dict[str, Any]]:
    """Yield the claims of each person of the realm, as a sign-in would bring them."""
    admin = _admin()
    for user in admin.get_users({"enabled": True}):
        if not user["username"].startswith(_OF_PROGRAMS):
            yield _claims(admin, user)


def claims_of(subject: str) -> dict[str, Any] | None:
    """Return what a sign-in would say now of an account, `None` where it is gone or disabled.

    Three calls: the account, its roles, its organisations. Raises `KeycloakError` or
    `requests.RequestException` where the provider does not answer.
    """
    admin = _admin_of_this_thread()
    try:
        user = admin.get_user(subject)
    except KeycloakGetError as error:
        if error.response_code == requests.codes.not_found:
            return None
        raise
    return _claims(admin, user) if user["enabled"] else None


def claims_named(username: str) -> dict[str, Any] | None:
    """Return what a sign-in would say now of the account of a name, `None` where there is none.

    Raises as `claims_of` does.
    """
    admin = _admin_of_this_thread()
    for user in admin.get_users({"username": username, "exact": True}):
        if user["enabled"] and not user["username"].startswith(_OF_PROGRAMS):
            return _claims(admin, user)
    return None


def _claims(admin: KeycloakAdmin, user: Mapping[str, Any]) -> dict[str, Any]:
    attributes = user.get("attributes", {})
    roles = admin.get_composite_realm_roles_of_user(user["id"])
    organisations = _organisations(admin, user["id"])
    return {
        "sub": user["id"],
        "preferred_username": user["username"],
        "email": user.get("email"),
        "name": f"{user.get('firstName', '')} {user.get('lastName', '')}".strip(),
        "roles": [role["name"] for role in roles],
        "organization": [one["alias"] for one in organisations],
        "companies": {one["alias"]: one.get("attributes", {}) for one in organisations},
        **{name: attributes[name][0] for name in _CLAIMS if attributes.get(name)},
    }


def _organisations(admin: KeycloakAdmin, user_id: str) -> list[dict[str, Any]]:
    """Return the enabled organisations of an account with their attributes.

    The library asks for them in brief, which leaves the attributes out.
    """
    path = urls_patterns.URL_ADMIN_USER_ORGANIZATIONS.format(
        **{"realm-name": admin.connection.realm_name, "user_id": user_id}
    )
    answer = admin.connection.raw_get(path, briefRepresentation="false")
    found: Any = raise_error_from_response(answer, KeycloakGetError)
    return [one for one in found if one["enabled"]]


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
