"""Filters on rows: which rows of a table a person may have, as a tree that policy gives.

The tree is UCAST, as OPA's compile endpoint writes it: compounds of comparisons, each of a field
with a value. A row that a filter cannot compare, as one with a NULL, does not pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Value = str | int | float | datetime

_PART = "part.name"
_ROW = "row."
_EQUAL = frozenset({"eq", "in"})
_ORDER = frozenset({"lt", "lte", "gt", "gte"})
_NUMBERS = frozenset({"numeric", "int", "int2", "int4", "int8", "float", "float4", "float8"})
_MOMENTS = frozenset({"timestamp", "date"})


class UnreadableFilter(ValueError):
    """A filter is no tree of these, or compares a column with what it cannot hold."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of `eq | in | lt | lte | gt | gte`; `values` are one, but for `in`."""

    column: str
    operator: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """A row passes each of the parts; without parts it passes."""

    parts: tuple[RowFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A row passes one of the parts; without parts it does not pass."""

    parts: tuple[RowFilter, ...] = ()


RowFilter = Comparison | AllOf | AnyOf

EVERY_ROW = AllOf()
NO_ROW = AnyOf()


def of_share(answer: Mapping[str, Any], share: str, types: Mapping[str, str]) -> RowFilter:
    """Return the rows of one share in a compiled answer: `{"query": tree}`, or `{}` for none.

    `types` are the DataStore's types of the columns by name. Raises `UnreadableFilter`.
    """
    if "query" not in answer:
        return NO_ROW
    return _read(answer["query"], share, types) if answer["query"] else EVERY_ROW


def _read(tree: Any, share: str, types: Mapping[str, str]) -> RowFilter:
    try:
        kind, operator, value = tree["type"], tree["operator"], tree["value"]
        if kind == "field":
            return _comparison(tree["field"], operator, value, share, types)
    except (KeyError, TypeError) as error:
        raise UnreadableFilter(str(tree)) from error
    if kind != "compound" or not isinstance(value, list):
        raise UnreadableFilter(str(tree))
    parts = [_read(one, share, types) for one in value]
    if operator == "and":
        return NO_ROW if NO_ROW in parts else AllOf(tuple(parts))
    if operator == "or":
        return AnyOf(tuple(one for one in parts if one != NO_ROW))
    raise UnreadableFilter(str(tree))


def _comparison(
    field: str, operator: str, value: Any, share: str, types: Mapping[str, str]
) -> RowFilter:
    if field == _PART and operator == "eq" and isinstance(value, str):
        return EVERY_ROW if value == share else NO_ROW
    column = field.removeprefix(_ROW)
    if not field.startswith(_ROW) or column not in types:
        raise UnreadableFilter(f"there is no column {field}")
    if isinstance(value, list) != (operator == "in"):
        raise UnreadableFilter(f"{operator} does not take {value!r}")
    given: Sequence[Any] = value if isinstance(value, list) else [value]
    return Comparison(
        column, operator, tuple(_value(one, operator, types[column]) for one in given)
    )


def _value(value: Any, operator: str, kind: str) -> Value:
    """Return a value as the type of its column holds it; text has no order that all agree on."""
    if kind == "text" and operator in _EQUAL and isinstance(value, str):
        return value
    if operator in _EQUAL | _ORDER:
        if kind in _NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if kind in _MOMENTS and isinstance(value, str):
            try:
                return datetime.fromisoformat(value)
            except ValueError as error:
                raise UnreadableFilter(f"{value} is no moment") from error
    raise UnreadableFilter(f"a column of {kind} is not compared with {value!r} by {operator}")
