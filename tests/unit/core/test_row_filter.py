"""A filter on rows is read for one share, and only where it fits the columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ckanext.dgatier.core.row_filter import (
    EVERY_ROW,
    NO_ROW,
    AllOf,
    AnyOf,
    Comparison,
    UnreadableFilter,
    of_share,
)

_TYPES = {"province": "text", "day": "timestamp", "amount": "numeric", "share": "bool"}


def _is(share: str) -> dict[str, Any]:
    return _field("part.name", "eq", share)


def _field(name: str, operator: str, value: Any) -> dict[str, Any]:
    return {"type": "field", "field": name, "operator": operator, "value": value}


def _compound(operator: str, *parts: Any) -> dict[str, Any]:
    return {"type": "compound", "operator": operator, "value": list(parts)}


_HERE = _field("row.province", "in", ["น่าน", "แพร่"])
_TREE = _compound(
    "or",
    _compound("and", _is("g"), _HERE),
    _compound("and", _is("h"), _field("row.day", "gte", "2023-01-01")),
    _is("whole"),
)


def test_each_share_has_its_own_rows() -> None:
    here = Comparison("province", "in", ("น่าน", "แพร่"))
    since = Comparison("day", "gte", (datetime(2023, 1, 1),))  # noqa: DTZ001
    assert of_share({"query": _TREE}, "g", _TYPES) == AnyOf((AllOf((EVERY_ROW, here)),))
    assert of_share({"query": _TREE}, "h", _TYPES) == AnyOf((AllOf((EVERY_ROW, since)),))
    assert of_share({"query": _TREE}, "whole", _TYPES) == AnyOf((EVERY_ROW,))


def test_a_share_that_the_filter_does_not_name_has_no_row() -> None:
    assert of_share({"query": _TREE}, "another", _TYPES) == NO_ROW
    assert of_share({}, "g", _TYPES) == NO_ROW


def test_what_holds_of_everything_has_every_row() -> None:
    assert of_share({"query": {}}, "g", _TYPES) == EVERY_ROW


@pytest.mark.parametrize(
    "tree",
    [
        _field("row.gone", "eq", "x"),
        _field("province", "eq", "x"),
        _field("other.province", "eq", "x"),
        _field("part.name", "ne", "g"),
        _field("row.province", "eq", 7),
        _field("row.province", "eq", None),
        _field("row.province", "eq", ["x"]),
        _field("row.province", "in", "x"),
        _field("row.province", "gte", "x"),
        _field("row.province", "ne", "x"),
        _field("row.province", "contains", "x"),
        _field("row.amount", "eq", "7"),
        _field("row.amount", "eq", True),
        _field("row.day", "gte", "yesterday"),
        _field("row.day", "gte", 2023),
        _field("row.share", "eq", "x"),
        _compound("not", _HERE),
        {"type": "compound", "operator": "and", "value": "all"},
        {"type": "other", "operator": "and", "value": []},
        {"operator": "and"},
        "everything",
        [1],
    ],
)
def test_what_cannot_be_read_or_does_not_fit_is_no_filter(tree: Any) -> None:
    with pytest.raises(UnreadableFilter):
        of_share({"query": tree}, "g", _TYPES)
    with pytest.raises(UnreadableFilter):
        of_share({"query": _compound("or", _is("g"), tree)}, "g", _TYPES)
