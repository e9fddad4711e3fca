"""Absent stewards: who stands in for them, on which requests, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from ckanapi import NotAuthorized, NotFound, ValidationError

from ckanext.dgatier.core import calendar
from instance import REGISTER, Instance


def _day(days: int) -> str:
    """Return the day in Thailand so many days from today."""
    day: date = calendar.today(datetime.now(UTC)) + timedelta(days=days)
    return day.isoformat()


@pytest.fixture(autouse=True)
def nobody_is_away_before_and_after(instance: Instance) -> Iterator[None]:
    _end_all(instance)
    yield
    _end_all(instance)


def _end_all(instance: Instance) -> None:
    wichai = instance.portal("wichai").action
    for one in wichai.dgatier_delegation_list()["results"]:
        if one["can_end"]:
            wichai.dgatier_delegation_end(id=one["id"])


@pytest.fixture
def asked(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a request of nari's on which suda works."""
    yield from _claimed_by_suda(instance, "nari")


@pytest.fixture
def asked_by_wichai(instance: Instance) -> Iterator[dict[str, Any]]:
    """Return a request of wichai's on which suda works."""
    yield from _claimed_by_suda(instance, "wichai")


def _claimed_by_suda(instance: Instance, name: str) -> Iterator[dict[str, Any]]:
    action = instance.portal(name).action
    made = action.dgatier_request_create(
        id=REGISTER,
        tier="full" if name == "wichai" else "masked",
        purpose="dpv:AcademicResearch",
        justification="A study of how welfare reaches the provinces.",
        days=30,
    )
    yield instance.portal("suda").action.dgatier_request_claim(id=made["id"])
    commands = action.dgatier_request_show(id=made["id"])["commands"]
    if "close" in commands:
        action.dgatier_request_close(id=made["id"], copies="none")
    elif "withdraw" in commands:
        action.dgatier_request_withdraw(id=made["id"])


def _away(instance: Instance, name: str = "suda", **changes: Any) -> dict[str, Any]:
    given = {"to": "wichai", "first_day": _day(0), "last_day": _day(3), "reason": "On leave."}
    return instance.portal(name).action.dgatier_delegation_create(**{**given, **changes})


def _with(instance: Instance, name: str) -> dict[str, dict[str, Any]]:
    """Return the requests that are with a steward, by their ids."""
    found = instance.portal(name).action.dgatier_request_list(
        queue=True, assigned=True, state="waiting", limit=200
    )
    return {one["id"]: one for one in found["results"]}


def _show(instance: Instance, name: str, asked: dict[str, Any]) -> dict[str, Any]:
    return instance.portal(name).action.dgatier_request_show(id=asked["id"])


def test_a_deputy_sees_the_work_of_the_absent_one_and_takes_it_on(
    instance: Instance, asked: dict[str, Any]
) -> None:
    assert asked["id"] not in _with(instance, "wichai")
    made = _away(instance)
    assert (made["state"], made["last_day"]) == ("active", _day(3))
    for who in ("suda", "wichai"):
        row = _with(instance, who)[asked["id"]]
        assert row["assignee"]["name"] == "suda"
        assert row["stand_in"]["deputy"]["name"] == "wichai"
        assert row["stand_in"]["last_day"] == _day(3)
    assert _show(instance, "suda", asked)["roles"] == ["steward"]
    shown = _show(instance, "wichai", asked)
    assert (shown["roles"], "claim" in shown["commands"]) == (["deputy", "steward"], True)
    assert _show(instance, "nari", asked)["stand_in"] is None
    taken = instance.portal("wichai").action.dgatier_request_claim(id=asked["id"])
    assert (taken["assignee"]["name"], taken["stand_in"]) == ("wichai", None)
    last = taken["history"][-1]
    assert (last["by"]["name"], last["acting_for"]["name"]) == ("wichai", "suda")
    assert asked["id"] not in _with(instance, "suda")


def test_what_a_deputy_decides_is_their_own_and_says_for_whom(
    instance: Instance, asked: dict[str, Any]
) -> None:
    _away(instance)
    decided = instance.portal("wichai").action.dgatier_request_decide(
        id=asked["id"], decision="approve"
    )
    assert [one["by"]["name"] for one in decided["approvals"]] == ["wichai"]
    newest = instance.portal("anan").action.dgatier_audit_list(actor="wichai", limit=10)["results"]
    approval = next(one for one in newest if one["action"] == "request_approval_given")
    assert approval["detail"]["acting_for"] == asked["assignee"]["id"]
    given = instance.portal("nari").action.dgatier_grant_list(limit=200)
    (grant,) = [one for one in given if one["request_id"] == asked["id"]]
    assert grant["state"] == "active"


def test_nobody_stands_in_on_their_own_request(
    instance: Instance, asked_by_wichai: dict[str, Any]
) -> None:
    _away(instance)
    shown = _show(instance, "wichai", asked_by_wichai)
    assert (shown["roles"], "approve" in shown["commands"]) == (["requester"], False)
    assert _with(instance, "suda")[asked_by_wichai["id"]]["stand_in"] is None
    for refused in ("dgatier_request_claim", "dgatier_request_decide"):
        with pytest.raises((NotAuthorized, ValidationError)):
            instance.portal("wichai").call_action(
                refused, {"id": asked_by_wichai["id"], "decision": "approve"}
            )


