"""Numbers of requests that anyone may see: small counts hidden, so that they tell of nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from .request import RequestState


class Outcome(StrEnum):
    """What became of a request."""

    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    WAITING = "waiting"


#: What is in none of these states waits.
OUTCOME_OF: Mapping[RequestState, Outcome] = {
    RequestState.APPROVED: Outcome.APPROVED,
    RequestState.REJECTED: Outcome.REJECTED,
    RequestState.WITHDRAWN: Outcome.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Line:
    """The requests of an agency, for a purpose, of a month, or all of them; `None` is hidden.

    For a ground, the requests that were rejected on it.

    `counts` are in the order of `Outcome`, `total` is their sum. `median_days` and `slow_days` tell
    in how many days half, and nine of ten, of those decided were decided.
    """

    key: str
    counts: tuple[int | None, ...]
    total: int | None
    median_days: float | None = None
    slow_days: float | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The same requests thrice: by agency, by purpose, and by the month of asking (`2026-01`).

    And those that were rejected by the ground that was given, empty where none was.
    """

    total: Line
    agencies: tuple[Line, ...]
    purposes: tuple[Line, ...]
    months: tuple[Line, ...]
    grounds: tuple[Line, ...] = ()

    def tables(self) -> tuple[tuple[Line, ...], ...]:
        """Return the tables that hold all requests."""
        return (self.agencies, self.purposes, self.months)


# A table, a line and a column; the line of all requests is the same in each table.
_Cell = tuple[int, int, int]
_ALL = (-1, -1)
_DECIDED = (Outcome.APPROVED, Outcome.REJECTED)
_REJECTED = list(Outcome).index(Outcome.REJECTED)
_SUM = len(Outcome)
_GROUNDS = 3


def hide_small(known: Numbers, smallest: int) -> Numbers:
    """Return the numbers with counts from 1 to below `smallest` hidden.

    Lines and columns add up to totals that are shown, so a count hidden alone could be worked out.
    The next smallest is hidden with it (complementary suppression: Hundepool et al., Statistical
    Disclosure Control, 2012, chapter 4). Times are hidden where fewer than `smallest` were decided.
    """
    cells = _cells(known)
    hidden = {cell for cell, count in cells.items() if 0 < count < smallest}
    alone = True
    while alone:
        alone = False
        for row in _sums(known):
            if len(hidden.intersection(row)) == 1:
                shown = [cell for cell in row if cell not in hidden]
                hidden.add(min(shown, key=lambda cell: (cells[cell] == 0, cells[cell], cell)))
                alone = True
    agencies, purposes, months, grounds = (
        tuple(_hide(line, (table, place), hidden, smallest) for place, line in enumerate(lines))
        for table, lines in enumerate((*known.tables(), known.grounds))
    )
    return Numbers(_hide(known.total, _ALL, hidden, smallest), agencies, purposes, months, grounds)


def _values(line: Line) -> tuple[int, ...]:
    return tuple(count or 0 for count in (*line.counts, line.total))


def _cells(known: Numbers) -> dict[_Cell, int]:
    cells = {(*_ALL, column): count for column, count in enumerate(_values(known.total))}
    for table, lines in enumerate((*known.tables(), known.grounds)):
        for place, line in enumerate(lines):
            for column, count in enumerate(_values(line)):
                cells[table, place, column] = count
    return cells


def _sums(known: Numbers) -> Iterator[list[_Cell]]:
    """Yield the cells of each line and column; in each the others add up to the last one."""
    columns = range(len(known.total.counts) + 1)
    yield [(*_ALL, column) for column in columns]
    for table, lines in enumerate(known.tables()):
        for place in range(len(lines)):
            yield [(table, place, column) for column in columns]
        for column in columns:
            yield [*((table, place, column) for place in range(len(lines))), (*_ALL, column)]
    # Everyone knows that a ground has only rejections, so its other counts hide nothing.
    rejected = [(_GROUNDS, place, _REJECTED) for place in range(len(known.grounds))]
    yield from ([cell, (_GROUNDS, place, _SUM)] for place, cell in enumerate(rejected))
    if rejected:
        yield [*rejected, (*_ALL, _REJECTED)]


def _hide(line: Line, where: tuple[int, int], hidden: set[_Cell], smallest: int) -> Line:
    shown: Sequence[int | None] = [
        None if (*where, column) in hidden else count for column, count in enumerate(_values(line))
    ]
    decided = sum(_values(line)[list(Outcome).index(one)] for one in _DECIDED)
    few = decided < smallest
    return replace(
        line,
        counts=tuple(shown[:-1]),
        total=shown[-1],
        median_days=None if few else line.median_days,
        slow_days=None if few else line.slow_days,
    )
