"""Reading far above a person's own habit: the modified z-score of a day among their days."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import fmean, median

# That of normal data is its standard deviation times these (Iglewicz and Hoaglin, How to Detect
# and Handle Outliers, 1993): the median distance from the median, and the mean one, for where the
# former is nought.
_OF_MEDIAN = 0.6745
_OF_MEAN = 1.253314


class Measure(StrEnum):
    """What is counted of a day."""

    ROWS = "rows"
    READS = "reads"


@dataclass(frozen=True, slots=True)
class ReadingDay:
    """What a person read on a day in Thailand: how many times, and how many rows in all."""

    person_id: str
    day: date
    reads: int
    rows: int

    def amount(self, measure: Measure) -> int:
        """Return the day's count."""
        return self.rows if measure is Measure.ROWS else self.reads


@dataclass(frozen=True, slots=True)
class Bounds:
    """What counts as unusual: `score` and more, from so many rows or reads a day.

    The habit is that of the `window` days before; with fewer than `habit` days of reading among
    them there is none yet.
    """

    score: float
    rows: int
    reads: int
    window: int = 30
    habit: int = 5

    def least(self, measure: Measure) -> int:
        """Return the volume below which nothing is unusual."""
        return self.rows if measure is Measure.ROWS else self.reads


@dataclass(frozen=True, slots=True)
class Unusual:
    """A day far above habit; `usual` is the median day, both `None` where there is no habit yet.

    `score` is `None` also where every day of the habit was the same, and this one is not.
    """

    person_id: str
    day: date
    measure: Measure
    amount: int
    usual: float | None
    score: float | None


def unusual(days: Iterable[ReadingDay], bounds: Bounds, since: date) -> list[Unusual]:
    """Return the days from `since` on that are far above their person's habit, the latest first.

    A day without reading is no part of a habit: who reads each Monday reads on Mondays.
    """
    by_person: dict[str, list[ReadingDay]] = {}
    for one in days:
        by_person.setdefault(one.person_id, []).append(one)
    found = []
    for own in by_person.values():
        for one in own:
            if one.day < since:
                continue
            begin = one.day - timedelta(days=bounds.window)
            before = [each for each in own if begin <= each.day < one.day]
            judged = (_judge(one, before, measure, bounds) for measure in Measure)
            found += [each for each in judged if each]
    return sorted(found, key=lambda each: (each.day, each.amount), reverse=True)


def _judge(
    one: ReadingDay, before: list[ReadingDay], measure: Measure, bounds: Bounds
) -> Unusual | None:
    amount = one.amount(measure)
    if amount < bounds.least(measure):
        return None
    if len(before) < bounds.habit:
        return Unusual(one.person_id, one.day, measure, amount, None, None)
    usual, score = modified_z_score(amount, [each.amount(measure) for each in before])
    if amount <= usual or (score is not None and score < bounds.score):
        return None
    return Unusual(one.person_id, one.day, measure, amount, usual, score)


def modified_z_score(amount: float, habit: list[int]) -> tuple[float, float | None]:
    """Return the median of a habit and how far an amount lies from it, `None` beyond any scale."""
    usual = median(habit)
    distances = [abs(one - usual) for one in habit]
    if spread := median(distances):
        return usual, _OF_MEDIAN * (amount - usual) / spread
    if spread := fmean(distances):
        return usual, (amount - usual) / (_OF_MEAN * spread)
    return usual, None
