"""The audit: what is recorded, and the chains that show when a record was changed.

An event is a body of canonical JSON and its seal, made with a key of the portal's. Events stand in
lanes, so that writers need not wait for each other; in each lane the hash of an event covers its
place, seal and body and the hash before it. Checkpoints (`core.checkpoint`) tie the lanes together.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

GENESIS = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AuditAction(StrEnum):
    """What can happen that the audit keeps."""

    DATA_READ = "data_read"
    DATA_SENT = "data_sent"
    DATA_REFUSED = "data_refused"
    DATA_PREVIEWED = "data_previewed"
    FILE_DOWNLOAD = "file_download"
    REQUEST_CREATED = "request_created"
    REQUEST_UPDATED = "request_updated"
    REQUEST_SUBMITTED = "request_submitted"
    REQUEST_WITHDRAWN = "request_withdrawn"
    REQUEST_RETURNED = "request_returned"
    REQUEST_APPROVAL_GIVEN = "request_approval_given"
    REQUEST_APPROVED = "request_approved"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_ACCEPTED = "request_accepted"
    REQUEST_DECLINED = "request_declined"
    REQUEST_CLAIMED = "request_claimed"
    REQUEST_RELEASED = "request_released"
    REQUEST_HANDED_OVER = "request_handed_over"
    REQUEST_REVIEW_ASKED = "request_review_asked"
    REQUEST_REVIEWED = "request_reviewed"
    REQUEST_REMARKED = "request_remarked"
    REQUEST_APPEALED = "request_appealed"
    REQUEST_CLOSED = "request_closed"
    REQUEST_ESCALATED = "request_escalated"
    REQUEST_EXPIRED = "request_expired"
    REQUEST_ATTACHED = "request_attached"
    REQUEST_DETACHED = "request_detached"
    ATTACHMENT_SENT = "attachment_sent"
    ATTACHMENT_REFUSED = "attachment_refused"
    GRANT_CREATED = "grant_created"
    GRANT_REVOKED = "grant_revoked"
    GRANT_WITHHELD = "grant_withheld"
    GRANT_RESTORED = "grant_restored"
    GRANT_TERMS_ACCEPTED = "grant_terms_accepted"
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
    DELEGATION_CREATED = "delegation_created"
    DELEGATION_ENDED = "delegation_ended"
    WEBHOOK_CREATED = "webhook_created"
    WEBHOOK_DELETED = "webhook_deleted"
    WORDS_ERASED = "words_erased"
    AUDIT_EXPORTED = "audit_exported"
    SIGN_IN = "sign_in"
    SIGN_OUT = "sign_out"
    RECOVERY_SIGN_IN = "recovery_sign_in"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One thing that happened; `outcome` is `done` or `refused`, `detail` is small and JSON.

    `words` are texts that people wrote. They are kept apart, the event only holds their digests,
    so that they can be erased (PDPA s. 33) and the chain stays whole.
    """

    action: AuditAction
    actor_id: str | None
    at: datetime
    dataset_id: str | None = None
    resource_id: str | None = None
    outcome: str = "done"
    decision_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)


class Link(NamedTuple):
    """An event in its place: `sequence` counts from 1 without gaps in each lane.

    A tuple, as millions of them are made when the audit is proved.
    """

    lane: int
    sequence: int
    previous: bytes
    hash: bytes
    seal: bytes
    body: str


def body_of(event: AuditEvent, digests: Mapping[str, str]) -> str:
    """Return the body: JSON with sorted keys and no spaces, `at` in microseconds since 1970.

    `digests` stand for the event's words, by the same names.
    """
    content = {
        "action": event.action,
        "actor": event.actor_id,
        "at": (event.at - _EPOCH) // timedelta(microseconds=1),
        "dataset": event.dataset_id,
        "decision": event.decision_id,
        "detail": event.detail,
        "outcome": event.outcome,
        "resource": event.resource_id,
        "words": digests,
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal_of(body: str, key: bytes) -> bytes:
    """Return the seal that only the portal can make: HMAC-SHA-256 (RFC 2104), 32 bytes."""
    return hmac.digest(key, body.encode(), "sha256")


def event_of(body: str, words: Mapping[str, str]) -> AuditEvent:
    """Return the event of a body; `words` by digest, those that were erased are left out."""
    said = json.loads(body)
    return AuditEvent(
        action=AuditAction(said["action"]),
        actor_id=said["actor"],
        at=_EPOCH + timedelta(microseconds=said["at"]),
        dataset_id=said["dataset"],
        resource_id=said["resource"],
        outcome=said["outcome"],
        decision_id=said["decision"],
        detail=said["detail"],
        words={name: words[one] for name, one in said["words"].items() if one in words},
    )


def digests_of(body: str) -> Mapping[str, str]:
    """Return the digests of a body's words, by name."""
    found: Mapping[str, str] = json.loads(body)["words"]
    return found


def digest_of(words: str, salt: bytes) -> str:
    """Return what an event holds of words; without the salt they cannot be guessed from it."""
    return hashlib.sha256(salt + words.encode()).hexdigest()


def hash_of(lane: int, sequence: int, previous: bytes, seal: bytes, body: str) -> bytes:
    """Return the hash of an event in its place, 32 bytes; PostgreSQL works out the same."""
    return _hash_of(lane, sequence, previous, seal, body.encode())


def problems(links: Iterable[Link], key: bytes | None = None) -> Iterator[str]:
    """Say what is wrong with chains, in order of lane and sequence; nothing where they are whole.

    With the portal's key also, whether each event was written by the portal.
    """
    lane, expected, before = -1, 1, GENESIS
    sealed = _sealer(key) if key is not None else None
    for at, sequence, previous, hashed, seal, body in links:
        if at != lane:
            lane, expected, before = at, 1, GENESIS
        if sequence > expected:
            missing, last = f"{lane}.{expected}", sequence - 1
            yield (
                f"event {missing} is missing"
                if last == expected
                else (f"events {missing} to {lane}.{last} are missing")
            )
        elif sequence < expected:
            yield f"event {lane}.{sequence} stands there twice"
        # After a gap there is nothing to compare with, and the gap is told.
        if sequence == expected and previous != before:
            yield f"event {lane}.{sequence} does not follow the event before it"
        text = body.encode()
        if hashed != _hash_of(lane, sequence, previous, seal, text):
            yield f"event {lane}.{sequence} was changed"
        elif sealed is not None and seal != sealed(text):
            yield f"event {lane}.{sequence} was not written by the portal"
        expected, before = sequence + 1, hashed


def _sealer(key: bytes) -> Callable[[bytes], bytes]:
    """Return what seals bodies, with the key taken in once for all of them."""
    begun = hmac.new(key, digestmod="sha256")

    def seal(body: bytes) -> bytes:
        own = begun.copy()
        own.update(body)
        return own.digest()

    return seal


def _hash_of(lane: int, sequence: int, previous: bytes, seal: bytes, body: bytes) -> bytes:
    return hashlib.sha256(b"%d|%d|%b%b%b" % (lane, sequence, previous, seal, body)).digest()
