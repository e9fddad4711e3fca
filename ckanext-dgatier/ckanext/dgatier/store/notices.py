"""What people are told: one row for each person and thing that they should know."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from .tables import notice


def add(
    user_ids: Iterable[str],
    kind: str,
    dataset_id: str,
    payload: Mapping[str, Any],
    now: datetime,
    connection: Connection,
) -> None:
    """Tell people something about a dataset, in the transaction of what happened."""
    rows = [
        {
            "id": str(uuid.uuid4()),
            "user_id": user_id,
            "at": now,
            "kind": kind,
            "dataset_id": dataset_id,
            "payload": dict(payload),
        }
        for user_id in sorted(set(user_ids))
    ]
    if rows:
        connection.execute(notice.insert(), rows)


def search(user_id: str, limit: int, offset: int) -> tuple[int, list[Any]]:
    """Return how many notices a person has, and a page of their rows, the newest first."""
    with model.meta.engine.connect() as connection:
        count = connection.execute(
            sa.select(sa.func.count()).select_from(notice).where(notice.c.user_id == user_id)
        ).scalar_one()
        rows = connection.execute(
            sa.select(notice)
            .where(notice.c.user_id == user_id)
            .order_by(notice.c.at.desc(), notice.c.id)
            .limit(limit)
            .offset(offset)
        ).all()
    return count, list(rows)
