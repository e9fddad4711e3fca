"""The names of attached files, which can be erased; what the files are stands in the events."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from .tables import attachment


def add(attachment_id: str, request_id: str, name: str, connection: Connection) -> None:
    """Keep the name of a file, in the transaction of the event that attaches it."""
    row = {"id": attachment_id, "request_id": request_id, "name": name}
    connection.execute(attachment.insert().values(**row))


def names(request_id: str) -> dict[str, str]:
    """Return the names of a request's files by id; those that were erased are left out."""
    query = sa.select(attachment.c.id, attachment.c.name).where(
        attachment.c.request_id == request_id
    )
    with model.meta.engine.connect() as connection:
        return {row.id: row.name for row in connection.execute(query)}


def named(attachment_ids: Iterable[str]) -> frozenset[str]:
    """Return which of these files a request names."""
    query = sa.select(attachment.c.id).where(attachment.c.id.in_(list(attachment_ids)))
    with model.meta.engine.connect() as connection:
        return frozenset(connection.execute(query).scalars())


def forget(attachment_ids: Iterable[str], connection: Connection) -> None:
    """Erase the names of files."""
    connection.execute(attachment.delete().where(attachment.c.id.in_(list(attachment_ids))))
