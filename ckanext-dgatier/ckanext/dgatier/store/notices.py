"""What people are told: one row for each person and thing that they should know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from .tables import notice


def add(
    people: Mapping[str, str],
    kind: str,
    dataset_id: str | None,
    payload: Mapping[str, Any],
    now: datetime,
    connection: Connection,
) -> set[str]:
    """Tell people something about a dataset, in the transaction of what happened.

    `people` maps each notice's id to whom it tells. Returns the ids that were not there before.
    """
    rows = [
        {
            "id": notice_id,
            "user_id": user_id,
            "at": now,
            "kind": kind,
            "dataset_id": dataset_id,
            "payload": dict(payload),
        }
        for notice_id, user_id in sorted(people.items())
    ]
    if not rows:
        return set()
    stored = insert(notice).values(rows).on_conflict_do_nothing().returning(notice.c.id)
    return set(connection.execute(stored).scalars())


def told_at(notice_id: str) -> datetime | None:
    """Return when a notice was given, `None` where it was not."""
    query = sa.select(notice.c.at).where(notice.c.id == notice_id)
    with model.meta.engine.connect() as connection:
        return connection.execute(query).scalar()


def search(user_id: str, limit: int, offset: int, *, unread: bool = False) -> tuple[int, list[Any]]:
    """Return how many notices a person has, and a page of their rows, the newest first."""
    conditions = [notice.c.user_id == user_id]
    if unread:
        conditions.append(notice.c.read_at.is_(None))
    with model.meta.engine.connect() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(notice).where(*conditions)
        ).scalar_one()
        rows = connection.execute(
            sa.select(notice)
            .where(*conditions)
            .order_by(notice.c.at.desc(), notice.c.id)
            .limit(limit)
            .offset(offset)
        ).all()
    return count, list(rows)


def unread(user_id: str) -> int:
    """Return how many notices a person has not read, in the connection that CKAN holds anyway."""
    query = (
        sa.select(sa.func.count())
        .select_from(notice)
        .where(notice.c.user_id == user_id, notice.c.read_at.is_(None))
    )
    return int(model.Session.connection().execute(query).scalar_one())


def mark_read(user_id: str, ids: Sequence[str] | None, now: datetime) -> int:
    """Note that a person has read notices of theirs, all for `None`; return how many were new."""
    unread_ones = [notice.c.user_id == user_id, notice.c.read_at.is_(None)]
    if ids is not None:
        unread_ones.append(notice.c.id.in_(ids))
    with model.meta.engine.begin() as connection:
        done = connection.execute(notice.update().where(*unread_ones).values(read_at=now))
    return done.rowcount
