"""Which rows: the filters that policy leaves when nothing is known of a row, and their SQL."""

from __future__ import annotations

import logging
import operator
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from ckanext.dgatier.core import row_filter
from ckanext.dgatier.core.decision import Share
from ckanext.dgatier.core.grant import Conditions
from ckanext.dgatier.core.row_filter import AllOf, AnyOf, RowFilter
from ckanext.dgatier.core.target import Column

from . import document
from .client import PolicyUnavailable, ask, compiled

log = logging.getLogger(__name__)

_INCLUDE = "rows/include"
_LACKING = "scope/lacking"
_COMPARING = {
    "eq": operator.eq,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def row_filters(shares: Sequence[Share], columns: Sequence[Column]) -> dict[str, RowFilter]:
    """Return by name which rows each share of a decision has; one round trip for all.

    Raises `PolicyUnavailable`, also where a filter does not fit the columns.
    """
    answer = compiled(
        _INCLUDE,
        {
            "shares": [{"name": one.name, "rows": dict(one.rows)} for one in shares],
            "columns": [document.of_column(column) for column in columns],
        },
        unknowns=("input.row", "input.part"),
        masks="rows.masks",
    )
    types = {column.name: column.type for column in columns}
    try:
        return {one.name: row_filter.of_share(answer, one.name, types) for one in shares}
    except row_filter.UnreadableFilter as error:
        log.error("OPA's filter cannot be read: %s", error)
        raise PolicyUnavailable(_INCLUDE) from error


def lacking(
    conditions: Conditions, tables: Sequence[tuple[str, Sequence[Column]]]
) -> list[tuple[str, ...]]:
    """Return the conditions that each table cannot keep to; a table is a resource's id and columns.

    They are among `provinces`, `years` and `columns`. Raises `PolicyUnavailable`.
    """
    answer = ask(
        _LACKING,
        {
            "conditions": conditions.to_dict(),
            "tables": [
                {"resource_id": name, "columns": [document.of_column(one) for one in columns]}
                for name, columns in tables
            ],
        },
    )
    if not isinstance(answer, list) or len(answer) != len(tables):
        raise PolicyUnavailable(_LACKING)
    return [tuple(some) for some in answer]


def condition(rows: RowFilter, columns: Mapping[str, Any]) -> Any:
    """Return a filter as an expression of SQL over `columns` by name, its values bound."""
    if isinstance(rows, AllOf):
        return sa.and_(sa.true(), *(condition(part, columns) for part in rows.parts))
    if isinstance(rows, AnyOf):
        return sa.or_(sa.false(), *(condition(part, columns) for part in rows.parts))
    return compared(columns[rows.column], rows.operator, rows.values)


def compared(column: Any, operation: str, values: Sequence[Any]) -> Any:
    """Return in SQL how a column compares with values, which are one but for `in`.

    `operation` is one of `eq | in | lt | lte | gt | gte`; raises `KeyError` for any other.
    """
    return column.in_(values) if operation == "in" else _COMPARING[operation](column, values[0])
