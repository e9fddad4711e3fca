"""Fills the realms' templates with the people, secrets and addresses of one instance."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

DIGITAL_ID = "digital-id"

_CLAIMS = ("agency", "ial", "clearance", "accredited", "citizen_id")
_DIGITAL_ID_USERS = uuid.uuid5(uuid.NAMESPACE_DNS, "people.digital-id.example")
#: What the account that reads the realm's people may do in its administration.
DIRECTORY_ROLES = ("view-users", "query-users", "view-organizations")


@dataclass(frozen=True)
class Addresses:
    """Where the portal and Keycloak are for browsers, and the portal for Keycloak itself."""

    portal: str
    portal_from_keycloak: str
    keycloak: str


def render(
    template: Mapping[str, Any],
    people: Mapping[str, Any],
    organisations: Mapping[str, Any],
    secrets: Mapping[str, Any],
    addresses: Addresses,
) -> dict[str, Any]:
    """Return the portal's realm for Keycloak's import.

    `people` is `identity/people.toml`, `organisations` `identity/organisations.toml`; `secrets`
    holds `portal_client`, `directory_client`, `exchange_client`, `digital_id_client` and
    `people.<name>.password | totp_secret` (base32).
    """
    realm = copy.deepcopy(dict(template))
    portal, directory, exchange = realm["clients"]
    portal["secret"] = secrets["portal_client"]
    portal["rootUrl"] = addresses.portal
    portal["redirectUris"] = [addresses.portal + path for path in portal["redirectUris"]]
    portal["attributes"]["post.logout.redirect.uris"] = f"{addresses.portal}/*"
    portal["attributes"]["backchannel.logout.url"] = (
        addresses.portal_from_keycloak + portal["attributes"]["backchannel.logout.url"]
    )
    directory["secret"] = secrets["directory_client"]
    exchange["secret"] = secrets["exchange_client"]
    (digital_id,) = realm["identityProviders"]
    digital_id["config"] = {
        name: addresses.keycloak + value if value.startswith("/") else value
        for name, value in digital_id["config"].items()
    } | {"clientSecret": secrets["digital_id_client"]}
    realm["organizations"] = [
        _organisation(alias, one, people) for alias, one in organisations.items()
    ]
    realm["users"] = [
        _person(name, person, secrets["people"][name]) for name, person in people.items()
    ] + [
        {
            "username": "service-account-dgatier-directory",
            "enabled": True,
            "serviceAccountClientId": "dgatier-directory",
            "clientRoles": {"realm-management": list(DIRECTORY_ROLES)},
        },
        {
            "username": "service-account-dgatier-exchange",
            "enabled": True,
            "serviceAccountClientId": "dgatier-exchange",
            "realmRoles": ["pep"],
        },
    ]
    return realm


def render_digital_id(
    template: Mapping[str, Any],
    people: Mapping[str, Any],
    secrets: Mapping[str, Any],
    addresses: Addresses,
) -> dict[str, Any]:
    """Return the realm that plays the citizens' digital-ID provider.

    `people` is `identity/digital-id-people.toml`; `secrets` holds `digital_id_client` and
    `digital_id_people.<name>.password`.
    """
    realm = copy.deepcopy(dict(template))
    (broker,) = realm["clients"]
    broker["secret"] = secrets["digital_id_client"]
    broker["redirectUris"] = [addresses.keycloak + path for path in broker["redirectUris"]]
    returning = broker["attributes"]["post.logout.redirect.uris"]
    broker["attributes"]["post.logout.redirect.uris"] = addresses.keycloak + returning
    realm["users"] = [
        {
            "id": digital_id_of(name),
            **_account(name, person, secrets["digital_id_people"][name]),
            "attributes": _attributes(person),
        }
        for name, person in people.items()
    ]
    return realm


def digital_id_of(name: str) -> str:
    """Return the `sub` by which the digital-ID provider knows one of its people."""
    return str(uuid.uuid5(_DIGITAL_ID_USERS, name))


def _organisation(
    alias: str, organisation: Mapping[str, Any], people: Mapping[str, Any]
) -> dict[str, Any]:
    members = [name for name, one in people.items() if one.get("organisation") == alias]
    return {
        "name": organisation["name"],
        "alias": alias,
        "enabled": True,
        "domains": [{"name": organisation["domain"], "verified": False}],
        "attributes": {
            name: [organisation[name]] for name in ("juristic_id",) if name in organisation
        },
        "members": [{"username": name, "membershipType": "UNMANAGED"} for name in members],
    }


def _person(name: str, person: Mapping[str, Any], secret: Mapping[str, str]) -> dict[str, Any]:
    account = _account(name, person, secret)
    account["credentials"].append(_one_time_code(secret["totp_secret"]))
    if person.get("digital_id"):
        account["federatedIdentities"] = [
            {"identityProvider": DIGITAL_ID, "userId": digital_id_of(name), "userName": name}
        ]
    return {
        **account,
        "realmRoles": person["roles"],
        "attributes": _attributes(person),
    }


def _attributes(person: Mapping[str, Any]) -> dict[str, list[str]]:
    return {claim: [person[claim]] for claim in _CLAIMS if claim in person}


def _account(name: str, person: Mapping[str, Any], secret: Mapping[str, str]) -> dict[str, Any]:
    first, _, last = person["name"].partition(" ")
    return {
        "username": name,
        "enabled": True,
        "email": f"{name}@example.org",
        "emailVerified": True,
        "firstName": first,
        "lastName": last or first,
        "credentials": [{"type": "password", "value": secret["password"], "temporary": False}],
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
