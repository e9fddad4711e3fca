"""Rows as delimited text, and cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any


def delimited(rows: Sequence[Sequence[Any]], delimiter: str) -> str:
    """Return rows as delimited text without a header, as `datastore_search` gives it."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()


def safe(value: Any) -> Any:
    """Return a cell so that no spreadsheet takes it for a formula."""
    if isinstance(value, str) and value.startswith(BEGIN_A_FORMULA):
        return f"'{value}"
    return value


#: How a text begins that a spreadsheet takes for a formula.
BEGIN_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
