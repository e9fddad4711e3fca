"""Reading far above habit is found, and habit itself is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from ckanext.dgatier.core.reading import (
    Bounds,
    Measure,
    ReadingDay,
    modified_z_score,
    unusual,
)

_TODAY = date(2026, 3, 31)
_BOUNDS = Bounds(score=3.5, rows=1_000, reads=100)


def _days(*rows: int, person: str = "nari") -> list[ReadingDay]:
    """Return days in a row that end today."""
    first = _TODAY - timedelta(days=len(rows) - 1)
    return [
        ReadingDay(person, first + timedelta(days=place), 1, each)
        for place, each in enumerate(rows)
    ]


def test_a_day_far_above_habit_is_unusual() -> None:
    (found,) = unusual(_days(100, 120, 90, 110, 100, 5_000), _BOUNDS, _TODAY)
    assert (found.day, found.measure, found.amount, found.usual) == (_TODAY, "rows", 5_000, 100)
    assert found.score == pytest.approx(0.6745 * 4_900 / 10)


def test_someone_who_always_reads_much_is_not_unusual() -> None:
    assert not unusual(_days(50_000, 60_000, 40_000, 55_000, 45_000, 62_000), _BOUNDS, _TODAY)


def test_little_is_never_unusual() -> None:
    assert not unusual(_days(1, 1, 1, 1, 1, 999), _BOUNDS, _TODAY)


def test_without_a_habit_much_is_told_and_has_no_score() -> None:
    (found,) = unusual(_days(10, 10, 10, 10, 5_000), _BOUNDS, _TODAY)
    assert (found.usual, found.score) == (None, None)


def test_a_habit_of_equal_days_has_no_scale_and_any_more_is_unusual() -> None:
    (found,) = unusual(_days(*[1_500] * 9, 1_600), _BOUNDS, _TODAY)
    assert (found.usual, found.score) == (1_500, None)
    assert not unusual(_days(*[1_500] * 10), _BOUNDS, _TODAY)


def test_where_most_days_are_equal_the_mean_distance_is_the_scale() -> None:
    assert modified_z_score(200, [100, 100, 100, 100, 110]) == (
        100,
        pytest.approx(100 / (1.253314 * 2)),
    )


def test_reading_often_is_unusual_as_reading_many_rows_is() -> None:
    days = [*_days(0, 0, 0, 0, 0), ReadingDay("nari", _TODAY, 400, 0)]
    moved = [ReadingDay(one.person_id, one.day - timedelta(1), 3, 0) for one in days[:-1]]
    (found,) = unusual([*moved, days[-1]], _BOUNDS, _TODAY)
    assert (found.measure, found.amount) == (Measure.READS, 400)


def test_each_person_has_a_habit_of_their_own_and_old_days_are_none() -> None:
    others = _days(*[90_000] * 10, person="anan")
    assert [one.person_id for one in unusual([*others, *_days(9_000)], _BOUNDS, _TODAY)] == ["nari"]
    long_ago = [
        ReadingDay(one.person_id, one.day - timedelta(60), one.reads, one.rows)
        for one in _days(*[9_000] * 10)
    ]
    (found,) = unusual([*long_ago, *_days(9_000)], _BOUNDS, _TODAY)
    assert found.usual is None
