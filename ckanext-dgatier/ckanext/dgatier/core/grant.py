"""Grants: what was approved for whom, for which purpose and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from .classification import ClassificationLevel
from .tier import AccessTier


class GrantState(StrEnum):
    """Where a grant stands at a moment."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"
    RECALLED = "recalled"
    SUSPENDED = "suspended"


class Withholding(StrEnum):
    """Why a grant that lives does not count; policy says when."""

    LEVEL_RAISED = "level_raised"
    TERMS_CHANGED = "terms_changed"


_STATE_OF = {
    Withholding.LEVEL_RAISED: GrantState.RECALLED,
    Withholding.TERMS_CHANGED: GrantState.SUSPENDED,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """To what part of the data access is bound; what is empty binds nothing.

    `provinces` are names as the data has them, `years` those of the data, `columns` the only ones.
    """

    provinces: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    columns: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON shape, as events and decisions carry it."""
        return {
            "provinces": list(self.provinces),
            "years": list(self.years),
            "columns": list(self.columns),
        }

    @classmethod
    def from_dict(cls, shape: Mapping[str, Any]) -> Conditions:
        """Return the conditions of their JSON shape; what it does not name binds nothing."""
        return cls(*(tuple(shape.get(name, ())) for name in ("provinces", "years", "columns")))

    def wider_than(self, asked: Conditions) -> tuple[str, ...]:
        """Return the names of the conditions that leave more than those that were asked for."""
        pairs = (
            ("provinces", self.provinces, asked.provinces),
            ("years", self.years, asked.years),
            ("columns", self.columns, asked.columns),
        )
        return tuple(
            name for name, mine, wide in pairs if wide and not (mine and set(mine) <= set(wide))
        )


UNBOUND = Conditions()


@dataclass(frozen=True, slots=True)
class Grant:
    """Access that was approved; `resource_ids` empty means the whole dataset.

    `valid_from` is inclusive and `valid_until` exclusive, both aware. `organisation` is the company
    or institute for which the holder asked, `None` where they asked for themself. `level` is that
    of the data when it was approved, `accepted_terms` the version of the dataset's terms that the
    holder accepted. `withheld` is what was last noted; what counts is weighed at each reading.
    """

    id: str
    request_id: str
    subject: str
    dataset_id: str
    tier: AccessTier
    purpose: str
    valid_from: datetime
    valid_until: datetime
    resource_ids: tuple[str, ...] = ()
    conditions: Conditions = UNBOUND
    organisation: str | None = None
    approved_by: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoke_reason: str | None = None
    level: ClassificationLevel = ClassificationLevel.OPEN
    accepted_terms: str | None = None
    withheld: Withholding | None = None

    def state(self, now: datetime) -> GrantState:
        """Return the state at the aware moment `now`; no job needs to have run."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return GrantState.REVOKED
        if now < self.valid_from:
            return GrantState.PENDING
        if now >= self.valid_until:
            return GrantState.EXPIRED
        return _STATE_OF[self.withheld] if self.withheld else GrantState.ACTIVE

    def covers(self, resource_id: str | None) -> bool:
        """Say whether the grant reaches this resource (or, for `None`, the dataset as such)."""
        return not self.resource_ids or resource_id is None or resource_id in self.resource_ids
