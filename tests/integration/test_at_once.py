"""What a rule of the agency gives when a request is handed in, and what waits for a steward."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ckanapi import RemoteCKAN

from instance import REPOSITORY, Instance, ckan, open_dataset
from stack import bundle
from stack.settings import Settings

SETTINGS = Settings.load()
#: Internal data of the agency that has a rule in the demonstration.
FORECAST = "disbursement-forecast"
RULE = "research-on-internal-statistics"
PURPOSE = "dpv:AcademicResearch"
GROUND = "Section 9 of the Official Information Act."
_WORDS = "A study of how spending reaches the provinces."
_OVERRIDES = "dgatier/overrides/data.json"


@pytest.fixture
def nari(instance: Instance) -> RemoteCKAN:
    return instance.portal("nari")


@pytest.fixture
def suda(instance: Instance) -> RemoteCKAN:
    return instance.portal("suda")


@pytest.fixture
def ask() -> Iterator[Callable[..., dict[str, Any]]]:
    """Return what asks for a dataset; nothing that was asked for outlasts the test."""
    made = []

    def asking(who: RemoteCKAN, dataset: str, **changes: Any) -> dict[str, Any]:
        asked = {"tier": "masked", "days": 30, "purpose": PURPOSE, "justification": _WORDS}
        request = who.action.dgatier_request_create(id=dataset, **{**asked, **changes})
        made.append((who, request["id"]))
        return dict(request)

    yield asking
    for who, request_id in made:
        commands = who.action.dgatier_request_show(id=request_id)["commands"]
        if "close" in commands:
            who.action.dgatier_request_close(id=request_id, copies="none")
        elif "withdraw" in commands:
            who.action.dgatier_request_withdraw(id=request_id)


@pytest.fixture
def internal(suda: RemoteCKAN) -> Iterator[str]:
    """Return the id of a new internal dataset of the Fiscal Policy Office."""
    shape = {**open_dataset(), "classification_level": "internal", "level_ground": GROUND}
    package = suda.action.package_create(**{**shape, "resources": []})
    yield package["id"]
    suda.action.package_delete(id=package["id"])


@pytest.fixture
def rule_of_fpo(tmp_path: Any, nari: RemoteCKAN, internal: str) -> Iterator[Callable[[], None]]:
    """Put a rule of the Fiscal Policy Office in service; what is returned takes it away again."""
    source = tmp_path / "rego"
    shutil.copytree(bundle.SOURCE, source)
    written = json.loads((source / _OVERRIDES).read_text())
    written["at_once"] = {"fpo": written["at_once"]["comptroller-general"]}
    (source / _OVERRIDES).write_text(json.dumps(written))
    bundle.build(SETTINGS, source, tmp_path / "bundle.tar.gz", sign=True)

    def until(is_there: bool) -> None:
        deadline = time.monotonic() + 15
        while (_rule_for(nari, internal) is not None) is not is_there:
            assert time.monotonic() < deadline, bundle.status(SETTINGS)
            time.sleep(0.1)

    def take_away() -> None:
        bundle.publish(SETTINGS)
        bundle.wait_until_in_service(SETTINGS)
        until(False)

    bundle.offered(SETTINGS).write_bytes((tmp_path / "bundle.tar.gz").read_bytes())
    until(True)
    yield take_away
    take_away()


def _needs(who: RemoteCKAN, dataset: str, **changes: Any) -> dict[str, Any]:
    asked = {"tier": "masked", "days": 30, "purpose": PURPOSE, **changes}
    return dict(who.action.dgatier_request_requirements(id=dataset, **asked)["at_once"])


def _rule_for(who: RemoteCKAN, dataset: str) -> str | None:
    rule = _needs(who, dataset)["rule"]
    return rule and str(rule["name"])


def _tier(who: RemoteCKAN, dataset: str) -> str:
    return str(who.action.dgatier_access_show(id=dataset)["tier"])


def _told(who: RemoteCKAN, request_id: str) -> list[str]:
    found = who.action.dgatier_notice_list(limit=200)["results"]
    return [one["kind"] for one in found if one["payload"].get("request_id") == request_id]


def test_what_a_rule_covers_is_given_when_it_is_asked_for_and_usable_in_the_next_request(
    nari: RemoteCKAN, ask: Callable[..., dict[str, Any]]
) -> None:
    assert _tier(nari, FORECAST) == "discover"
    assert _rule_for(nari, FORECAST) == RULE
    request = ask(nari, FORECAST)
    assert (request["state"], request["rule"]["name"]) == ("approved", RULE)
    resource = nari.action.package_show(id=FORECAST)["resources"][0]["id"]
    rows = nari.action.dgatier_view_search(resource_id=resource, purpose=PURPOSE)
    assert rows["total"] == 77

    happened = [(one["type"], bool(one["rule"]), one["by"]) for one in request["history"]]
    assert [(kind, by) for kind, _rule, by in happened][2:] == [
        ("approval_given", None), ("approved", None), ("granted", None),
    ]  # fmt: skip
    assert [kind for kind, rule, _by in happened if rule] == ["approval_given", "approved"]
    (grant,) = [
        one
        for one in nari.action.dgatier_grant_list(dataset_id=FORECAST, limit=200)
        if one["request_id"] == request["id"]
    ]
    assert (grant["by_rule"], grant["level"], grant["tier"]) == (True, "internal", "masked")
    assert _told(nari, request["id"]) == ["request_approved"]
    assert ckan("dgatier", "rebuild", "--check") == "0 differences\n"


def test_the_audit_names_the_rule_and_the_decision_that_opa_has_logged(
    instance: Instance, nari: RemoteCKAN, ask: Callable[..., dict[str, Any]]
) -> None:
    request = ask(nari, FORECAST)
    found = instance.portal("anan").action.dgatier_audit_list(
        dataset_id=request["dataset_id"], limit=50
    )["results"]
    mine = [one for one in found if one["detail"].get("request_id") == request["id"]]
    by_action = {one["action"]: one for one in mine}
    assert by_action.keys() >= {
        "request_submitted", "request_approval_given", "request_approved", "grant_created",
    }  # fmt: skip
    detail = by_action["request_approved"]["detail"]
    assert detail["rule"] == RULE
    assert detail["decision_id"] == request["rule"]["decision_id"]
    deadline = time.monotonic() + 15
    while detail["decision_id"] not in (SETTINGS.log / "opa.log").read_text():
        assert time.monotonic() < deadline, "OPA's decision log does not have it"
        time.sleep(0.2)


def test_what_is_bound_to_a_part_of_the_data_is_given_alike(
    nari: RemoteCKAN, ask: Callable[..., dict[str, Any]]
) -> None:
    bound = {"provinces": ["น่าน"], "years": [], "columns": []}
    request = ask(nari, FORECAST, conditions=bound)
    assert (request["state"], request["given"]["conditions"]) == ("approved", bound)
    assert request["narrowed"] == []


def test_a_draft_that_is_handed_in_is_given_too(
    nari: RemoteCKAN, ask: Callable[..., dict[str, Any]]
) -> None:
    kept = ask(nari, FORECAST, submit=False)
    assert (kept["state"], kept["rule"]) == ("draft", None)
    assert nari.action.dgatier_request_submit(id=kept["id"])["state"] == "approved"


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        ("somchai", {}),
        ("prasit", {"tier": "full"}),
        ("nari", {"tier": "full"}),
        ("nari", {"days": 91}),
        ("nari", {"purpose": "dpv:CommercialResearch"}),
        ("nari", {"members": ["malee"]}),
    ],
)
def test_what_is_outside_of_the_rule_waits_for_a_steward(
    instance: Instance, who: str, changes: dict[str, Any], ask: Callable[..., dict[str, Any]]
) -> None:
    portal = instance.portal(who)
    before = _tier(portal, FORECAST)
    needed = _needs(portal, FORECAST, **changes)
    assert needed["rule"] is None
    assert needed["reasons"]
    request = ask(portal, FORECAST, **changes)
    assert (request["state"], request["rule"]) == ("submitted", None)
    assert _tier(portal, FORECAST) == before


def test_without_a_rule_everything_waits(
    nari: RemoteCKAN, internal: str, ask: Callable[..., dict[str, Any]]
) -> None:
    assert [one["code"] for one in _needs(nari, internal)["reasons"]] == ["no_rule_at_once"]
    assert ask(nari, internal)["state"] == "submitted"


def test_stewards_are_told_and_what_they_take_back_no_rule_gives_again(
    nari: RemoteCKAN,
    suda: RemoteCKAN,
    internal: str,
    rule_of_fpo: Callable[[], None],
    ask: Callable[..., dict[str, Any]],
) -> None:
    request = ask(nari, internal)
    assert request["state"] == "approved"
    assert _told(suda, request["id"]) == ["request_by_rule"]
    seen = suda.action.dgatier_request_show(id=request["id"])
    assert seen["rule"]["name"] == RULE
    assert "revoke" in seen["commands"]
    listed = suda.action.dgatier_request_list(queue=True, state="approved", limit=200)["results"]
    assert [one["by_rule"] for one in listed if one["id"] == request["id"]] == [True]
    (grant,) = nari.action.dgatier_grant_list(dataset_id=internal)
    suda.action.dgatier_grant_revoke(id=grant["id"], reason="The study has ended.")
    assert _tier(nari, internal) == "discover"

    again = ask(nari, internal)
    assert again["state"] == "submitted"
    assert [one["code"] for one in _needs(nari, internal)["reasons"]] == ["refused_before"]
    decided = suda.action.dgatier_request_decide(id=again["id"], decision="approve")
    assert (decided["state"], decided["rule"]) == ("approved", None)
    assert _tier(nari, internal) == "masked"


@pytest.mark.parametrize("answer", ["return", "reject"])
def test_what_a_steward_returned_or_rejected_no_rule_gives(
    nari: RemoteCKAN,
    suda: RemoteCKAN,
    internal: str,
    rule_of_fpo: Callable[[], None],
    ask: Callable[..., dict[str, Any]],
    answer: str,
) -> None:
    waits = ask(nari, internal, tier="full")
    if answer == "return":
        suda.action.dgatier_request_return(id=waits["id"], reason="Say which provinces.")
        nari.action.dgatier_request_update(id=waits["id"], tier="masked")
        sent = nari.action.dgatier_request_submit(id=waits["id"])
    else:
        suda.action.dgatier_request_decide(id=waits["id"], decision="reject", reason="Not now.")
        sent = ask(nari, internal)
    assert sent["state"] == "submitted"


def test_what_ends_by_its_holder_is_given_again(
    nari: RemoteCKAN,
    internal: str,
    rule_of_fpo: Callable[[], None],
    ask: Callable[..., dict[str, Any]],
) -> None:
    first = ask(nari, internal)
    nari.action.dgatier_request_close(id=first["id"], copies="none")
    assert ask(nari, internal)["state"] == "approved"


def test_a_rule_that_is_taken_away_takes_no_grant_away(
    nari: RemoteCKAN,
    internal: str,
    rule_of_fpo: Callable[[], None],
    ask: Callable[..., dict[str, Any]],
) -> None:
    request = ask(nari, internal)
    rule_of_fpo()
    assert _tier(nari, internal) == "masked"
    assert nari.action.dgatier_request_show(id=request["id"])["rule"]["name"] == RULE
    assert ask(nari, internal)["state"] == "submitted"
    assert ckan("dgatier", "rebuild", "--check") == "0 differences\n"


def test_what_is_given_at_once_does_not_shorten_what_stewards_are_said_to_take(
    nari: RemoteCKAN, ask: Callable[..., dict[str, Any]]
) -> None:
    for _time in range(5):
        request = ask(nari, FORECAST)
        nari.action.dgatier_request_close(id=request["id"], copies="none")
    needed = nari.action.dgatier_request_requirements(id=FORECAST)
    assert needed["usual_days"] is None, "no steward of that agency has decided anything"


def test_the_agencies_with_rules_are_those_of_the_demonstration() -> None:
    """So that no other test is given at once what it means to wait for."""
    written = json.loads((REPOSITORY / "policies" / "rego" / _OVERRIDES).read_text())
    assert list(written["at_once"]) == ["comptroller-general"]
