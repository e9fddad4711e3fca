"""Writing what happened to levels: events, state, audit and notices in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from ckan import model
from sqlalchemy.engine import Connection

from ckanext.dgatier import store
from ckanext.dgatier.core.audit import AuditAction, AuditEvent
from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.grant import GrantState
from ckanext.dgatier.core.levelling import LevelEvent, LevelEventType, Levelling, Proposal
from ckanext.dgatier.core.notice import NoticeKind
from ckanext.dgatier.enforce import facts
from ckanext.dgatier.logic import notices
from ckanext.dgatier.store.levels import StoredLevel

_AUDIT_OF = {
    LevelEventType.PROPOSED: AuditAction.LEVEL_PROPOSED,
    LevelEventType.RAISED: AuditAction.LEVEL_RAISED,
    LevelEventType.APPROVAL_GIVEN: AuditAction.LEVEL_APPROVAL_GIVEN,
    LevelEventType.CONFIRMED: AuditAction.LEVEL_CONFIRMED,
    LevelEventType.LOWERED: AuditAction.LEVEL_LOWERED,
    LevelEventType.REFUSED: AuditAction.LEVEL_REFUSED,
    LevelEventType.WITHDRAWN: AuditAction.LEVEL_WITHDRAWN,
    LevelEventType.REVIEWED: AuditAction.LEVEL_REVIEWED,
}
_RECORDED = ("level", "stands", "review_on", "operator")
_WORDS = ("ground", "reason")
_OVER = (GrantState.EXPIRED, GrantState.REVOKED)


@dataclass(frozen=True, slots=True)
class Change:
    """New events of a level, after those that are `known`; `before` is the level as it was.

    `stands` is what stands with them, or without any where `new` is empty.
    """

    before: Levelling
    known: tuple[LevelEvent, ...]
    new: tuple[LevelEvent, ...]
    stands: ClassificationLevel | None

    def of_dataset(self, dataset_id: str) -> Change:
        """Return the change with the id that CKAN has given to a new dataset."""
        if self.before.dataset_id:
            return self
        first, *rest = self.new
        begun = replace(first, payload={**first.payload, "dataset_id": dataset_id})
        before = replace(self.before, dataset_id=dataset_id)
        return replace(self, before=before, new=(begun, *rest))


def of_dataset(dataset_id: str) -> dict[str, StoredLevel]:
    """Return the levels of a dataset and its resources that have a log, by the log's id."""
    found = (store.levels.load(row.log_id) for row in store.levels.of_dataset(dataset_id))
    return {stored.levelling.id: stored for stored in found if stored}


def write(changes: Sequence[Change]) -> list[Levelling]:
    """Store changes, all or none, and tell those who asked what stands now.

    Raises `store.levels.LevelChangedMeanwhile` or `store.audit.AuditUnavailable`.
    """
    if not changes:
        return []
    with store.transaction() as connection:
        return [_write(one, connection) for one in changes]


def waiting_shape(dataset_id: str) -> dict[str, Any] | None:
    """Return the proposal that waits for a dataset, or else for a resource of it."""
    rows = [row for row in store.levels.of_dataset(dataset_id) if row.proposal_id]
    stored = store.levels.load(rows[0].log_id) if rows else None
    return shapes([stored.levelling])[0] if stored and stored.levelling.proposal else None


def shapes(waiting: Iterable[Levelling]) -> list[dict[str, Any]]:
    """Return waiting proposals as `{id, state, kind, resource_id, column, level, …}`."""
    pairs = [(one, one.proposal) for one in waiting if one.proposal]
    names = store.people.names_of(
        person for _, proposal in pairs for person in (proposal.proposed_by, *proposal.approvals)
    )
    return [_shape(one, proposal, names) for one, proposal in pairs]


def _shape(
    current: Levelling, proposal: Proposal, names: Mapping[str, dict[str, str]]
) -> dict[str, Any]:
    return {
        "id": proposal.id,
        "state": str(current.state),
        "kind": str(proposal.kind),
        "resource_id": current.resource_id,
        "column": current.column,
        "level": str(proposal.level),
        "standing_level": str(current.standing),
        "ground": proposal.ground,
        "review_on": proposal.review_on.isoformat() if proposal.review_on else None,
        "proposed_by": names.get(proposal.proposed_by),
        "proposed_at": proposal.proposed_at.isoformat(),
        "approvals": [names.get(person) for person in proposal.approvals],
    }


def _write(change: Change, connection: Connection) -> Levelling:
    after = store.levels.append(change.known, change.new, connection)
    for event in change.new:
        if event.type in _AUDIT_OF:
            store.audit.append(_audited(event, after), connection)
    _tell(change.before, after, connection)
    return after


def _audited(event: LevelEvent, current: Levelling) -> AuditEvent:
    detail = {key: event.payload[key] for key in _RECORDED if event.payload.get(key)}
    return AuditEvent(
        _AUDIT_OF[event.type],
        event.actor_id,
        event.at,
        dataset_id=current.dataset_id,
        resource_id=current.resource_id,
        detail=detail,
        words={key: event.payload[key] for key in _WORDS if event.payload.get(key)},
    )


def _tell(before: Levelling, after: Levelling, connection: Connection) -> None:
    """Tell those whom a change of what stands concerns, and the stewards of what waits."""
    now = datetime.now(UTC)
    package = model.Package.get(after.dataset_id)
    agency = facts.agency_name({"owner_org": package.owner_org}) if package else None
    waiting = after.proposal
    if waiting is not None and (before.proposal is None or before.proposal.id != waiting.id):
        stewards = store.people.stewards_of(agency, connection) if agency else set()
        stewards -= {waiting.proposed_by, *waiting.approvals}
        payload: dict[str, Any] = {"proposal_id": waiting.id, "resource_id": after.resource_id}
        kind = NoticeKind.LEVEL_WAITS
        notices.tell(kind, after.dataset_id, stewards, payload, agency, now, connection)
    old, new = before.standing, after.standing
    if old is None or new is None or old is new:
        return
    holders = store.grants.held_on([after.dataset_id])
    people = {
        person
        for person, held in holders.items()
        if any(one.state(now) not in _OVER for one in held)
    }
    people.update(store.requests.asking_for(after.dataset_id))
    name, title = store.people.titles_of([after.dataset_id]).get(after.dataset_id, ("", ""))
    lowered = new.rank < old.rank
    payload = {
        "level": new,
        "before": old,
        "resource_id": after.resource_id,
        "dataset_name": name,
        "dataset_title": title,
        # Why something became more secret may be as secret.
        "ground": after.ground if lowered else "",
    }
    kind = NoticeKind.LEVEL_LOWERED if lowered else NoticeKind.LEVEL_RAISED
    notices.tell(kind, after.dataset_id, people, payload, agency, now, connection)
