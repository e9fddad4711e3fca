"""A summary tells nothing exact, no small group, and no more than its budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core import noise, release
from ckanext.dgatier.core.decision import ColumnMask, SummaryTerms
from ckanext.dgatier.core.release import Account, Group, NotAnswered, Question

TERMS = SummaryTerms(
    smallest_cell=10, epsilon=1, delta=1e-6, budget=10, pool_budget=20, pool=None,
    period_days=365, rows_a_person=1, most_dimensions=3,
    dimensions={"province": None, "born": ColumnMask("generalise", {"by": "year"}),
                "kind": None, "status": None},
    measures={"paid": (0.0, 3000.0), "change": (-5.0, 2.5)},
)  # fmt: skip
BY_PROVINCE = Question(("province",))


def _no_noise(_scale: Fraction) -> int:
    return 0


def _noise(seed: int) -> release.Noise:
    dice = Random(seed)  # noqa: S311 - draws that can be had again
    return lambda scale: noise.laplace(scale, dice.randrange)


def _values(answer: dict[str, Any]) -> list[Any]:
    return [cell["values"][0] for cell in answer["cells"]]


@given(st.lists(st.integers(0, 60), max_size=12), st.integers(0, 10**6))
def test_no_group_below_the_smallest_is_told_of_whatever_the_noise(
    rows: list[int], seed: int
) -> None:
    groups = [Group((str(place),), count) for place, count in enumerate(rows)]
    huge = _noise(seed)
    answer = release.released(BY_PROVINCE, groups, TERMS, lambda scale: huge(scale) + 100)
    assert _values(answer) == _values(
        {"cells": [one for one in answer["cells"] if rows[int(one["values"][0])] >= 10]}
    )
    assert {int(one) for one in _values(answer)} == {
        place for place, count in enumerate(rows) if count >= 10
    }


def test_a_group_near_the_smallest_is_hardly_ever_told_of() -> None:
    """One person more must not be seen by whether a group is there."""
    dice = _noise(7)
    groups = [Group((str(place),), TERMS.smallest_cell) for place in range(5000)]
    assert release.released(BY_PROVINCE, groups, TERMS, dice)["cells"] == []
    assert release.threshold(TERMS) == 24
    assert release.threshold(replace(TERMS, rows_a_person=3)) > 3 * 14
    assert release.threshold(replace(TERMS, epsilon=0.5)) == 38


@given(st.lists(st.integers(0, 400), min_size=1, max_size=20), st.integers(0, 10**6))
def test_totals_are_of_what_is_shown_so_that_nothing_is_left_by_subtraction(
    rows: list[int], seed: int
) -> None:
    groups = [Group((str(place % 4), str(place // 4)), count) for place, count in enumerate(rows)]
    question = Question(("province", "kind"))
    answer = release.released(question, groups, TERMS, _noise(seed))
    cells = answer["cells"]
    assert answer["total"] == sum(cell["count"] for cell in cells)
    for place, name in enumerate(question.by):
        for total in answer["totals"][name]:
            own = [one["count"] for one in cells if one["values"][place] == total["value"]]
            assert total["count"] == sum(own)
            assert own


def test_sums_and_means_come_in_steps_of_the_bounds() -> None:
    question = Question(("province",), sums=("paid",), means=("change", "paid"))
    group = Group(("น่าน",), 100, ((Fraction(-101, 10), 50), (150_001, 100)))
    answer = release.released(question, [group], TERMS, _no_noise)
    (cell,) = answer["cells"]
    assert cell == {
        "values": ["น่าน"], "count": 100, "sums": {"paid": 150_000},
        "means": {"change": -0.2, "paid": 1500},
    }  # fmt: skip
    assert answer["margins"]["sums"]["paid"] >= 3000
    assert question.cost(TERMS) == 5


def test_a_mean_stays_within_the_bounds_and_is_none_of_nothing() -> None:
    question = Question((), means=("change",))
    for values, drawn, expected in ((30, -29, -5), (30, -30, None), (30, 0, -1.67)):
        draws = iter([100, 0, drawn])
        answer = release.released(
            question, [Group((), 30, ((-50, values),))], TERMS,
            lambda _scale, draws=draws: next(draws),
        )  # fmt: skip
        assert answer["cells"][0]["means"]["change"] == expected


@pytest.mark.parametrize(
    ("question", "part"),
    [
        (Question(("illness",)), "by"),
        (Question(("province", "province")), "by"),
        (Question(("province", "born", "kind", "status")), "by"),
        (Question((), sums=("debt",)), "measures"),
        (Question((), means=("province",)), "measures"),
        (Question((), filters=(("illness", ("flu",)),)), "filters"),
        (Question((), filters=(("province", ()),)), "filters"),
        (Question((), filters=(("province", tuple(map(str, range(201)))),)), "filters"),
    ],
)
def test_what_the_terms_do_not_have_is_not_answered(question: Question, part: str) -> None:
    with pytest.raises(NotAnswered) as refused:
        question.check(TERMS)
    assert refused.value.part == part


def test_a_question_is_another_where_rows_masks_bounds_or_terms_are() -> None:
    question = Question(("born",), sums=("paid",))
    wider = {**TERMS.measures, "paid": (0.0, 4000.0)}
    by_month = {**TERMS.dimensions, "born": ColumnMask("generalise", {"by": "month"})}
    digests = [
        question.digest(TERMS, []),
        question.digest(TERMS, ["province = น่าน"]),
        question.digest(replace(TERMS, measures=wider), []),
        question.digest(replace(TERMS, dimensions=by_month), []),
        question.digest(replace(TERMS, epsilon=0.5), []),
        Question(("born",)).digest(TERMS, []),
    ]
    assert len(set(digests)) == len(digests)
    other = replace(TERMS, pool="agency:fpo", budget=1)
    assert question.digest(other, []) == digests[0], "whoever asks, it is the same question"


def test_a_pool_leaves_no_more_than_is_left_of_it() -> None:
    spent = Account(3, 18, datetime.now(UTC))
    assert spent.left(TERMS) == 7
    assert spent.left(replace(TERMS, pool="agency:fpo")) == 2
    assert Account(11, 0).left(TERMS) == 0
