"""Webhooks: where an agency's own systems are told, and of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from .tables import webhook


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address of an agency, and the kinds of notice that go there."""

    id: str
    agency: str
    url: str
    kinds: tuple[str, ...]
    created_by: str
    created_at: datetime


def add(one: Webhook, connection: Connection) -> None:
    """Store a new webhook."""
    connection.execute(
        webhook.insert().values(
            id=one.id,
            agency=one.agency,
            url=one.url,
            kinds=list(one.kinds),
            created_by=one.created_by,
            created_at=one.created_at,
        )
    )


def remove(webhook_id: str, connection: Connection) -> None:
    """Delete a webhook; what waits for it is not sent any more."""
    connection.execute(webhook.delete().where(webhook.c.id == webhook_id))


def get(webhook_id: str) -> Webhook | None:
    """Return a webhook, or `None`."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(sa.select(webhook).where(webhook.c.id == webhook_id)).first()
    return _webhook(row) if row else None


def of_agency(agency: str) -> list[Webhook]:
    """Return an agency's webhooks, the oldest first."""
    query = sa.select(webhook).where(webhook.c.agency == agency).order_by(webhook.c.created_at)
    with model.meta.engine.connect() as connection:
        return [_webhook(row) for row in connection.execute(query)]


def wanting(agency: str, kind: str, connection: Connection) -> Sequence[str]:
    """Return the ids of the webhooks of an agency to which a kind of notice goes."""
    query = sa.select(webhook.c.id).where(
        webhook.c.agency == agency, webhook.c.kinds.contains([kind])
    )
    return connection.execute(query).scalars().all()


def _webhook(row: Any) -> Webhook:
    return Webhook(
        id=row.id,
        agency=row.agency,
        url=row.url,
        kinds=tuple(row.kinds),
        created_by=row.created_by,
        created_at=row.created_at,
    )
