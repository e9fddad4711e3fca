"""The audit: what is recorded, and the chain that shows when a record was changed.

Each event's hash is SHA-256 over its canonical JSON and the hash before it, so that changing,
removing, adding or moving an event breaks the chain at that place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

GENESIS = "0" * 64


class AuditAction(StrEnum):
    """What can happen that the audit keeps."""

    DATA_READ = "data_read"
    DATA_REFUSED = "data_refused"
    FILE_DOWNLOAD = "file_download"
    REQUEST_CREATED = "request_created"
    REQUEST_UPDATED = "request_updated"
    REQUEST_SUBMITTED = "request_submitted"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_RETURNED = "request_returned"
    REQUEST_APPROVAL_GIVEN = "request_approval_given"
    REQUEST_APPROVED = "request_approved"
    REQUEST_REJECTED = "request_rejected"
    GRANT_CREATED = "grant_created"
    GRANT_REVOKED = "grant_revoked"
    DATASET_PUBLISHED = "dataset_published"
    DATASET_CHANGED = "dataset_changed"
    LEVEL_PROPOSED = "level_proposed"
    LEVEL_RAISED = "level_raised"
    LEVEL_APPROVAL_GIVEN = "level_approval_given"
    LEVEL_CONFIRMED = "level_confirmed"
    LEVEL_LOWERED = "level_lowered"
    LEVEL_REFUSED = "level_refused"
    LEVEL_WITHDRAWN = "level_withdrawn"
    LEVEL_REVIEWED = "level_reviewed"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    RECOVERY_SIGN_IN = "recovery_sign_in"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened; `outcome` is `done` or `refused`, `detail` is small and JSON."""

    action: AuditAction
    actor_id: str | None
    at: datetime
    dataset_id: str | None = None
    resource_id: str | None = None
    outcome: str = "done"
    decision_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainedEvent:
    """An event in its place: `sequence` counts from 1 without gaps."""

    sequence: int
    event: AuditEvent
    previous: str
    hash: str


def hash_of(event: AuditEvent, sequence: int, previous: str) -> str:
    """Return the hash of an event in its place, as 64 hexadecimal digits."""
    canonical = json.dumps(
        {
            "sequence": sequence,
            "previous": previous,
            "action": event.action,
            "actor_id": event.actor_id,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "dataset_id": event.dataset_id,
            "resource_id": event.resource_id,
            "outcome": event.outcome,
            "decision_id": event.decision_id,
            "detail": event.detail,
        },
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def problems(chain: Iterable[ChainedEvent]) -> Iterator[str]:
    """Say what is wrong with a chain, event by event; nothing where it is whole."""
    expected, previous = 1, GENESIS
    for link in chain:
        if link.sequence != expected:
            yield f"event {expected} is missing or moved: found {link.sequence} in its place"
        if link.previous != previous:
            yield f"event {link.sequence} does not follow the event before it"
        if link.hash != hash_of(link.event, link.sequence, link.previous):
            yield f"event {link.sequence} was changed"
        expected, previous = link.sequence + 1, link.hash
