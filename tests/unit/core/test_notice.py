"""What leaves the portal names no more than it may; when one is told again, and when reminded."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import notice
from ckanext.dgatier.core.calendar import end_of_day_after
from ckanext.dgatier.core.grant import Grant
from ckanext.dgatier.core.notice import KINDS, NoticeKind
from ckanext.dgatier.core.tier import AccessTier

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
#: What may be written of: ids and numbers, and how a dataset is called.
_HARMLESS = {
    "dataset",
    "dataset_id",
    "request_id",
    "grant_id",
    "proposal_id",
    "delegation_id",
    "days",
    "until",
}


def _grant(days: int, **changes: Any) -> Grant:
    values: dict[str, Any] = {
        "id": "one", "request_id": "r", "subject": "nari", "dataset_id": "d",
        "tier": AccessTier.MASKED, "purpose": "dpv:AcademicResearch",
        "valid_from": NOW, "valid_until": end_of_day_after(NOW, days),
    }  # fmt: skip
    return Grant(**{**values, **changes})


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_has_words_in_both_languages_and_names_no_more_than_ids(
    kind: NoticeKind,
) -> None:
    known = KINDS[kind]
    assert known.words("th") != known.words("en")
    assert set(known.facts) <= _HARMLESS
    for words in (known.th, known.en):
        assert _fields(words.sentence) <= {"dataset", *known.facts}
        assert not _fields(words.subject)
    assert _fields(known.page) <= {"dataset_id", *known.facts}


def test_what_people_wrote_does_not_leave_the_portal() -> None:
    payload = {"request_id": "r", "reason": "secret words", "ground": "secret", "level": "secret"}
    for kind in NoticeKind:
        assert "secret" not in str(notice.facts_of(kind, payload))


def test_a_title_stays_on_its_line() -> None:
    assert notice.named("one\r\nBcc: two", "en") == "“one Bcc: two”"
    assert notice.named(None, "th") == "ชุดข้อมูลหนึ่ง"


def test_pauses_grow_to_an_hour_and_end_after_a_day() -> None:
    now, pauses = NOW, []
    for attempts in range(1, 100):
        then = notice.next_try(NOW, attempts, now)
        if then is None:
            break
        pauses.append(then - now)
        now = then
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=10), timedelta(hours=1))
    assert timedelta(days=1) <= now - NOW < timedelta(days=1, hours=1)


@given(days=st.integers(1, 400), minutes=st.integers(0, 400 * 24 * 60))
def test_a_reminder_is_the_nearest_that_has_come_since_the_grant_began(
    days: int, minutes: int
) -> None:
    grant = _grant(days)
    now = NOW + timedelta(minutes=minutes)
    due = notice.due_reminder(grant, now)
    if due is not None:
        assert now < grant.valid_until <= now + timedelta(days=due)
        assert grant.valid_until - timedelta(days=due) > grant.valid_from
        nearer = [one for one in notice.REMINDERS if one < due]
        assert all(grant.valid_until - timedelta(days=one) > now for one in nearer)


def test_a_year_is_reminded_of_at_30_7_and_1_days() -> None:
    grant = _grant(365)
    told: list[int] = []
    for hour in range(370 * 24):
        due = notice.due_reminder(grant, NOW + timedelta(hours=hour))
        if due is not None and due not in told:
            told.append(due)
    assert told == [30, 7, 1]


def test_a_short_a_revoked_and_an_ended_grant_are_not_reminded_of_at_once() -> None:
    assert notice.due_reminder(_grant(5), NOW) is None
    assert notice.due_reminder(_grant(5), NOW + timedelta(days=5)) == 1
    assert notice.due_reminder(_grant(5, revoked_at=NOW), NOW + timedelta(days=5)) is None
    assert notice.due_reminder(_grant(5), NOW + timedelta(days=7)) is None


@pytest.mark.parametrize(
    ("changes", "renews"),
    [
        ({}, True),
        ({"tier": AccessTier.FULL}, True),
        ({"tier": AccessTier.SUMMARY}, False),
        ({"purpose": "dpv:CombatFraud"}, False),
        ({"dataset_id": "other"}, False),
        ({"revoked_at": NOW}, False),
        ({"resource_ids": ("a",)}, False),
        ({"valid_until": NOW + timedelta(days=3)}, False),
    ],
)
def test_a_grant_that_gives_as_much_for_longer_renews_one(
    changes: dict[str, Any], renews: bool
) -> None:
    other = _grant(90, **{"id": "two", **changes})
    assert notice.is_renewed(_grant(7), [_grant(7), other]) is renews


def test_a_renewal_of_some_resources_holds_for_those() -> None:
    some = _grant(90, id="two", resource_ids=("a", "b"))
    assert notice.is_renewed(_grant(7, resource_ids=("a",)), [some])
    assert not notice.is_renewed(_grant(7, resource_ids=("a", "c")), [some])
