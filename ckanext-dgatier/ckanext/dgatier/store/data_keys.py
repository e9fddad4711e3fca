"""The data keys of datasets, wrapped by a master key: the newest seals, any opens its files."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import uuid4

import sqlalchemy as sa
from ckan import model
from sqlalchemy.engine import Connection

from .tables import data_key


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as it is kept."""

    id: str
    dataset_id: str
    wrapped: str


def newest(dataset_id: str, connection: Connection) -> WrappedKey | None:
    """Return the key that seals the files of a dataset, `None` where it has none yet."""
    query = _keys().where(data_key.c.dataset_id == dataset_id)
    row = connection.execute(query.order_by(data_key.c.number.desc()).limit(1)).first()
    return WrappedKey(*row) if row else None


def add(dataset_id: str, wrapped: str, connection: Connection) -> WrappedKey:
    """Keep a new key; files of the dataset are sealed by it from now on."""
    made = WrappedKey(str(uuid4()), dataset_id, wrapped)
    connection.execute(data_key.insert().values(id=made.id, dataset_id=dataset_id, wrapped=wrapped))
    return made


def lock(dataset_id: str, connection: Connection) -> None:
    """Let two that seal for the first time agree on one key."""
    connection.execute(
        sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(dataset_id, 12)))
    )


def by_id(key_id: str) -> WrappedKey | None:
    """Return the key that a file names, `None` where it is not known."""
    with model.meta.engine.connect() as connection:
        row = connection.execute(_keys().where(data_key.c.id == key_id)).first()
    return WrappedKey(*row) if row else None


def everything() -> list[WrappedKey]:
    """Return all keys, those of one dataset in the order in which they were made."""
    query = _keys().order_by(data_key.c.dataset_id, data_key.c.number)
    with model.meta.engine.connect() as connection:
        return [WrappedKey(*row) for row in connection.execute(query)]


def rewrap(change: Callable[[str], str], connection: Connection) -> int:
    """Write each key as `change` wraps it; return how many there are."""
    keys = connection.execute(_keys().with_for_update()).all()
    for row in keys:
        connection.execute(
            data_key.update().where(data_key.c.id == row.id).values(wrapped=change(row.wrapped))
        )
    return len(keys)


def forget(key_ids: Iterable[str], connection: Connection) -> None:
    """Delete keys by which no file is sealed any more."""
    connection.execute(data_key.delete().where(data_key.c.id.in_(list(key_ids))))


def _keys() -> sa.Select[tuple[str, str, str]]:
    return sa.select(data_key.c.id, data_key.c.dataset_id, data_key.c.wrapped)
