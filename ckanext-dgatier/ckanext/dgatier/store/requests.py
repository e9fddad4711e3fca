"""The requests' events, and the table in which their state can be searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from ckanext.dgatier.core.request import EventType, Request, RequestEvent, RequestState, fold

from .tables import request, request_event


class DecidedMeanwhile(Exception):
    """Someone else changed the request in the same moment; nothing of this attempt is kept."""


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request with its events, and the agency that decides on it."""

    request: Request
    agency: str | None
    events: tuple[RequestEvent, ...]


def load(request_id: str) -> StoredRequest | None:
    """Return a request folded from its events, or `None`."""
    with model.meta.engine.connect() as connection:
        rows = connection.execute(
            sa.select(request_event)
            .where(request_event.c.request_id == request_id)
            .order_by(request_event.c.sequence)
        ).all()
        if not rows:
            return None
        agency = connection.execute(
            sa.select(request.c.agency).where(request.c.id == request_id)
        ).scalar_one()
    events = tuple(
        RequestEvent(EventType(row.type), row.actor_id, row.at, row.payload) for row in rows
    )
    return StoredRequest(fold(events), agency, events)


def append(
    request_id: str,
    known: Sequence[RequestEvent],
    new: Sequence[RequestEvent],
    agency: str | None,
    connection: Connection,
) -> Request:
    """Add events after those that the caller has seen, and bring the searchable state up to date.

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
    values = _values(state, agency)
    if known:
        connection.execute(request.update().where(request.c.id == request_id).values(**values))
    else:
        connection.execute(request.insert().values(**values))
    return state


def search(
    *,
    requester_id: str | None = None,
    agency: str | None = None,
    states: Sequence[str] = (),
    limit: int = 50,
    offset: int = 0,
) -> tuple[int, list[Any]]:
    """Return how many requests fit, and a page of rows of the table, the oldest waiting first."""
    conditions = []
    if requester_id is not None:
        conditions.append(request.c.requester_id == requester_id)
    if agency is not None:
        # A draft is its author's alone until it is submitted.
        conditions += [request.c.agency == agency, request.c.submitted_at.is_not(None)]
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
    states = (RequestState.SUBMITTED, RequestState.RETURNED)
    query = sa.select(request.c.requester_id).where(
        request.c.dataset_id == dataset_id, request.c.state.in_(states)
    )
    with model.meta.engine.connect() as connection:
        return set(connection.execute(query).scalars())


def _values(state: Request, agency: str | None) -> dict[str, Any]:
    return {
        "id": state.id,
        "requester_id": state.requester_id,
        "dataset_id": state.dataset_id,
        "agency": agency,
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
    }
