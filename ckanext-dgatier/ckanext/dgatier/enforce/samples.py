"""Some values of each column of a table, to see what the columns hold; they must not go out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine

_ROWS = 500


def of_columns(resource_id: str, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the values of the first and the last five hundred rows, by column.

    By the numbers of the rows, which have an index: a large table costs what a small one does.
    """
    if not names:
        return {}
    table = sa.table(resource_id, sa.column("_id"), *map(sa.column, names))
    columns = [sa.cast(table.c[name], sa.Text).label(name) for name in names]
    ends = [
        sa.select(*columns).order_by(order).limit(_ROWS).subquery()
        for order in (table.c["_id"].asc(), table.c["_id"].desc())
    ]
    statement = sa.union_all(*(sa.select(end) for end in ends))
    with get_read_engine().connect() as connection:
        rows = connection.execute(statement).all()
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