def test_a_planned_absence_does_not_count_yet(instance: Instance, asked: dict[str, Any]) -> None:
    made = _away(instance, first_day=_day(1))
    assert made["state"] == "planned"
    assert _show(instance, "wichai", asked)["roles"] == ["steward"]
    assert _with(instance, "suda")[asked["id"]]["stand_in"] is None


def test_ended_early_the_work_is_the_stewards_own_again(
    instance: Instance, asked: dict[str, Any]
) -> None:
    made = _away(instance)
    for stranger in ("prasit", "nari", "anan"):
        with pytest.raises((NotAuthorized, NotFound)):
            instance.portal(stranger).action.dgatier_delegation_end(id=made["id"])
    suda = instance.portal("suda").action
    assert suda.dgatier_delegation_end(id=made["id"])["state"] == "ended"
    assert _show(instance, "wichai", asked)["roles"] == ["steward"]
    assert _show(instance, "suda", asked)["stand_in"] is None
    with pytest.raises(ValidationError):
        suda.dgatier_delegation_end(id=made["id"])
    told = instance.portal("wichai").action.dgatier_notice_list(limit=10)["results"]
    kinds = [one["kind"] for one in told if one["payload"].get("delegation_id") == made["id"]]
    assert kinds == ["delegation_ended", "delegation_given"]
    audited = instance.portal("anan").action.dgatier_audit_list(actor="suda", limit=10)["results"]
    actions = [one["action"] for one in audited if one["detail"].get("delegation_id") == made["id"]]
    assert actions == ["delegation_ended", "delegation_created"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "suda"}, "to"),
        ({"to": "prasit"}, "to"),
        ({"to": "nari"}, "to"),
        ({"to": "no-such-person"}, "to"),
        ({"first_day": "soon"}, "first_day"),
        ({"first_day": "2020-01-01"}, "first_day"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"last_day": _day(91)}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_is_no_absence_is_refused_with_its_field_and_nothing_is_stored(
    instance: Instance, changes: dict[str, Any], field: str
) -> None:
    before = instance.portal("suda").action.dgatier_delegation_list()
    with pytest.raises(ValidationError) as refused:
        _away(instance, **changes)
    assert field in refused.value.error_dict
    assert instance.portal("suda").action.dgatier_delegation_list() == before


def test_one_deputy_at_a_time_and_none_who_is_away(instance: Instance) -> None:
    _away(instance)
    for again in ({"first_day": _day(3), "last_day": _day(9)}, {}):
        with pytest.raises(ValidationError) as refused:
            _away(instance, **again)
        assert "first_day" in refused.value.error_dict
    with pytest.raises(ValidationError) as refused:
        _away(instance, "wichai", to="suda")
    assert "to" in refused.value.error_dict
    _away(instance, first_day=_day(4), last_day=_day(9))


def test_of_two_absences_named_in_the_same_instant_one_is_kept(instance: Instance) -> None:
    def name(_number: int) -> bool:
        try:
            _away(instance)
        except ValidationError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(name, range(4))) == 1


def test_only_stewards_name_and_see_who_stands_in(instance: Instance) -> None:
    for stranger in ("prasit", "nari"):
        action = instance.portal(stranger).action
        with pytest.raises(NotAuthorized):
            action.dgatier_delegation_list()
        with pytest.raises(NotAuthorized):
            _away(instance, stranger)
    with pytest.raises((NotAuthorized, ValidationError)):
        _away(instance, "anan")


def test_an_absence_is_named_and_ended_on_its_page(
    instance: Instance, asked: dict[str, Any]
) -> None:
    suda = instance.browse("suda")
    page = suda.get(f"{instance.url}/en/steward/absence", timeout=30)
    given = {"command": "create", "to": "wichai", "first_day": _day(0), "last_day": _day(200)}
    refused = _send(suda, page, **given, reason="On leave.")
    assert "At most: 90 days." in refused.text
    named = _send(suda, refused, **{**given, "last_day": _day(3)}, reason="On leave.")
    assert "Your work is handed over" in named.text
    queue = suda.get(f"{instance.url}/en/steward/queue?state=mine", timeout=30).text
    assert f"for {asked['assignee']['display_name']} until" in queue
    running = instance.portal("suda").action.dgatier_delegation_list()["results"][0]
    ended = _send(suda, named, command="end", id=running["id"])
    assert "Nobody stands in any more." in ended.text


def _send(session: Any, page: Any, **fields: str) -> Any:
    form: Any = BeautifulSoup(page.text, "html.parser").select_one("#absence-heading ~ form")
    hidden = {one["name"]: one["value"] for one in form.select("input[type=hidden]")}
    return session.post(page.url, data={**hidden, **fields}, timeout=30)
