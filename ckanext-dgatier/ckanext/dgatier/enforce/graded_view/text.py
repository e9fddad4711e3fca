"""Writes a graded view out as delimited text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine

from .view import GradedView, shown, table_of

_PAGE = 5000


def parts(view: GradedView, delimiter: str = ",") -> Iterator[tuple[str, int]]:
    """Yield the whole view as delimited text, a header first, in pages of constant memory.

    With each part comes how many rows are in it.

    A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    names = tuple(column.name for column in view.columns)
    yield _line(names, delimiter), 0
    table = table_of(view)
    statement = sa.select(*(shown(view, table, name) for name in names)).order_by(table.c["_id"])
    with get_read_engine().connect().execution_options(yield_per=_PAGE) as connection:
        for rows in connection.execute(statement).partitions():
            text = "".join(_line([safe(value) for value in row], delimiter) for row in rows)
            yield text, len(rows)


def _line(values: Sequence[Any], delimiter: str) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerow(values)
    return buffer.getvalue()


def safe(value: Any) -> Any:
    """Return a cell so that no spreadsheet takes it for a formula."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def delimited(rows: Sequence[Sequence[Any]], delimiter: str) -> str:
    """Return rows as delimited text without a header, as `datastore_search` gives it."""
    return "".join(_line(row, delimiter) for row in rows)
