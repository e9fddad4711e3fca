"""What a summary releases: figures with noise, without small groups, out of a budget.

Each figure of a question is `epsilon`-differentially private towards whoever has at most
`rows_a_person` rows; which groups are told of at all adds `delta` (docs/decisions/0026).
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .decision import SummaryTerms

#: Into how many steps the larger bound of a measure is divided; a sum is told in whole steps.
_STEPS = 1000
#: Of a noisy figure and its margin nineteen in twenty hold the exact one between them.
_ONE_IN = 20
#: The most cells of one answer, and values of one filter.
MOST_CELLS = 1000
MOST_VALUES = 200

#: Draws noise of a scale; see `noise.laplace`.
Noise = Callable[[Fraction], int]


class NotAnswered(Exception):
    """A question names what may not be counted by, summed up or filtered by; says what."""

    def __init__(self, part: str, name: str) -> None:
        super().__init__(part, name)
        self.part = part
        self.name = name


@dataclass(frozen=True, slots=True)
class Account:
    """What a person, and those of their pool together, spent on a table in the period.

    `oldest` is when the first of it was spent, `None` where nothing was.
    """

    own: float
    pooled: float
    oldest: datetime | None = None

    def left(self, terms: SummaryTerms) -> float:
        """Return what may still be spent."""
        left = terms.budget - self.own
        if terms.pool is not None:
            left = min(left, terms.pool_budget - self.pooled)
        return max(round(left, 6), 0.0)


class BudgetSpent(Exception):
    """A question costs more than is left of the budget."""

    def __init__(self, cost: float, account: Account) -> None:
        super().__init__(cost, account)
        self.cost = cost
        self.account = account


@dataclass(frozen=True, slots=True)
class Question:
    """By which columns to count, what to sum up and average, and which values alone to take.

    `filters` are pairs of a column and the texts, or `None`, that its values have there.
    """

    by: tuple[str, ...]
    sums: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str | None, ...]], ...] = ()

    @property
    def summed(self) -> tuple[str, ...]:
        """The columns whose sum is needed, also for a mean."""
        return tuple(sorted({*self.sums, *self.means}))

    def check(self, terms: SummaryTerms) -> None:
        """Raise `NotAnswered` for what the terms do not have, or too much of it."""
        _within("by", self.by, terms.dimensions, terms.most_dimensions)
        _within("measures", self.summed, terms.measures, len(terms.measures))
        _within("filters", [name for name, _ in self.filters], terms.dimensions, MOST_VALUES)
        for name, values in self.filters:
            if not 0 < len(values) <= MOST_VALUES:
                raise NotAnswered("filters", name)

    def cost(self, terms: SummaryTerms) -> float:
        """Return what the answer takes of a budget: of each figure in a cell its epsilon."""
        return terms.epsilon * (1 + len(self.summed) + len(set(self.means)))

    def digest(self, terms: SummaryTerms, rows: Iterable[str]) -> str:
        """Return a name for the question, the same for all to whom the same may be answered.

        `rows` says which rows the person reaches, nothing for all.
        """
        columns = {*self.by, *(name for name, _ in self.filters)}
        asked = {
            "question": asdict(self),
            "rows": sorted(rows),
            "terms": [terms.smallest_cell, terms.epsilon, terms.delta, terms.rows_a_person],
            "masks": {name: _mask(terms, name) for name in columns},
            "bounds": {name: terms.measures[name] for name in self.summed},
        }
        text = json.dumps(asked, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Group:
    """The exact figures of a group: its values, its rows, and for each summed column a pair.

    The pair is the sum of the values within the bounds, and how many values there are.
    """

    values: tuple[str | None, ...]
    rows: int
    sums: tuple[tuple[int | float | Decimal, int], ...] = ()


def threshold(terms: SummaryTerms) -> int:
    """Return the noisy count from which on a group is told of.

    So far above the smallest group that one person, who makes a group large enough or not, is
    seen by that with a probability of at most `delta`.
    """
    most = terms.rows_a_person
    return terms.smallest_cell + most - 1 + math.ceil(_scale(terms) * math.log(most / terms.delta))


def released(
    question: Question, groups: Sequence[Group], terms: SummaryTerms, noise: Noise
) -> dict[str, Any]:
    """Return the answer in the shape of the action API; nothing exact is in it.

    Totals are those of the cells that are told of, so that nothing is left by subtraction.
    """
    least = threshold(terms)
    cells = []
    for group in groups:
        count = group.rows + noise(_scale(terms))
        if group.rows >= terms.smallest_cell and count >= least:
            cells.append(_cell(question, group, count, terms, noise))
    cells.sort(key=lambda cell: (-cell["count"], str(cell["values"])))
    del cells[MOST_CELLS:]
    return {
        "cells": cells,
        "total": sum(cell["count"] for cell in cells),
        "totals": _totals(question, cells),
        "smallest_count": least,
        "margins": _margins(question, terms),
    }


def _cell(
    question: Question, group: Group, count: int, terms: SummaryTerms, noise: Noise
) -> dict[str, Any]:
    cell: dict[str, Any] = {"values": list(group.values), "count": count}
    exact = dict(zip(question.summed, group.sums, strict=True))
    noisy = {}
    for name, (total, _) in exact.items():
        step = _step(terms, name)
        noisy[name] = (round(Fraction(total) / step) + noise(_sum_scale(terms))) * step
    if question.sums:
        cell["sums"] = {name: _number(noisy[name]) for name in question.sums}
    if question.means:
        cell["means"] = {
            name: _mean(noisy[name], exact[name][1] + noise(_scale(terms)), terms.measures[name])
            for name in question.means
        }
    return cell


def _mean(total: Fraction, values: int, bounds: tuple[float, float]) -> float | None:
    if values <= 0:
        return None
    lowest, highest = map(Fraction, bounds)
    return _number(min(max(total / values, lowest), highest))


def _totals(question: Question, cells: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each of several dimensions the counts that its values have together."""
    if len(question.by) < 2:
        return {}
    found: dict[str, dict[str | None, int]] = {name: {} for name in question.by}
    for cell in cells:
        for name, value in zip(question.by, cell["values"], strict=True):
            found[name][value] = found[name].get(value, 0) + cell["count"]
    return {
        name: [{"value": value, "count": count} for value, count in counts.items()]
        for name, counts in found.items()
    }


