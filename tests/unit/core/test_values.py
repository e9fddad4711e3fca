"""Levels, tiers, grants and the Thai day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core.calendar import (
    BANGKOK,
    end_of_day_after,
    end_worded,
    today,
    years_after,
)
from ckanext.dgatier.core.classification import (
    ClassificationLevel,
    UnknownLevel,
    effective_level,
)
from ckanext.dgatier.core.grant import Grant, GrantState
from ckanext.dgatier.core.tier import AccessTier

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LEVELS = st.sampled_from(ClassificationLevel)


@given(LEVELS, st.lists(LEVELS))
def test_what_is_inside_raises_and_never_lowers(
    own: ClassificationLevel, parts: list[ClassificationLevel]
) -> None:
    level = effective_level(own, parts)
    assert level.rank == max(one.rank for one in (own, *parts))


def test_a_missing_level_is_closed() -> None:
    assert effective_level(None) is ClassificationLevel.TOP_SECRET
    assert effective_level(ClassificationLevel.OPEN, [None]) is ClassificationLevel.TOP_SECRET


def test_an_unknown_level_is_an_error() -> None:
    with pytest.raises(UnknownLevel):
        ClassificationLevel.parse("OPEN")


@given(st.sampled_from(AccessTier), st.sampled_from(AccessTier))
def test_a_tier_includes_those_below(one: AccessTier, other: AccessTier) -> None:
    order = list(AccessTier)
    assert one.allows(other) == (order.index(one) >= order.index(other))


def _grant(**changes: object) -> Grant:
    values = {
        "id": "g",
        "request_id": "r",
        "subject": "s",
        "dataset_id": "d",
        "tier": AccessTier.MASKED,
        "purpose": "p",
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=1),
        **changes,
    }
    return Grant(**values)  # type: ignore[arg-type]


def test_a_grant_begins_and_ends_at_the_second() -> None:
    grant = _grant()
    second = timedelta(seconds=1)
    assert grant.state(NOW - second) is GrantState.PENDING
    assert grant.state(NOW) is GrantState.ACTIVE
    assert grant.state(grant.valid_until - second) is GrantState.ACTIVE
    assert grant.state(grant.valid_until) is GrantState.EXPIRED


def test_a_revoked_grant_stays_revoked() -> None:
    grant = _grant(revoked_at=NOW)
    assert grant.state(NOW) is GrantState.REVOKED
    assert grant.state(NOW + timedelta(days=9)) is GrantState.REVOKED


def test_a_grant_on_some_resources_covers_no_other() -> None:
    grant = _grant(resource_ids=("a",))
    assert grant.covers("a")
    assert not grant.covers("b")
    assert _grant().covers("b")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)), st.integers(1, 400))  # noqa: DTZ001
def test_a_period_ends_with_a_thai_day(naive: datetime, days: int) -> None:
    start = naive.replace(tzinfo=UTC)
    end = end_of_day_after(start, days).astimezone(BANGKOK)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert timedelta(days=days) < end - start <= timedelta(days=days + 1)


def test_a_review_falls_on_the_same_day_of_a_later_year_in_thailand() -> None:
    late = datetime(2026, 11, 24, 18, tzinfo=UTC)  # one in the morning of the next day there
    assert today(late) == date(2026, 11, 25)
    assert years_after(late, 3) == date(2029, 11, 25)
    assert years_after(datetime(2028, 2, 29, 3, tzinfo=UTC), 1) == date(2029, 3, 1)


def test_what_ends_with_a_day_is_worded_by_that_day() -> None:
    asked = datetime(2026, 11, 25, 22, 2, tzinfo=BANGKOK)
    whole = end_of_day_after(asked, 30)
    assert whole == datetime(2026, 12, 26, tzinfo=BANGKOK)
    assert end_worded(whole, "en") == "25 Dec 2026"
    assert end_worded(whole, "th") == "25 ธ.ค. 2569"
    assert end_worded(asked, "en") == "25 Nov 2026 22:02"
