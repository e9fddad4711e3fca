"""Runs a checked statement over graded views, within limits."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2 import Error as DatabaseError
from psycopg2 import errorcodes

from ckanext.datastore.backend import postgres

from .. import graded_view
from ..graded_view import GradedView
from .statement import Statement

log = logging.getLogger(__name__)

_BATCH = 500  # rows
_FULL_TEXT = "_full_text"  # CKAN's own column of search words
_REASONS = {
    errorcodes.CLASS_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION: "statement",
    errorcodes.CLASS_DATA_EXCEPTION: "value",
    errorcodes.CLASS_CARDINALITY_VIOLATION: "value",
    errorcodes.CLASS_FEATURE_NOT_SUPPORTED: "statement",
    errorcodes.CLASS_INSUFFICIENT_RESOURCES: "size",
    errorcodes.CLASS_PROGRAM_LIMIT_EXCEEDED: "size",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a statement may take, and how many rows and bytes (about) it may give."""

    seconds: int
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns as name and type, rows as PostgreSQL's values; `cut` where there were more rows."""

    fields: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    cut: bool


class StatementFailed(Exception):
    """The statement could not be carried out.

    `reason` is `statement` (it does not fit the tables; `detail` has PostgreSQL's words, written
    before any row is read), `value` (a value does not fit what is done with it), `time`, `size`
    or `other`.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


def answer(statement: Statement, tables: Mapping[str, GradedView | str], limits: Limits) -> Answer:
    """Run a statement; `tables` are by the client's name, an id where a table is had whole.

    Raises `StatementFailed`, and no error that carries a value.
    """
    with postgres.get_read_engine().connect() as connection:
        raw = connection.connection.driver_connection
        with _told_without_values(statement), raw.cursor() as cursor:
            cursor.execute(
                "SET TRANSACTION READ ONLY; SET LOCAL search_path TO pg_catalog; "
                "SET LOCAL cursor_tuple_fraction TO 1; SET LOCAL statement_timeout TO %s",
                (limits.seconds * 1000,),
            )
            written = whole_text(raw, statement, tables, limits.rows + 1)
        with _told_without_values(statement), raw.cursor(name="dgatier_statement") as cursor:
            cursor.execute(written)
            rows = list(_fetched(cursor, limits))
            fields = [
                (one.name, postgres._get_type(connection.engine, one.type_code))
                for one in cursor.description
            ]
    shown = [place for place, (name, _) in enumerate(fields) if name != _FULL_TEXT]
    return Answer(
        [fields[place] for place in shown],
        [tuple(row[place] for place in shown) for row in rows[: limits.rows]],
        len(rows) > limits.rows,
    )


def whole_text(
    raw: Any, statement: Statement, tables: Mapping[str, GradedView | str], most: int
) -> str:
    """Return what PostgreSQL runs; `raw` is psycopg2's connection, which quotes the values.

    Where rows are filtered the view is MATERIALIZED: no condition of the client meets a row, not
    even to fail on it, that the filter did not let through. Where only columns are masked, each
    condition sees what the mask made of a value, whenever it is asked.
    """
    views = []
    for name, place in statement.tables.items():
        view = tables[name]
        filtered = isinstance(view, GradedView) and view.parts is not None
        kind = "MATERIALIZED" if filtered else "NOT MATERIALIZED"
        views.append(f"{place} AS {kind} ({graded_view.written(raw, graded_view.rows_of(view))})")
    with_views = f"WITH {', '.join(views)} " if views else ""
    return f"{with_views}SELECT * FROM ({statement.text}) AS answer LIMIT {most}"  # noqa: S608


def _fetched(cursor: Any, limits: Limits) -> Iterator[tuple[Any, ...]]:
    size, started = 0, time.monotonic()
    while rows := cursor.fetchmany(_BATCH):
        size += sum(len(str(value)) for row in rows for value in row)
        if size > limits.size:
            raise StatementFailed("size")
        if time.monotonic() - started > limits.seconds:
            raise StatementFailed("time")
        yield from rows


@contextmanager
def _told_without_values(statement: Statement) -> Iterator[None]:
    """Turn an error of PostgreSQL, whose text may carry a value, into one of ours."""
    try:
        yield
    except DatabaseError as error:
        code = error.pgcode or ""
        reason = "time" if code == errorcodes.QUERY_CANCELED else _REASONS.get(code[:2], "other")
        if reason == "other":
            log.error("a statement failed with SQLSTATE %s", code)
        words = (error.diag.message_primary or "") if reason == "statement" else ""
        raise StatementFailed(reason, statement.as_the_client_names(words)) from None
