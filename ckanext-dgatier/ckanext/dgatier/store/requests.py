"""The requests' events, and the table in which their state can be searched."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from ckanext.dgatier.core.request import EventType, Request, RequestEvent, RequestState, fold

from . import grants
from .tables import grant, request, request_event

#: Those who wait for a decision.
WAITING = (RequestState.SUBMITTED, RequestState.IN_REVIEW)
_OF_A_GRANT = (
    EventType.GRANTED,
    EventType.REVOKED,
    EventType.WITHHELD,
    EventType.RESTORED,
    EventType.TERMS_ACCEPTED,
)


class DecidedMeanwhile(Exception):
    """Someone else changed the request in the same moment; nothing of this attempt is kept."""


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request with its events."""

    request: Request
    events: tuple[RequestEvent, ...]

    @property
    def agency(self) -> str | None:
        """The agency that decides on it."""
        return self.request.agency


def load(request_id: str) -> StoredRequest | None:
    """Return a request folded from its events, or `None`."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(
            sa.select(request_event)
            .where(request_event.c.request_id == request_id)
            .order_by(request_event.c.sequence)
        ).all()
    events = tuple(_event(row) for row in rows)
    return StoredRequest(fold(events), events) if events else None


def append(
    request_id: str,
    known: Sequence[RequestEvent],
    new: Sequence[RequestEvent],
    connection: Connection,
) -> Request:
    """Add events after those that the caller has seen; request and grants become what they say.

    Raises `DecidedMeanwhile` when other events came in between.
    """
    try:
        connection.execute(
            request_event.insert(),
            [
                {
                    "request_id": request_id,
                    "sequence": sequence,
                    "type": event.type,
                    "actor_id": event.actor_id,
                    "at": event.at,
                    "payload": dict(event.payload),
                }
                for sequence, event in enumerate(new, start=len(known) + 1)
            ],
        )
    except IntegrityError as error:
        raise DecidedMeanwhile(request_id) from error
    state = fold((*known, *new))
    values = row_of(state)
    if known:
        connection.execute(request.update().where(request.c.id == request_id).values(**values))
    else:
        connection.execute(request.insert().values(**values))
    for changed in {event.payload["grant_id"] for event in new if event.type in _OF_A_GRANT}:
        grants.put(state.grants[changed], state.agency, connection)
    return state


def logs(connection: Connection) -> Iterator[tuple[str, Request | None]]:
    """Yield the id of every request and its fold, in order, `None` where the log is unreadable."""
    rows = connection.execute(
        sa.select(request_event)
        .order_by(request_event.c.request_id, request_event.c.sequence)
        .execution_options(yield_per=1_000)
    )
    for request_id, events in groupby(rows, key=lambda row: row.request_id):
        try:
            yield request_id, fold([_event(row) for row in events])
        except (KeyError, TypeError, ValueError):
            yield request_id, None


def search(
    *,
    requester_id: str | None = None,
    agency: str | None = None,
    taking_part: str | None = None,
    assignees: Sequence[str] | None = None,
    states: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> tuple[int, list[Any]]:
    """Return how many requests fit, and a page of rows of the table, the oldest waiting first.

    `taking_part` finds those in whose team a person is named, or on which their opinion is asked;
    `assignees` those that one of these people works on.
    """
    conditions = []
    if requester_id is not None:
        conditions.append(request.c.requester_id == requester_id)
    if agency is not None:
        # A draft is its author's alone until it is submitted.
        conditions += [request.c.agency == agency, request.c.submitted_at.is_not(None)]
    if taking_part is not None:
        named = sa.or_(
            request.c.members.has_key(taking_part), request.c.reviewers.has_key(taking_part)
        )
        conditions += [named, request.c.submitted_at.is_not(None)]
    if assignees is not None:
        conditions.append(request.c.assignee_id.in_(assignees))
    if states:
        conditions.append(request.c.state.in_(states))
    order = request.c.created_at.desc() if requester_id else request.c.submitted_at
    with model.meta.engine.connect() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(request).where(*conditions)
        ).scalar_one()
        rows = connection.execute(
            sa.select(request)
            .where(*conditions)
            .order_by(order, request.c.id)
            .limit(limit)
            .offset(offset)
        ).all()
    return count, list(rows)


def asking_for(dataset_id: str) -> set[str]:
    """Return who has asked for a dataset and waits for a decision, or has to change the request."""
    states = (*WAITING, RequestState.RETURNED)
    query = sa.select(request.c.requester_id).where(
        request.c.dataset_id == dataset_id, request.c.state.in_(states)
    )
    with model.meta.engine.connect() as connection:
        return set(connection.execute(query).scalars())


def refused_before(person_id: str, dataset_id: str) -> bool:
    """Say whether a steward ever returned or rejected what a person asked for of a dataset.

    Or took a grant of theirs back, whosever request it came of.
    """
    returned_or_rejected = (
        sa.select(request.c.id)
        .join(request_event, request_event.c.request_id == request.c.id)
        .where(
            request.c.requester_id == person_id,
            request.c.dataset_id == dataset_id,
            request_event.c.type.in_((EventType.RETURNED, EventType.REJECTED)),
        )
    )
    taken_back = (
        sa.select(grant.c.id)
        .join(request, request.c.id == grant.c.request_id)
        .where(
            grant.c.subject_id == person_id,
            grant.c.dataset_id == dataset_id,
            # Who declines or closes out ends grants too, and refuses nobody.
            grant.c.revoked_by.not_in([grant.c.subject_id, request.c.requester_id]),
        )
    )
    with model.meta.engine.connect() as connection:
        found = sa.select(sa.or_(returned_or_rejected.exists(), taken_back.exists()))
        return bool(connection.execute(found).scalar_one())


def waiting_ids(most: int = 500) -> list[str]:
    """Return the ids of requests that wait and are not escalated, the longest waiting first."""
    query = (
        sa.select(request.c.id)
        .where(request.c.state.in_(WAITING), request.c.escalated_at.is_(None))
        .order_by(request.c.submitted_at)
        .limit(most)
    )
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def ended_ids(now: datetime, most: int = 500) -> list[str]:
    """Return the ids of approved requests whose last grant has ended by now."""
    query = (
        sa.select(request.c.id)
        .join(grant, grant.c.request_id == request.c.id)
        .where(request.c.state == RequestState.APPROVED)
        .group_by(request.c.id)
        .having(sa.func.max(grant.c.valid_until) <= now)
        .limit(most)
    )
    with model.meta.engine.connect() as connection:
        return list(connection.execute(query).scalars())


def row_of(state: Request) -> dict[str, Any]:
    """Return the row of the searchable table that a request is, by column."""
    return {
        "id": state.id,
        "requester_id": state.requester_id,
        "dataset_id": state.dataset_id,
        "agency": state.agency,
        "state": state.state,
        "tier": state.terms.tier,
        "purpose": state.terms.purpose,
        "justification": state.terms.justification,
        "days": state.terms.days,
        "resource_ids": list(state.terms.resource_ids),
        "created_at": state.created_at,
        "submitted_at": state.submitted_at,
        "decided_at": state.decided_at,
        "decision_reason": state.decision_reason,
        "approvals": dict(state.approvals),
        "version": state.version,
        "assignee_id": state.assignee_id,
        "members": {person: member.state for person, member in state.members.items()},
        "reviewers": list(state.reviewers),
        "escalated_at": state.escalated_at,
    }


def _event(row: Any) -> RequestEvent:
    return RequestEvent(EventType(row.type), row.actor_id, row.at, row.payload)
