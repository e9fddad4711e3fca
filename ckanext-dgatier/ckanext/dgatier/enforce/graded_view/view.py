"""A table as one person may see it: which rows, and each column through its mask."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ckanext.dgatier import policy
from ckanext.dgatier.core.decision import Cell, ColumnMask
from ckanext.dgatier.core.row_filter import RowFilter
from ckanext.dgatier.core.target import Column

from . import masks

_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.MS'  # as CKAN's own answers have it
_SCHEMA = "public"  # where CKAN keeps the DataStore's tables


@dataclass(frozen=True, slots=True)
class Parts:
    """What a filtered view is made of: by share its rows and its key, by column the cells."""

    rows: Mapping[str, RowFilter]
    keys: Mapping[str, bytes]
    cells: Mapping[str, tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class GradedView:
    """A table with the masks of one person; `key` is the key of this person's pseudonyms.

    `parts` are `None` where all rows are shown, each by the same `masks`.
    """

    resource_id: str
    columns: tuple[Column, ...]
    masks: Mapping[str, ColumnMask]
    key: bytes
    parts: Parts | None = None

    def visible_type(self, column: Column) -> str:
        """Return the type that a column has as it is shown."""
        return "text" if column.name in self.masks else column.type


class UnknownColumn(Exception):
    """A query names a column that the view does not have."""


def pseudonym_key(secret: str, subject_id: str | None, resource_id: str, grant: str) -> bytes:
    """Return a key for one person, resource and grant, so that two releases cannot be joined."""
    message = "\x1f".join((subject_id or "", resource_id, grant)).encode()
    return hmac.digest(secret.encode(), message, "sha256")


def table_of(view: GradedView) -> Any:
    """Return the graded view as a subquery; everything else selects from it."""
    return rows_of(view).subquery("graded")


def rows_of(view: GradedView | str) -> Any:
    """Return the SELECT of a graded view; an id stands for a table that is had whole."""
    if isinstance(view, str):
        return sa.select(sa.literal_column("*")).select_from(sa.table(view, schema=_SCHEMA))
    names = ["_id", *(one.name for one in view.columns)]
    raw = sa.table(view.resource_id, *(sa.column(name) for name in names), schema=_SCHEMA)
    if view.parts is not None:
        return _filtered(view, view.parts, raw)
    masked = [
        masks.masked(raw, column.name, view.masks.get(column.name), view.key).label(column.name)
        for column in view.columns
    ]
    return sa.select(raw.c["_id"], *masked)


def _filtered(view: GradedView, parts: Parts, raw: Any) -> Any:
    """Return the rows of the shares, each cell as the first share that has the row shows it.

    The rows are counted anew: the gaps in their own numbers would tell of those between them.
    """
    has = {name: policy.condition(rows, raw.c) for name, rows in parts.rows.items()}

    def cell_of(column: Column) -> Any:
        cells = [
            (has[cell.share], masks.masked(raw, column.name, cell.mask, parts.keys[cell.share]))
            for cell in parts.cells.get(column.name, ())
        ]
        if column.name not in view.masks:
            return sa.case(*cells).label(column.name)
        texts = [(one, sa.cast(value, sa.Text)) for one, value in cells]
        hidden = sa.cast(sa.null(), sa.Text)
        return (sa.case(*texts, else_=hidden) if texts else hidden).label(column.name)

    number = sa.func.row_number().over(order_by=raw.c["_id"]).label("_id")
    return sa.select(number, *map(cell_of, view.columns)).where(sa.or_(sa.false(), *has.values()))


def column_of(table: Any, name: str) -> Any:
    """Return a column of the view; raises `UnknownColumn`."""
    if name not in table.c:
        raise UnknownColumn(name)
    return table.c[name]


def shown(view: GradedView, table: Any, name: str) -> Any:
    """Return a column as JSON carries it: moments as ISO 8601 text, the rest as it is."""
    column, kind = column_of(table, name), type_of(view, name)
    if kind in ("timestamp", "timestamptz"):
        return sa.func.to_char(column, _MOMENT).label(name)
    if kind == "date":
        return sa.cast(column, sa.Text).label(name)
    return column.label(name)


def type_of(view: GradedView, name: str) -> str:
    """Return the type that a column has as the view shows it."""
    return next((view.visible_type(one) for one in view.columns if one.name == name), "int")
