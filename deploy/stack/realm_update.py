"""Brings realms that were made earlier up to date with `identity/`.

People keep their `sub`, their credentials and what an administrator gave them; added is what has
come since, and what is ours (clients, the digital-ID provider) becomes as it is written.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from keycloak import KeycloakAdmin

from . import render
from .settings import Settings


def run(settings: Settings, secrets: Mapping[str, Any]) -> None:
    """Update both realms of an instance whose Keycloak is running."""
    digital_id = render.digital_id_realm(settings, secrets)
    admin = _admin(settings, secrets, "master")
    if digital_id["realm"] not in {one["realm"] for one in admin.get_realms()}:
        admin.create_realm(digital_id)
    for wanted in (digital_id, render.the_realm(settings, secrets)):
        # A new connection each: a token does not hold for a realm that was made after it.
        update(_admin(settings, secrets, wanted["realm"]), wanted)


def _admin(settings: Settings, secrets: Mapping[str, Any], name: str) -> KeycloakAdmin:
    return KeycloakAdmin(
        server_url=settings.url("keycloak"),
        username="keycloak-admin",
        password=secrets["keycloak_admin"],
        realm_name=name,
        user_realm_name="master",
    )


def update(admin: KeycloakAdmin, wanted: Mapping[str, Any]) -> None:
    """Bring the realm that `admin` speaks of up to what is wanted."""
    name = wanted["realm"]
    organisations = wanted.get("organizations", [])
    if organisations and not admin.get_realm(name).get("organizationsEnabled"):
        admin.update_realm(name, {"organizationsEnabled": True})
    services = [one for one in wanted["users"] if "serviceAccountClientId" in one]
    admin.partial_import_realm(
        name,
        {
            "ifResourceExists": "SKIP",
            "roles": wanted.get("roles", {}),
            "clients": wanted["clients"],
            "users": services,
        },
    )
    for client in wanted["clients"]:
        _update_client(admin, client)
    for service in services:
        _give_roles(admin, service)
    _update_profile(admin, wanted)
    _add_flows(admin, wanted)
    _update_providers(admin, wanted)
    _add_organisations(admin, organisations)
    _join_identities(admin, wanted["users"])
    _add_to_people(admin, wanted["users"])


def _update_profile(admin: KeycloakAdmin, wanted: Mapping[str, Any]) -> None:
    """Let accounts have the attributes that ours have."""
    (provider,) = wanted["components"]["org.keycloak.userprofile.UserProfileProvider"]
    (profile,) = provider["config"]["kc.user.profile.config"]
    admin.update_realm_users_profile(json.loads(profile))


def _update_client(admin: KeycloakAdmin, wanted: Mapping[str, Any]) -> None:
    client_id = str(admin.get_client_id(wanted["clientId"]))
    there = admin.get_client(client_id)
    attributes = {**there.get("attributes", {}), **wanted.get("attributes", {})}
    admin.update_client(client_id, {**there, **wanted, "attributes": attributes})
    mappers = {one["name"]: one for one in wanted.get("protocolMappers", [])}
    for one in admin.get_mappers_from_client(client_id):
        mapper = mappers.pop(one["name"], None)
        if mapper is None:
            admin.remove_client_mapper(client_id, one["id"])
        else:
            admin.update_client_mapper(client_id, one["id"], {**one, **mapper})
    for mapper in mappers.values():
        admin.add_mapper_to_client(client_id, mapper)
    scopes = {one["name"]: one["id"] for one in admin.get_client_scopes()}
    for scope in set(wanted.get("defaultClientScopes", [])) - set(there["defaultClientScopes"]):
        if scope in there["optionalClientScopes"]:  # it is the one or the other
            admin.delete_client_optional_client_scope(client_id, scopes[scope])
        admin.add_client_default_client_scope(client_id, scopes[scope], {})
    for scope in set(wanted.get("optionalClientScopes", [])) - set(there["optionalClientScopes"]):
        admin.add_client_optional_client_scope(client_id, scopes[scope], {})


def _give_roles(admin: KeycloakAdmin, service: Mapping[str, Any]) -> None:
    user_id = str(admin.get_user_id(service["username"]))
    for client, names in service.get("clientRoles", {}).items():
        client_id = str(admin.get_client_id(client))
        roles = [admin.get_client_role(client_id, name) for name in names]
        admin.assign_client_role(user_id, client_id, roles)


def _add_flows(admin: KeycloakAdmin, wanted: Mapping[str, Any]) -> None:
    flows = {one["alias"]: one for one in wanted.get("authenticationFlows", [])}
    configs = {one["alias"]: one for one in wanted.get("authenticatorConfig", [])}
    there = {one["alias"] for one in admin.get_authentication_flows()}
    for flow in flows.values():
        if flow["topLevel"] and flow["alias"] not in there:
            admin.create_authentication_flow({**flow, "authenticationExecutions": []})
            _add_executions(admin, flow, flows, configs)


def _add_executions(
    admin: KeycloakAdmin,
    flow: Mapping[str, Any],
    flows: Mapping[str, Any],
    configs: Mapping[str, Any],
) -> None:
    for one in flow["authenticationExecutions"]:
        if one["authenticatorFlow"]:
            below = flows[one["flowAlias"]]
            admin.create_authentication_flow_subflow(
                {name: below[name] for name in ("alias", "description")}
                | {"type": below["providerId"]},
                flow["alias"],
            )
        else:
            admin.create_authentication_flow_execution(
                {"provider": one["authenticator"]}, flow["alias"]
            )
        made = [e for e in admin.get_authentication_flow_executions(flow["alias"])
                if e["level"] == 0][-1]  # fmt: skip
        admin.update_authentication_flow_executions(
            {**made, "requirement": one["requirement"], "priority": one["priority"]},
            flow["alias"],
        )
        if one["authenticatorFlow"]:
            _add_executions(admin, below, flows, configs)
        elif one.get("authenticatorConfig"):
            config = configs[one["authenticatorConfig"]]
            admin.create_execution_config(made["id"], config)


def _update_providers(admin: KeycloakAdmin, wanted: Mapping[str, Any]) -> None:
    there = {one["alias"] for one in admin.get_idps()}
    for provider in wanted.get("identityProviders", []):
        alias = provider["alias"]
        if alias in there:
            admin.update_idp(alias, provider)
        else:
            admin.create_idp(provider)
        known = {one["name"]: one["id"] for one in admin.get_idp_mappers(alias)}
        for mapper in wanted["identityProviderMappers"]:
            if mapper["name"] in known:
                mapper_id = known[mapper["name"]]
                admin.update_mapper_in_idp(alias, mapper_id, {**mapper, "id": mapper_id})
            else:
                admin.add_mapper_to_idp(alias, mapper)


def _add_organisations(admin: KeycloakAdmin, wanted: list[dict[str, Any]]) -> None:
    there = {one["alias"]: one["id"] for one in admin.get_organizations()} if wanted else {}
    for organisation in wanted:
        if organisation["alias"] in there:
            _add_attributes(admin, there[organisation["alias"]], organisation["attributes"])
            continue
        made = admin.create_organization({**organisation, "members": []})
        for member in organisation["members"]:
            user_id = admin.get_user_id(member["username"])
            if made and user_id:
                admin.organization_user_add(user_id, made)


def _add_to_people(admin: KeycloakAdmin, people: list[dict[str, Any]]) -> None:
    """Give people the attributes that have come since; what they have stays."""
    for person in people:
        user_id = admin.get_user_id(person["username"]) if "attributes" in person else None
        if not user_id:
            continue
        account = admin.get_user(user_id)
        known = account.get("attributes", {})
        if not person["attributes"].keys() <= known.keys():
            attributes = {**person["attributes"], **known}
            admin.update_user(user_id, {**account, "attributes": attributes})


def _add_attributes(
    admin: KeycloakAdmin, organisation_id: str, wanted: Mapping[str, list[str]]
) -> None:
    organisation = admin.get_organization(organisation_id)
    known = organisation.get("attributes", {})
    if not wanted.keys() <= known.keys():
        attributes = {**wanted, **known}
        admin.update_organization(organisation_id, {**organisation, "attributes": attributes})


def _join_identities(admin: KeycloakAdmin, people: list[dict[str, Any]]) -> None:
    for person in people:
        user_id = admin.get_user_id(person["username"]) if "federatedIdentities" in person else None
        if user_id and not admin.get_user_social_logins(user_id):
            for one in person["federatedIdentities"]:
                admin.add_user_social_login(
                    user_id, one["identityProvider"], one["userId"], one["userName"]
                )
