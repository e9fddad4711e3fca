"""The audit's table: written at its end only, read in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from ckanext.dgatier.core.audit import (
    GENESIS,
    AuditAction,
    AuditEvent,
    ChainedEvent,
    hash_of,
    problems,
)
from ckanext.dgatier.unavailable import Unavailable

from .tables import audit

_CHAIN_LOCK = 0x64676174  # the letters "dgat"


class AuditUnavailable(Unavailable):
    """The audit could not be written, so what it would record must not happen."""


def append(event: AuditEvent, connection: Connection | None = None) -> None:
    """Add an event at the end of the chain.

    In a transaction of its own, or in the one of `connection`. Raises `AuditUnavailable`.
    """
    try:
        if connection is not None:
            _append(event, connection)
            return
        with model.meta.engine.begin() as own:
            _append(event, own)
    except SQLAlchemyError as error:
        raise AuditUnavailable(str(event.action)) from error


def _append(event: AuditEvent, connection: Connection) -> None:
    # One writer at a time, until the end of its transaction, so that the chain does not fork.
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_CHAIN_LOCK)))
    last = connection.execute(
        sa.select(audit.c.sequence, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, GENESIS)
    connection.execute(
        audit.insert().values(
            sequence=sequence,
            at=event.at,
            action=event.action,
            actor_id=event.actor_id,
            dataset_id=event.dataset_id,
            resource_id=event.resource_id,
            outcome=event.outcome,
            decision_id=event.decision_id,
            detail=dict(event.detail),
            previous=previous,
            hash=hash_of(event, sequence, previous),
        )
    )


def search(
    filters: Mapping[str, Any], dataset_ids: list[str] | None, limit: int, offset: int
) -> tuple[int, list[ChainedEvent]]:
    """Return how many events fit, and a page of them, the newest first.

    `filters` may hold `actor_id`, `action`, `dataset_id`, `since` and `until`; `dataset_ids`
    bounds what may be seen, `None` for no bound.
    """
    conditions = [
        audit.c[name] == filters[name]
        for name in ("actor_id", "action", "dataset_id")
        if filters.get(name)
    ]
    if filters.get("since"):
        conditions.append(audit.c.at >= filters["since"])
    if filters.get("until"):
        conditions.append(audit.c.at < filters["until"])
    if dataset_ids is not None:
        conditions.append(audit.c.dataset_id.in_(dataset_ids))
    query = sa.select(audit).where(*conditions).order_by(audit.c.sequence.desc())
    with model.meta.engine.connect() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(audit).where(*conditions)
        ).scalar_one()
        rows = connection.execute(query.limit(limit).offset(offset)).all()
    return count, [_link(row) for row in rows]


def verify() -> tuple[int, list[str]]:
    """Read the whole chain; return how many events it has and what is wrong with it."""
    counted = 0

    def links() -> Iterator[ChainedEvent]:
        nonlocal counted
        with model.meta.engine.connect().execution_options(yield_per=5000) as connection:
            for row in connection.execute(sa.select(audit).order_by(audit.c.sequence)):
                counted += 1
                yield _link(row)

    found = list(problems(links()))
    return counted, found


def _link(row: Any) -> ChainedEvent:
    event = AuditEvent(
        action=AuditAction(row.action),
        actor_id=row.actor_id,
        at=row.at,
        dataset_id=row.dataset_id,
        resource_id=row.resource_id,
        outcome=row.outcome,
        decision_id=row.decision_id,
        detail=row.detail,
    )
    return ChainedEvent(row.sequence, event, row.previous, row.hash)
