"""A delegation runs for whole days in Thailand, and ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from ckanext.dgatier.core.delegation import Delegation, DelegationState, period

#: Ten in the morning of 25 November in Thailand.
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)
STARTS, ENDS = period(date(2026, 11, 26), date(2026, 11, 30), NOW)
ONE = Delegation("one", "fpo", "suda", "wichai", STARTS, ENDS, "on leave", NOW)
MOMENT = timedelta(microseconds=1)


def test_it_runs_from_the_midnight_before_until_the_midnight_after_its_days() -> None:
    assert datetime(2026, 11, 25, 17, tzinfo=UTC) == STARTS
    assert datetime(2026, 11, 30, 17, tzinfo=UTC) == ENDS
    assert ONE.state(STARTS - MOMENT) is DelegationState.PLANNED
    assert ONE.state(STARTS) is ONE.state(ENDS - MOMENT) is DelegationState.ACTIVE
    assert ONE.state(ENDS) is DelegationState.ENDED
    assert ONE.last_day == date(2026, 11, 30)


def test_one_that_begins_today_begins_now() -> None:
    assert period(date(2026, 11, 25), date(2026, 11, 25), NOW)[0] == NOW


def test_one_that_was_ended_early_is_over_from_then_on() -> None:
    ended = replace(ONE, ended_at=STARTS + timedelta(days=1), ended_by="suda")
    assert ended.state(STARTS) is DelegationState.ACTIVE
    assert ended.state(STARTS + timedelta(days=1)) is DelegationState.ENDED
    assert ended.last_day == date(2026, 11, 26)
    called_off = replace(ONE, ended_at=NOW)
    assert called_off.state(NOW) is DelegationState.CALLED_OFF
