"""Hidden ids are taken out of answers, with what speaks of them and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ckan.plugins.toolkit import ObjectNotFound
from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.enforce.hidden import answers

HIDDEN = "11111111-2222-3333-4444-555555555555"

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4) | st.just(HIDDEN),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4) | st.just(HIDDEN), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=20,
)


@given(_VALUES)
def test_no_hidden_id_is_left_anywhere(answer: Any) -> None:
    try:
        left = answers.without(answer, {HIDDEN})
    except ObjectNotFound:
        assert HIDDEN in str(answer)
    else:
        assert HIDDEN not in str(left)


@given(_VALUES)
def test_an_answer_that_speaks_of_nothing_hidden_is_left_as_it_is(answer: Any) -> None:
    assert answers.without(answer, {"another"}) == answer


def test_an_element_goes_and_its_neighbours_stay() -> None:
    answer = {"count": 2, "results": [{"id": HIDDEN, "name": "a"}, {"id": "2", "name": "b"}]}
    assert answers.without(answer, {HIDDEN}) == {
        "count": 1,
        "results": [{"id": "2", "name": "b"}],
    }
    assert answers.without(
        [(HIDDEN, "package", "public"), ("2", "package", "public")], {HIDDEN}
    ) == [("2", "package", "public")]


def test_what_is_about_something_hidden_goes_whole() -> None:
    activities = [{"data": {"package": {"id": HIDDEN, "title": "t"}}}, {"data": {}}]
    assert answers.without(activities, {HIDDEN}) == [{"data": {}}]
    with pytest.raises(ObjectNotFound):
        answers.without({"task": {"entity_id": HIDDEN}}, {HIDDEN})
    with pytest.raises(ObjectNotFound):
        answers.without(HIDDEN, {HIDDEN})
