"""Reads a graded view from one snapshot, row by row, however many it has."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import psycopg2

from ckanext.datastore.backend.postgres import get_read_engine

from .quoting import written
from .search import Query, UnreadableQuery, names_of, selected
from .view import GradedView, column_of, shown, table_of

_ROWS = 5000
_SECONDS_OF_A_PART = 120


def rows(view: GradedView, query: Query, *, typed: bool) -> Generator[list[tuple[Any, ...]]]:
    """Yield the rows in lists of at most a few thousand, the first one even if it is empty.

    Cells are as JSON has them, or `typed` as PostgreSQL has them. What is not read any further,
    because the reader went away, is closed in PostgreSQL too. Raises `UnknownColumn`,
    `UnreadableQuery` or CKAN's `ValidationError`.
    """
    table = table_of(view)
    cells = [
        column_of(table, name) if typed else shown(view, table, name)
        for name in names_of(view, query)
    ]
    statement = selected(view, table, query, cells)
    with get_read_engine().connect() as connection:
        raw = connection.connection.driver_connection
        with raw.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout TO %s", (_SECONDS_OF_A_PART * 1000,))
        with raw.cursor(name="dgatier_rows") as cursor:
            try:
                cursor.execute(written(raw, statement))
                found = cursor.fetchmany(_ROWS)
            except (psycopg2.DataError, psycopg2.ProgrammingError):
                raise UnreadableQuery from None
            yield found
            while found := cursor.fetchmany(_ROWS):
                yield found