def _margins(question: Question, terms: SummaryTerms) -> dict[str, Any]:
    """Return by how much a count and each sum may be off, nineteen times in twenty."""
    sums = {
        name: _number(Fraction(math.ceil(_sum_scale(terms) * math.log(_ONE_IN))) * step)
        for name in question.sums
        for step in [_step(terms, name)]
    }
    return {"count": math.ceil(_scale(terms) * math.log(_ONE_IN)), "sums": sums}


def _scale(terms: SummaryTerms) -> Fraction:
    return Fraction(terms.rows_a_person) / Fraction(str(terms.epsilon))


def _sum_scale(terms: SummaryTerms) -> Fraction:
    """Return the scale of a sum's noise in steps; one more step is what rounding may move."""
    return Fraction(terms.rows_a_person * _STEPS + 1) / Fraction(str(terms.epsilon))


def _step(terms: SummaryTerms, name: str) -> Fraction:
    return max(map(abs, map(Fraction, terms.measures[name]))) / _STEPS


def _number(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else round(float(value), 2)


def _mask(terms: SummaryTerms, name: str) -> Any:
    mask = terms.dimensions[name]
    return [mask.method, dict(mask.options)] if mask else None


def _within(part: str, names: Sequence[str], known: Mapping[str, Any], most: int) -> None:
    if len(names) > most or len(set(names)) < len(names):
        raise NotAnswered(part, names[-1])
    for name in names:
        if name not in known:
            raise NotAnswered(part, name)
