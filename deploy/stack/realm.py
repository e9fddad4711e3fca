"""Fills the realm's template with the people, secrets and addresses of one instance."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from keycloak import KeycloakAdmin

from .settings import Settings

_CLAIMS = ("agency", "organisation", "ial", "clearance", "accredited")


def render(
    template: Mapping[str, Any],
    people: Mapping[str, Any],
    secrets: Mapping[str, Any],
    portal_url: str,
) -> dict[str, Any]:
    """Return the realm for Keycloak's import.

    `people` is `identity/people.toml`; `secrets` holds `portal_client`, `directory_client`,
    `exchange_client` and `people.<name>.password | totp_secret` (base32).
    """
    realm = copy.deepcopy(dict(template))
    portal, directory, exchange = realm["clients"]
    portal["secret"] = secrets["portal_client"]
    portal["rootUrl"] = portal_url
    portal["redirectUris"] = [portal_url + path for path in portal["redirectUris"]]
    portal["attributes"]["post.logout.redirect.uris"] = f"{portal_url}/*"
    directory["secret"] = secrets["directory_client"]
    exchange["secret"] = secrets["exchange_client"]
    realm["users"] = [
        _person(name, person, secrets["people"][name]) for name, person in people.items()
    ] + [
        {
            "username": "service-account-dgatier-directory",
            "enabled": True,
            "serviceAccountClientId": "dgatier-directory",
            "clientRoles": {"realm-management": ["view-users", "query-users"]},
        },
        {
            "username": "service-account-dgatier-exchange",
            "enabled": True,
            "serviceAccountClientId": "dgatier-exchange",
            "realmRoles": ["pep"],
        },
    ]
    return realm


def add_missing(
    settings: Settings, secrets: Mapping[str, Any], rendered: Mapping[str, Any]
) -> None:
    """Add roles, clients and their accounts that a realm made earlier does not have yet.

    What is there stays as it is: people keep their `sub`, and what an administrator changed holds.
    """
    admin = KeycloakAdmin(
        server_url=settings.url("keycloak"),
        username="keycloak-admin",
        password=secrets["keycloak_admin"],
        realm_name=rendered["realm"],
        user_realm_name="master",
    )
    admin.partial_import_realm(
        rendered["realm"],
        {
            "ifResourceExists": "SKIP",
            "roles": rendered["roles"],
            "clients": rendered["clients"],
            "users": [one for one in rendered["users"] if "serviceAccountClientId" in one],
        },
    )


def _person(name: str, person: Mapping[str, Any], secret: Mapping[str, str]) -> dict[str, Any]:
    first, _, last = person["name"].partition(" ")
    return {
        "username": name,
        "enabled": True,
        "email": f"{name}@example.org",
        "emailVerified": True,
        "firstName": first,
        "lastName": last or first,
        "realmRoles": person["roles"],
        "attributes": {claim: [person[claim]] for claim in _CLAIMS if claim in person},
        "credentials": [
            {"type": "password", "value": secret["password"], "temporary": False},
            _one_time_code(secret["totp_secret"]),
        ],
    }


def _one_time_code(secret: str) -> dict[str, Any]:
    """Return a TOTP credential (RFC 6238), its secret in base32."""
    return {
        "type": "otp",
        "userLabel": "authenticator",
        "secretData": json.dumps({"value": secret}),
        "credentialData": json.dumps(
            {
                "subType": "totp",
                "digits": 6,
                "period": 30,
                "algorithm": "HmacSHA1",
                "counter": 0,
                "secretEncoding": "BASE32",
            }
        ),
    }
