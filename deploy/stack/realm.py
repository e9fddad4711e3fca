"""Fills the realm's template with the people, secrets and addresses of one instance."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

_CLAIMS = ("agency", "organisation", "ial", "clearance", "accredited")


def render(
    template: Mapping[str, Any],
    people: Mapping[str, Any],
    secrets: Mapping[str, Any],
    portal_url: str,
) -> dict[str, Any]:
    """Return the realm for Keycloak's import.

    `people` is `identity/people.toml`; `secrets` holds `portal_client`, `directory_client` and
    `people.<name>.password | totp_secret` (base32).
    """
    realm = copy.deepcopy(dict(template))
    portal, directory = realm["clients"]
    portal["secret"] = secrets["portal_client"]
    portal["rootUrl"] = portal_url
    portal["redirectUris"] = [portal_url + path for path in portal["redirectUris"]]
    portal["attributes"]["post.logout.redirect.uris"] = f"{portal_url}/*"
    directory["secret"] = secrets["directory_client"]
    realm["users"] = [
        _person(name, person, secrets["people"][name]) for name, person in people.items()
    ] + [
        {
            "username": "service-account-dgatier-directory",
            "enabled": True,
            "serviceAccountClientId": "dgatier-directory",
            "clientRoles": {"realm-management": ["view-users", "query-users"]},
        }
    ]
    return realm


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
