"""Whoever a step of a request concerns is told of it, once, and nobody of their own doing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from outbox import Outbox

from instance import REGISTER, Instance, ckan, run_in_ckan

_PEOPLE = ("nari", "malee", "somchai", "prasit", "suda", "wichai")


def _ask(instance: Instance, **changes: Any) -> str:
    made = instance.portal("nari").action.dgatier_request_create(
        **{
            "id": REGISTER,
            "tier": "masked",
            "purpose": "dpv:AcademicResearch",
            "justification": "A study of how welfare reaches the provinces.",
            "days": 30,
            **changes,
        }
    )
    return str(made["id"])


@pytest.fixture(autouse=True)
def nothing_stays_open(instance: Instance) -> Iterator[None]:
    """Close what a test left approved and withdraw what it left waiting."""
    before = {one["id"] for one in _own(instance)}
    yield
    nari = instance.portal("nari").action
    for one in _own(instance):
        if one["id"] not in before and one["state"] in ("submitted", "in_review"):
            nari.dgatier_request_withdraw(id=one["id"])


def _own(instance: Instance) -> list[dict[str, Any]]:
    found = instance.portal("nari").action.dgatier_request_list(limit=200)["results"]
    return list(found)


def _told(instance: Instance, kind: str, request_id: str) -> list[str]:
    """Return who was told of a kind of thing about a request, each as often as they were."""
    names = []
    for name in _PEOPLE:
        found = instance.portal(name).action.dgatier_notice_list(limit=50)["results"]
        names += [
            name
            for one in found
            if one["kind"] == kind and one["payload"].get("request_id") == request_id
        ]
    return names


def test_members_are_told_that_they_are_named_and_who_asked_what_they_say(
    instance: Instance,
) -> None:
    asked = _ask(instance, members=["malee", "somchai"])
    assert _told(instance, "team_asked", asked) == ["malee", "somchai"]
    assert _told(instance, "request_submitted", asked) == ["suda", "wichai"]
    instance.portal("malee").action.dgatier_request_accept(id=asked)
    instance.portal("somchai").action.dgatier_request_decline(id=asked)
    assert _told(instance, "team_accepted", asked) == ["nari"]
    assert _told(instance, "team_declined", asked) == ["nari"]


def test_a_steward_in_the_team_is_asked_to_take_part_and_not_to_decide(
    instance: Instance,
) -> None:
    asked = _ask(instance, members=["suda"])
    assert _told(instance, "team_asked", asked) == ["suda"]
    assert _told(instance, "request_submitted", asked) == ["wichai"]


def test_who_is_asked_for_an_opinion_is_told_and_then_the_steward_at_work(
    instance: Instance,
) -> None:
    asked = _ask(instance)
    suda = instance.portal("suda").action
    suda.dgatier_request_claim(id=asked)
    suda.dgatier_request_ask_review(id=asked, reviewer="prasit", reason="Is it sound?")
    assert _told(instance, "review_asked", asked) == ["prasit"]
    instance.portal("prasit").action.dgatier_request_review(id=asked, reason="It is.")
    assert _told(instance, "review_given", asked) == ["suda"]


def test_an_appeal_is_told_to_the_stewards_who_did_not_reject(instance: Instance) -> None:
    asked = _ask(instance)
    instance.portal("suda").action.dgatier_request_decide(
        id=asked, decision="reject", reason="The plan is not clear."
    )
    instance.portal("nari").action.dgatier_request_appeal(id=asked, reason="It is on page two.")
    assert _told(instance, "request_appealed", asked) == ["wichai"]
    assert _told(instance, "request_rejected", asked) == ["nari"]


def test_a_request_handed_over_is_told_to_who_gets_it(instance: Instance) -> None:
    asked = _ask(instance)
    instance.portal("suda").action.dgatier_request_hand_over(id=asked, to="wichai")
    assert _told(instance, "request_assigned", asked) == ["wichai"]
    itself = _ask(instance)
    instance.portal("suda").action.dgatier_request_hand_over(id=itself, to="suda")
    assert _told(instance, "request_assigned", itself) == []


def test_stewards_are_told_once_of_what_waits_for_too_long(instance: Instance) -> None:
    asked = _ask(instance)
    database = Outbox()
    database.execute("ALTER TABLE dgatier_request_event DISABLE TRIGGER USER")
    try:
        database.execute(
            "UPDATE dgatier_request_event SET at = at - interval '16 days' WHERE request_id = %s",
            asked,
        )
    finally:
        database.execute("ALTER TABLE dgatier_request_event ENABLE TRIGGER USER")
    ckan("dgatier", "rebuild")
    for _turn in range(2):
        run_in_ckan("from ckanext.dgatier.logic import request_clock; request_clock.escalate()")
    assert _told(instance, "request_overdue", asked) == ["suda", "wichai"]


def test_every_notice_of_theirs_can_be_read_in_the_inbox_in_both_languages(
    instance: Instance,
) -> None:
    session = instance.browse("suda")
    for language in ("th", "en"):
        page = session.get(f"{instance.url}/{language}/access/inbox", timeout=30)
        assert page.status_code == 200
        assert 'class="dg-notices"' in page.text
