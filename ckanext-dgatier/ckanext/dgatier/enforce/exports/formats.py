"""The formats that a table can be had in, and what writes each of them."""

from __future__ import annotations

import codecs
import contextlib
import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from ckanext.datastore import writer

from .. import graded_view
from ..graded_view import GradedView, Query
from . import parquet, workbook

Rows = Sequence[Sequence[Any]]
Fields = Sequence[tuple[str, str]]  # name and type
Parts = Generator[tuple[bytes, int]]
Label = Mapping[str, str]  # who had it, when, by which decision and on which terms


class Writer(Protocol):
    """Makes bytes of a file out of rows, part by part."""

    def write(self, rows: Rows) -> bytes:
        """Return what rows add to the file; the first time its beginning too."""

    def end(self) -> bytes:
        """Return the end of the file."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format; `parts` makes a file of a view, of the rows, with or without a BOM, and its label.

    Each part comes with how many rows are in it; it may be empty. Where a format has no place for
    a label, it stands only beside the file.
    """

    name: str
    mimetype: str
    parts: Callable[[GradedView, Query, bool, Label], Parts]


def _delimited(delimiter: str, *, safe: bool = False) -> Callable[..., Parts]:
    def parts(view: GradedView, query: Query, bom: bool, label: Label) -> Parts:
        if bom:
            yield codecs.BOM_UTF8, 0
        yield from graded_view.copied(view, query, delimiter, safe=safe)

    return parts


def _by_rows(
    make: Callable[[Fields, bool, Label], Writer], *, typed: bool = False
) -> Callable[..., Parts]:
    def parts(view: GradedView, query: Query, bom: bool, label: Label) -> Parts:
        names = graded_view.names_of(view, query)
        writer = None
        with contextlib.closing(graded_view.rows(view, query, typed=typed)) as found:
            for rows in found:
                if writer is None:
                    fields = [(one, graded_view.type_of(view, one)) for one in names]
                    writer = make(fields, bom, label)
                yield writer.write(rows), len(rows)
        if writer is not None:
            yield writer.end(), 0

    return parts


class _OfCkan:
    """JSON or XML as CKAN's own dump writes it; a label is one more member of the JSON."""

    def __init__(
        self, factory: Any, by_name: bool, fields: Fields, bom: bool, label: Label
    ) -> None:
        self._label = {} if by_name else label
        shape = [{"id": name, "type": kind} for name, kind in fields]
        self._names = [name for name, _ in fields] if by_name else None
        self._open = factory(shape, bom=bom)
        self._writer = self._open.__enter__()

    def write(self, rows: Rows) -> bytes:
        names = self._names
        records = [dict(zip(names, row, strict=True)) for row in rows] if names else rows
        return bytes(self._writer.write_records(records))

    def end(self) -> bytes:
        end = bytes(self._writer.end_file())
        if not self._label:
            return end
        member = json.dumps(dict(self._label), ensure_ascii=False)
        return end[: end.rindex(b"}")] + f',\n  "dgatier": {member}}}\n'.encode()


_CSV, _SHEET = "text/csv; charset=utf-8", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"

#: CSV for people, who open it in a spreadsheet: no text in it is taken for a formula.
SAFE_CSV = Format("csv", _CSV, _delimited(",", safe=True))
FORMATS = {
    one.name: one
    for one in (
        Format("csv", _CSV, _delimited(",")),
        Format("tsv", "text/tab-separated-values; charset=utf-8", _delimited("\t")),
        Format(
            "json",
            "application/json; charset=utf-8",
            _by_rows(partial(_OfCkan, writer.json_writer, False)),
        ),
        Format(
            "xml", "text/xml; charset=utf-8", _by_rows(partial(_OfCkan, writer.xml_writer, True))
        ),
        Format("parquet", "application/vnd.apache.parquet", _by_rows(parquet.Parquet, typed=True)),
        Format("xlsx", f"application/{_SHEET}", _by_rows(workbook.Workbook, typed=True)),
    )
}


def format_of(original: str | None) -> Format:
    """Return the format for a table whose original is in a format of this name."""
    name = (original or "").lower().lstrip(".")
    return FORMATS[name] if name in ("xlsx", "parquet") else SAFE_CSV
