"""Finds pseudonyms that a key makes of a table's values."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine
from ckanext.dgatier.core.decision import ColumnMask

from . import masks

_SECONDS = 600


def matched(
    resource_id: str, columns: Collection[str], key: bytes, pseudonyms: Collection[str]
) -> int:
    """Return how many of the pseudonyms the key makes of values of these columns."""
    raw = sa.table(resource_id, *map(sa.column, columns), schema="public")
    made = sa.union(
        *(
            sa.select(masks.masked(raw, name, ColumnMask("pseudonym"), key).label("made"))
            for name in columns
        )
    ).subquery()
    counted = sa.select(sa.func.count()).where(made.c.made.in_(list(pseudonyms)))
    with get_read_engine().connect() as connection:
        connection.execute(sa.text(f"SET LOCAL statement_timeout TO {_SECONDS * 1000}"))
        return int(connection.execute(counted).scalar_one())
