"""Reads a graded view as delimited text, which PostgreSQL itself writes and sends as it is read."""

from __future__ import annotations

import contextlib
import csv
import io
import queue
import threading
from collections.abc import Generator
from typing import Any

import psycopg2
import sqlalchemy as sa

from ckanext.datastore.backend.postgres import get_read_engine

from .quoting import written
from .search import Query, UnreadableQuery, names_of, selected
from .text import BEGIN_A_FORMULA
from .view import GradedView, shown, table_of, type_of

Part = tuple[bytes, int]

_PART = 1 << 16  # bytes
_AHEAD = 8  # parts that PostgreSQL may be ahead of the reader
_LOOK_SECONDS = 0.5
_LONGEST_SECONDS = 6 * 3600


def copied(view: GradedView, query: Query, delimiter: str, *, safe: bool) -> Generator[Part]:
    """Yield the rows as UTF-8 text, names first, in parts with how many rows each has.

    With `safe` no text is one that a spreadsheet would take for a formula. When the reader goes
    away, the statement is cancelled. Raises `UnknownColumn`, `UnreadableQuery` or CKAN's
    `ValidationError`.
    """
    names = names_of(view, query)
    table = table_of(view)
    cells = [_cell(view, table, name, safe) for name in names]
    statement = selected(view, table, query, cells)
    with get_read_engine().connect() as connection:
        raw = connection.connection.driver_connection
        lines = _Lines()
        text = f"COPY ({written(raw, statement)}) TO STDOUT (FORMAT csv, DELIMITER E'{delimiter}')"
        copying = threading.Thread(target=_copy, args=(raw, text, lines), daemon=True)
        copying.start()
        try:
            part, rows = lines.next()
            yield _head(names, delimiter) + part, rows
            while part:
                part, rows = lines.next()
                yield part, rows
        finally:
            if not lines.ended:
                lines.left = True
                raw.cancel()
            copying.join()
            if lines.left:
                connection.invalidate()  # in the middle of a COPY it is of no more use


class _Left(Exception):
    """Who read has gone away."""


class _Lines:
    """The file that COPY writes to on one thread, and that is read in parts on another."""

    def __init__(self) -> None:
        self.left = self.ended = False
        self._parts: queue.Queue[Part | Exception] = queue.Queue(_AHEAD)
        self._lines: list[bytes] = []
        self._size = 0

    def write(self, line: bytes) -> int:
        """Take a line."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _PART:
            self.flush()
        return len(line)

    def end(self) -> None:
        """Hand over what is left, and that it is the end."""
        if self._lines:
            self.flush()
        self.put((b"", 0))

    def flush(self) -> None:
        """Hand over the lines so far."""
        lines, self._lines, self._size = self._lines, [], 0
        self.put((b"".join(lines), len(lines)))

    def put(self, part: Part | Exception) -> None:
        """Hand a part over, or wait until there is room for it; raises `_Left`."""
        while not self.left:
            with contextlib.suppress(queue.Full):
                self._parts.put(part, timeout=_LOOK_SECONDS)
                return
        raise _Left

    def next(self) -> Part:
        """Return the next part, an empty one at the end; raises what ended the COPY."""
        part = self._parts.get()
        if isinstance(part, Exception):
            self.ended = True
            raise part
        self.ended = not part[0]
        return part


def _copy(raw: Any, text: str, lines: _Lines) -> None:
    """Run a COPY to its end, or until the reader has left."""
    try:
        with raw.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout TO %s", (_LONGEST_SECONDS * 1000,))
            cursor.copy_expert(text, lines)
        lines.end()
    except (psycopg2.DataError, psycopg2.ProgrammingError):
        _tell(lines, UnreadableQuery())
    except psycopg2.Error as error:
        _tell(lines, error)
    except _Left:
        pass


def _tell(lines: _Lines, error: Exception) -> None:
    with contextlib.suppress(_Left):
        lines.put(error)


def _head(names: tuple[str, ...], delimiter: str) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter, lineterminator="\n").writerow(names)
    return line.getvalue().encode()


def _cell(view: GradedView, table: Any, name: str, safe: bool) -> Any:
    column = shown(view, table, name)
    if not safe or type_of(view, name) != "text":
        return column
    begins = sa.func.left(column, 1).in_(BEGIN_A_FORMULA)
    return sa.case((begins, sa.literal("'").op("||")(column)), else_=column).label(name)
