"""Writes a workbook of one sheet; a text in it is never a formula."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.packaging.custom import StringProperty

MOST_ROWS = 1_048_575  # what a sheet holds below its header
_LONGEST_CELL = 32_767  # characters
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


class TooManyRows(Exception):
    """There are more rows than a sheet holds."""


class Workbook:
    """The whole file comes at the end: the sheet is kept on disk until then, not in memory.

    Labels are properties of the document.
    """

    def __init__(
        self, fields: Sequence[tuple[str, str]], bom: bool, label: Mapping[str, str]
    ) -> None:
        self._book = openpyxl.Workbook(write_only=True)
        for name, text in label.items():
            self._book.custom_doc_props.append(StringProperty(name=f"dgatier.{name}", value=text))
        self._sheet = self._book.create_sheet("data")
        self._sheet.append([self._cell(name) for name, _ in fields])
        self._rows = 0

    def write(self, rows: Sequence[Sequence[Any]]) -> bytes:
        """Take rows up; raises `TooManyRows`."""
        self._rows += len(rows)
        if self._rows > MOST_ROWS:
            raise TooManyRows
        for row in rows:
            self._sheet.append([self._cell(value) for value in row])
        return b""

    def end(self) -> bytes:
        """Return the whole file."""
        with tempfile.TemporaryFile() as kept:
            self._book.save(kept)
            kept.seek(0)
            return kept.read()

    def _cell(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | Decimal):
            return value
        if isinstance(value, date) and not (isinstance(value, datetime) and value.tzinfo):
            return value
        cell = WriteOnlyCell(self._sheet, _NOT_IN_XML.sub("", str(value))[:_LONGEST_CELL])
        cell.data_type = "s"
        return cell
