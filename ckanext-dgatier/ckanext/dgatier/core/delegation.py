"""Delegations: who stands in for an absent steward, and from when until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from . import calendar


class DelegationState(StrEnum):
    """Where a delegation stands at a moment."""

    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Delegation:
    """That a deputy stands in for a steward, each by their user id.

    `starts_at` is inclusive and `ends_at` exclusive, both aware; `ended_at` is set where someone,
    `ended_by`, ended it before its time.
    """

    id: str
    agency: str
    steward_id: str
    deputy_id: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def over_at(self) -> datetime:
        """The aware moment from which on nobody stands in."""
        return self.ends_at if self.ended_at is None else min(self.ends_at, self.ended_at)

    @property
    def last_day(self) -> date:
        """The last day in Thailand on which someone stands in."""
        return calendar.today(self.over_at - timedelta(microseconds=1))

    def state(self, now: datetime) -> DelegationState:
        """Return the state at the aware moment `now`; no job needs to have run."""
        if self.over_at <= self.starts_at:
            return DelegationState.CALLED_OFF
        if self.over_at <= now:
            return DelegationState.ENDED
        return DelegationState.ACTIVE if self.starts_at <= now else DelegationState.PLANNED


def period(first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """Return the moments at which days in Thailand begin and are over; today begins now."""
    starts = datetime.combine(first, time.min, calendar.BANGKOK)
    ends = datetime.combine(last + timedelta(days=1), time.min, calendar.BANGKOK)
    return max(starts, now), ends
