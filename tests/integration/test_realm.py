"""A realm that was made earlier becomes what a fresh one is, and its people stay who they are."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from keycloak import KeycloakAdmin

from instance import Instance
from stack import realm_update, render
from stack.settings import Settings

_PARTS_OF_A_CLIENT = (
    "redirectUris", "protocolMappers", "serviceAccountsEnabled", "name",
)  # fmt: skip

Administration = Callable[[str], KeycloakAdmin]


def _wanted(name: str) -> dict[str, Any]:
    settings = Settings.load()
    return {**render.the_realm(settings, settings.secrets()), "realm": name}


def _as_it_was(name: str) -> dict[str, Any]:
    """Return the realm before organisations, the digital ID and back-channel logout."""
    realm = copy.deepcopy(_wanted(name))
    for part in ("organizations", "identityProviders", "identityProviderMappers"):
        del realm[part]
    realm["organizationsEnabled"] = False
    new = "dgatier after the digital ID"
    realm["authenticationFlows"] = [
        one for one in realm["authenticationFlows"]
        if one["alias"] != new and "digital ID" not in one["alias"]
    ]  # fmt: skip
    realm["authenticatorConfig"] = [
        one for one in realm["authenticatorConfig"] if "digital ID" not in one["alias"]
    ]
    for person in realm["users"]:
        person.pop("federatedIdentities", None)
    portal, directory, _exchange = realm["clients"]
    del portal["attributes"]["backchannel.logout.url"]
    portal["optionalClientScopes"] = []
    portal["protocolMappers"].append({**portal["protocolMappers"][1], "name": "organisation"})
    directory["name"] = "an older name"
    realm["users"][-2]["clientRoles"] = {"realm-management": ["view-users"]}
    realm["clients"] = [portal, directory]
    realm["users"] = [one for one in realm["users"] if "exchange" not in one["username"]]
    return realm


@pytest.fixture(scope="module")
def realms(instance: Instance, realm: Administration) -> Iterator[tuple[str, str]]:
    """Return a realm that is fresh, and one that was made earlier."""
    fresh, earlier = "dgatier-fresh", "dgatier-earlier"
    master = realm("master")
    for name in {fresh, earlier} & {one["realm"] for one in master.get_realms()}:
        master.delete_realm(name)
    master.create_realm(_wanted(fresh))
    master.create_realm(_as_it_was(earlier))
    yield fresh, earlier
    for name in (fresh, earlier):
        realm("master").delete_realm(name)


def _without_ids(shape: Any) -> Any:
    if isinstance(shape, dict):
        return {
            name: _without_ids(value)
            for name, value in shape.items()
            if name not in ("id", "authenticationConfig") and not name.endswith("Id")
        }
    if isinstance(shape, list):
        return sorted((_without_ids(one) for one in shape), key=repr)
    return shape


def _what_is_ours(admin: KeycloakAdmin) -> dict[str, Any]:
    clients = {}
    for wanted in _wanted("x")["clients"]:
        one = admin.get_client(str(admin.get_client_id(wanted["clientId"])))
        # An import sets attributes and scopes of its own; compared are those that we write.
        written = {**wanted.get("attributes", {}), "backchannel.logout.url": ""}
        attributes = {name: one["attributes"].get(name) for name in written}
        clients[wanted["clientId"]] = {
            **{part: one.get(part) for part in _PARTS_OF_A_CLIENT},
            "attributes": attributes,
            "scopes": {
                kind: set(wanted.get(kind, [])) - set(one[kind])
                for kind in ("defaultClientScopes", "optionalClientScopes")
            },
        }
    flows = [one for one in admin.get_authentication_flows() if not one["builtIn"]]
    idps = admin.get_idps()
    roles = str(admin.get_client_id("realm-management"))
    reader = str(admin.get_user_id("service-account-dgatier-directory"))
    found = {
        "enabled": admin.get_realm(admin.get_current_realm())["organizationsEnabled"],
        "clients": clients,
        "flows": {
            one["alias"]: admin.get_authentication_flow_executions(one["alias"]) for one in flows
        },
        "providers": idps,
        "mappers": [admin.get_idp_mappers(one["alias"]) for one in idps],
        "organisations": {
            one["alias"]: [
                member["username"] for member in admin.get_organization_members(one["id"])
            ]
            for one in admin.get_organizations()
        },
        "reader": [one["name"] for one in admin.get_client_roles_of_user(reader, roles)],
        "roles": [one["name"] for one in admin.get_realm_roles() if "default" not in one["name"]],
        "digital id of somchai": admin.get_user_social_logins(
            str(admin.get_user_id("somchai"))
        ),
    }  # fmt: skip
    return dict(_without_ids(found))


def test_a_realm_made_earlier_becomes_what_a_fresh_one_is(
    realm: Administration, realms: tuple[str, str]
) -> None:
    fresh, earlier = realms
    wanted = _what_is_ours(realm(fresh))
    people = {one["username"]: one["id"] for one in realm(earlier).get_users()}
    for _time in range(2):  # done again, it changes nothing
        realm_update.update(realm(earlier), _wanted(earlier))
        found = _what_is_ours(realm(earlier))
        for part, is_now in found.items():
            assert is_now == wanted[part], part
    still = {one["username"]: one["id"] for one in realm(earlier).get_users()}
    assert people.items() <= still.items()


def test_a_fresh_realm_has_its_members_and_its_digital_id(
    realm: Administration, realms: tuple[str, str]
) -> None:
    found = _what_is_ours(realm(realms[0]))
    assert found["organisations"] == {
        "siam-trading": ["malee"], "thai-research-institute": ["nari"],
    }  # fmt: skip
    assert len(found["providers"]) == 1
    assert found["digital id of somchai"]
    assert "dgatier after the digital ID" in found["flows"]
