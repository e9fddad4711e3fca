"""Targets: what is being asked for."""

from __future__ import annotations

from dataclasses import dataclass

from .classification import ClassificationLevel


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a tabular resource as its data dictionary describes it.

    `level`, `disclosure`, `subject_key`, `period` (how it tells the year) and `kind` (what kind of
    thing it holds) are the raw texts of the dictionary, `None` where the publisher said nothing;
    policy decides what an unknown text means. `bounds` are the least and the most that a value of
    it counts in a sum, `None` where the publisher did not give two numbers.
    """

    name: str
    type: str
    level: str | None = None
    disclosure: str | None = None
    subject_key: str | None = None
    period: str | None = None
    kind: str | None = None
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A dataset (`resource_id` is `None`) or one resource of it.

    `level` is the effective level, `agency` the name of the owning CKAN organisation,
    `tabular` whether its rows are in the DataStore, `terms` the version of the terms of use of the
    dataset, `None` where it has none.
    """

    dataset_id: str
    level: ClassificationLevel
    agency: str | None
    resource_id: str | None = None
    category: str | None = None
    province: str | None = None
    tabular: bool = False
    columns: tuple[Column, ...] = ()
    terms: str | None = None
