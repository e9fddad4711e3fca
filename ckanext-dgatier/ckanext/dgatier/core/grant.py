"""Grants: what was approved for whom, for which purpose and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .tier import AccessTier


class GrantState(StrEnum):
    """Where a grant stands at a moment."""

    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Grant:
    """Access that was approved; `resource_ids` empty means the whole dataset.

    `valid_from` is inclusive and `valid_until` exclusive, both aware. `organisation` is the company
    or institute for which the holder asked, `None` where they asked for themself.
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
    organisation: str | None = None
    approved_by: tuple[str, ...] = ()
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    revoke_reason: str | None = None

    def state(self, now: datetime) -> GrantState:
        """Return the state at the aware moment `now`; no job needs to have run."""
        if self.revoked_at is not None and self.revoked_at <= now:
            return GrantState.REVOKED
        if now < self.valid_from:
            return GrantState.PENDING
        if now >= self.valid_until:
            return GrantState.EXPIRED
        return GrantState.ACTIVE

    def covers(self, resource_id: str | None) -> bool:
        """Say whether the grant reaches this resource (or, for `None`, the dataset as such)."""
        return not self.resource_ids or resource_id is None or resource_id in self.resource_ids
