"""What people type of requests that they have not handed in, each the latest and no other.

It stands apart from the events: they keep what was said, and nothing was said yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from ckanext.dgatier.core.request import Request, RequestState

from .requests import DecidedMeanwhile
from .tables import draft, request, request_event


@dataclass(frozen=True, slots=True)
class Draft:
    """The words of a request as they were typed; `None` where nothing was since its last event.

    `version` is another after each change, of the words and of the request alike.
    """

    version: str
    words: Mapping[str, Any] | None = None
    saved_at: datetime | None = None


def of(request_id: str) -> Draft:
    """Return the draft of a request that there is."""
    with model.meta.engine.connect() as connection:
        return _read(_query(request_id), connection)


def newest(requester_id: str, dataset_id: str) -> str | None:
    """Return the id of the request for a dataset that a person began last and has not sent."""
    with model.meta.engine.connect() as connection:
        return _newest(requester_id, dataset_id, None, connection)


def require_alone(begun: Request, beside: str | None, connection: Connection) -> None:
    """Make sure that of its dataset the requester has begun no other draft but `beside`.

    Until the transaction ends nobody else finds so. Raises `DecidedMeanwhile`.
    """
    asked = (begun.requester_id, begun.dataset_id)
    place = sa.func.hashtextextended(f"dgatier draft {asked}", 0)
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(place)))
    if _newest(*asked, begun.id, connection) != beside:
        raise DecidedMeanwhile(begun.id)


def put(
    request_id: str,
    words: Mapping[str, Any],
    now: datetime,
    connection: Connection,
    *,
    version: str | None = None,
) -> Draft:
    """Keep words in the place of those of `version`, `None` for a request that was just begun.

    Raises `DecidedMeanwhile` where the draft or the request is another by now.
    """
    # In a statement of its own: one that waits for a lock sees what it joins as it was before.
    lock = sa.select(request.c.id).where(request.c.id == request_id).with_for_update()
    connection.execute(lock)
    found = _read(_query(request_id), connection)
    if version is not None and version != found.version:
        raise DecidedMeanwhile(request_id)
    row = {"words": dict(words), "saved_at": now}
    connection.execute(
        insert(draft)
        .values(request_id=request_id, version=1, **row)
        .on_conflict_do_update(
            index_elements=["request_id"], set_={**row, "version": draft.c.version + 1}
        )
    )
    return _read(_query(request_id), connection)


def take(request_id: str, version: str, connection: Connection) -> None:
    """Take the words of `version` away, which an event says now. Raises `DecidedMeanwhile`."""
    _events, _dot, number = version.partition(".")
    taken = connection.execute(
        draft.delete().where(draft.c.request_id == request_id).returning(draft.c.version)
    ).scalar()
    if (taken or 0) != int(number):
        raise DecidedMeanwhile(request_id)


def forget(request_id: str, connection: Connection) -> None:
    """Take the words away, whichever they are."""
    connection.execute(draft.delete().where(draft.c.request_id == request_id))


def untouched_since(moment: datetime, most: int = 500) -> list[tuple[str, datetime]]:
    """Return the requests that were begun and never sent with when they were last touched.

    Only those that nobody has touched since `moment`, the longest left first.
    """
    last_event = (
        sa.select(sa.func.max(request_event.c.at))
        .where(request_event.c.request_id == request.c.id)
        .scalar_subquery()
    )
    touched = sa.func.greatest(last_event, draft.c.saved_at).label("touched")
    query = (
        sa.select(request.c.id, touched)
        .select_from(request.outerjoin(draft, draft.c.request_id == request.c.id))
        .where(
            request.c.state == RequestState.DRAFT,
            request.c.created_at <= moment,
            touched <= moment,
        )
        .order_by(touched)
        .limit(most)
    )
    with model.meta.engine.connect() as connection:
        return [(row.id, row.touched) for row in connection.execute(query)]


def _newest(
    requester_id: str, dataset_id: str, but: str | None, connection: Connection
) -> str | None:
    query = (
        sa.select(request.c.id)
        .where(
            request.c.requester_id == requester_id,
            request.c.dataset_id == dataset_id,
            request.c.state == RequestState.DRAFT,
            request.c.id != (but or ""),
        )
        .order_by(request.c.created_at.desc(), request.c.id)
        .limit(1)
    )
    return connection.execute(query).scalar()


def _query(request_id: str) -> sa.sql.Select[Any]:
    return (
        sa.select(
            request.c.version.label("events"),
            sa.func.coalesce(draft.c.version, 0).label("number"),
            draft.c.words,
            draft.c.saved_at,
        )
        .select_from(request.outerjoin(draft, draft.c.request_id == request.c.id))
        .where(request.c.id == request_id)
    )


def _read(query: sa.sql.Select[Any], connection: Connection) -> Draft:
    row = connection.execute(query).one()
    return Draft(f"{row.events}.{row.number}", row.words, row.saved_at)
