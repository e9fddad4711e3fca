"""Who can see what, before it is changed: the simulation agrees with what people really have."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from ckanapi import NotAuthorized, NotFound, ValidationError

from instance import REGISTER, Instance


def _tiers(found: dict[str, Any], when: str = "tiers") -> dict[str | None, list[str]]:
    return {person["name"]: person[when] for person in found["people"]}


def test_the_matrix_is_what_people_have(instance: Instance) -> None:
    found = instance.portal("suda").action.dgatier_policy_simulate(id=REGISTER)
    tiers = _tiers(found)
    for name in (None, "somchai", "malee", "prasit", "suda", "admin", "anan"):
        really = instance.portal(name).action.dgatier_access_show(id=REGISTER)["tier"]
        assert tiers[name] == [really], name
    assert found["changes"] == 0
    assert sum(count["now"] for count in found["counts"].values()) == len(found["people"])


def test_another_level_would_change_who_has_what(instance: Instance) -> None:
    suda = instance.portal("suda").action
    found = suda.dgatier_policy_simulate(id=REGISTER, level="secret")
    assert found["datasets"][0]["level_then"] == "secret"
    then = _tiers(found, "tiers_then")
    assert (then[None], then["somchai"], then["suda"]) == (["none"], ["none"], ["discover"])
    assert found["changes"] >= 6
    opened = _tiers(suda.dgatier_policy_simulate(id=REGISTER, level="open"), "tiers_then")
    assert set(map(tuple, opened.values())) == {("full",)}
    assert suda.dgatier_access_show(id=REGISTER)["level"] == "confidential"


def test_stricter_rules_of_the_agency_are_weighed_and_looser_count_for_nothing(
    instance: Instance,
) -> None:
    suda = instance.portal("suda").action
    stricter = {"confidential": {"without_asking": {"signed_in": "discover"}}}
    found = suda.dgatier_policy_simulate(id=REGISTER, rules=stricter)
    assert _tiers(found)["somchai"] == ["summary"]
    assert _tiers(found, "tiers_then")["somchai"] == ["discover"]
    looser = {"confidential": {"without_asking": {"everyone": "full"}}}
    assert suda.dgatier_policy_simulate(id=REGISTER, rules=looser)["changes"] == 0
    senseless = {"confidential": 7}
    closed = _tiers(suda.dgatier_policy_simulate(id=REGISTER, rules=senseless), "tiers_then")
    assert set(map(tuple, closed.values())) == {("none",)}


def test_all_data_of_the_agency_at_once(instance: Instance) -> None:
    found = instance.portal("suda").action.dgatier_policy_simulate()
    assert len(found["datasets"]) >= 5
    assert all(len(person["tiers"]) == len(found["datasets"]) for person in found["people"])


@pytest.mark.parametrize("name", [None, "somchai", "nari", "prasit", "anan", "admin"])
def test_only_stewards_of_the_agency_simulate(instance: Instance, name: str | None) -> None:
    with pytest.raises((NotAuthorized, NotFound)):
        instance.portal(name).action.dgatier_policy_simulate(id=REGISTER)


@pytest.mark.parametrize(
    "wrong", [{"level": "public"}, {"rules": "none"}, {"rules": {"public": {}}}, {"rules": [1]}]
)
def test_a_proposal_that_cannot_be_read_is_refused(
    instance: Instance, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError) as refused:
        instance.portal("suda").action.dgatier_policy_simulate(id=REGISTER, **wrong)
    assert next(iter(wrong)) in refused.value.error_dict


def test_the_page_shows_it_to_the_steward_only(instance: Instance) -> None:
    url = f"{instance.url}/en/steward/outlook/{REGISTER}?level=secret"
    page = instance.browse("suda").get(url, timeout=30)
    assert page.status_code == 200
    assert "people would have another tier" in page.text
    assert instance.browse("somchai", aal=1).get(url, timeout=30).status_code == 403
    assert requests.get(url, timeout=30, allow_redirects=False).status_code == 302


def test_the_matrix_of_the_agency_shows_what_another_level_or_other_rules_would_change(
    instance: Instance,
) -> None:
    url = f"{instance.url}/en/steward/outlook"
    suda = instance.browse("suda")
    as_it_is = suda.get(url, timeout=60).text
    assert REGISTER in as_it_is
    assert "now:" not in as_it_is
    assert "now: Summary" in suda.get(f"{url}?level=internal", timeout=60).text
    stricter = '{"confidential": {"without_asking": {"signed_in": "discover"}}}'
    assert "now: Summary" in suda.get(url, params={"rules": stricter}, timeout=60).text
    wrong = suda.get(url, params={"rules": "{not json"}, timeout=60)
    assert wrong.status_code == 200
    assert "Rules are a JSON object" in wrong.text
    assert "{not json" in wrong.text
    assert instance.browse("somchai", aal=1).get(url, timeout=60).status_code == 403
    assert requests.get(url, timeout=60, allow_redirects=False).status_code == 302
