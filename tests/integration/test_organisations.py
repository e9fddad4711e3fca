"""Companies and institutes, and a person's standing while a session or a token is in use."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from keycloak import KeycloakAdmin

from instance import REGISTER, Instance

_SECONDS = 5


class Reader:
    """A person who reads, by a session that lasts and by an API token."""

    def __init__(self, instance: Instance, name: str) -> None:
        self._instance = instance
        self._browser = instance.browse(name, aal=2)
        self._token = {"Authorization": instance.person(name)["api_token"]}

    def answers(self, dataset: str = REGISTER) -> list[dict[str, Any]]:
        address = f"{self._instance.url}/api/3/action/dgatier_access_show?id={dataset}"
        answers = [
            self._browser.get(address, timeout=30),
            requests.get(address, headers=self._token, timeout=30),
        ]
        return [one.json()["result"] for one in answers]

    def come_to(self, tier: str, dataset: str = REGISTER) -> list[dict[str, Any]]:
        """Return the answers once both ways give this tier, which they do within five seconds."""
        begun = time.monotonic()
        while True:
            answers = self.answers(dataset)
            if all(one["tier"] == tier for one in answers):
                return answers
            tiers = [one["tier"] for one in answers]
            assert time.monotonic() - begun < _SECONDS, f"still {tiers}, and not {tier}"
            time.sleep(0.2)


def _codes(answer: dict[str, Any]) -> set[str]:
    return {one["code"] for one in answer["reasons"]}


@pytest.fixture(scope="module")
def malee(instance: Instance) -> Reader:
    return Reader(instance, "malee")


@pytest.fixture
def grant(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a grant of masked rows that malee was given while she acted for her company."""
    request = instance.portal("malee").action.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:CommercialResearch", days=30,
        justification="Which provinces our shops should come to.",
    )  # fmt: skip
    suda = instance.portal("suda").action
    suda.dgatier_request_decide(id=request["id"], decision="approve")
    made = next(
        one
        for one in instance.portal("malee").action.dgatier_grant_list(state="active")
        if one["request_id"] == request["id"]
    )
    yield made
    suda.dgatier_grant_revoke(id=made["id"], reason="the test is over")


@pytest.fixture
def membership(keycloak: KeycloakAdmin) -> Iterator[Callable[[bool], None]]:
    """Return what lets malee leave her company, or join it again."""
    person = str(keycloak.get_user_id("malee"))
    company = next(
        one["id"] for one in keycloak.get_organizations() if one["alias"] == "siam-trading"
    )

    def belong(joined: bool) -> None:
        if joined:
            keycloak.organization_user_add(person, company)
        else:
            keycloak.organization_user_remove(person, company)

    yield belong
    if not keycloak.get_user_organizations(person):
        belong(True)
        time.sleep(3)  # until the portal has heard: what is asked for before is bound to nothing


def test_a_grant_for_a_company_ends_at_once_with_the_membership_and_comes_back_with_it(
    malee: Reader, grant: dict[str, Any], membership: Callable[[bool], None]
) -> None:
    assert grant["organisation"] == "siam-trading"
    malee.come_to("masked")
    membership(False)
    for answer in malee.come_to("summary"):
        assert "left_organisation" in _codes(answer)
    membership(True)
    for answer in malee.come_to("masked"):
        assert "left_organisation" not in _codes(answer)


def test_a_grant_of_someone_without_an_organisation_is_bound_to_none(
    instance: Instance, membership: Callable[[bool], None], malee: Reader
) -> None:
    membership(False)
    time.sleep(3)
    request = instance.portal("malee").action.dgatier_request_create(
        id=REGISTER, tier="masked", purpose="dpv:CommercialResearch", days=30,
        justification="For myself.", submit=False,
    )  # fmt: skip
    assert request["organisation"] is None


def test_a_company_that_is_closed_is_nobodys(
    malee: Reader, grant: dict[str, Any], keycloak: KeycloakAdmin
) -> None:
    company = next(one for one in keycloak.get_organizations() if one["alias"] == "siam-trading")
    whole = keycloak.get_organization(company["id"])
    malee.come_to("masked")
    keycloak.update_organization(company["id"], {**whole, "enabled": False})
    try:
        malee.come_to("summary")
    finally:
        keycloak.update_organization(company["id"], {**whole, "enabled": True})
    malee.come_to("masked")


def _change_malees(
    keycloak: KeycloakAdmin, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    person = str(keycloak.get_user_id("malee"))
    there = keycloak.get_user(person)
    keycloak.update_user(person, {**there, "attributes": change(there["attributes"])})


def test_a_lower_identity_level_holds_back_within_seconds(
    malee: Reader, grant: dict[str, Any], keycloak: KeycloakAdmin
) -> None:
    malee.come_to("masked")
    _change_malees(keycloak, lambda attributes: {**attributes, "ial": ["1.1"]})
    try:
        for answer in malee.come_to("summary"):
            assert {one["action"] for one in answer["next_steps"]} >= {"prove_identity"}
    finally:
        _change_malees(keycloak, lambda attributes: {**attributes, "ial": ["2.1"]})
    malee.come_to("masked")


def test_a_role_and_an_agency_that_are_taken_away_are_gone_within_seconds(
    instance: Instance, keycloak: KeycloakAdmin
) -> None:
    """They come back too, and CKAN's own membership of the agency goes with them."""
    suda = Reader(instance, "suda")
    person = str(keycloak.get_user_id("suda"))
    there = keycloak.get_user(person)
    suda.come_to("masked")

    def capacities() -> set[str]:
        shown = instance.portal("admin").action.organization_show(id="fpo", include_users=True)
        return {one["capacity"] for one in shown["users"] if one["name"] == "suda"}

    assert capacities() == {"editor"}
    elsewhere = {**there["attributes"], "agency": ["excise-dept"]}
    keycloak.update_user(person, {**there, "attributes": elsewhere})
    try:
        suda.come_to("summary")
        assert capacities() == set()
    finally:
        keycloak.update_user(person, there)
    suda.come_to("masked")
    assert capacities() == {"editor"}
    role = keycloak.get_realm_role("official")
    keycloak.delete_realm_roles_of_user(person, [role])
    try:
        suda.come_to("summary")
    finally:
        keycloak.assign_realm_roles(person, [role])
    suda.come_to("masked")
