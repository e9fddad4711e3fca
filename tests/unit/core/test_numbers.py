"""Small counts are hidden, and cannot be worked out from what is shown."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ckanext.dgatier.core.numbers import Line, Numbers, hide_small

_SMALLEST = 5
_Request = tuple[str, str, str, int]
_requests = st.lists(
    st.tuples(
        st.sampled_from("abcd"), st.sampled_from("xy"), st.sampled_from("12"), st.integers(0, 3)
    ),
    max_size=80,
)


def _line(key: str, requests: list[_Request]) -> Line:
    counts = tuple(sum(one[3] == outcome for one in requests) for outcome in range(4))
    return Line(key, counts, sum(counts), 3.0, 9.0)


def _numbers(requests: list[_Request]) -> Numbers:
    def lines(place: int) -> tuple[Line, ...]:
        keys = sorted({str(one[place]) for one in requests})
        return tuple(_line(key, [one for one in requests if one[place] == key]) for key in keys)

    rejected = [one for one in requests if one[3] == 1]
    # By what is as good as a ground here: the purpose.
    grounds = tuple(
        _line(key, [one for one in rejected if one[1] == key])
        for key in sorted({one[1] for one in rejected})
    )
    return Numbers(_line("", requests), lines(0), lines(1), lines(2), grounds)


def _sums(shown: Numbers) -> Iterator[list[int | None]]:
    """Yield all that adds up: each line to its total, each column to that of all."""
    for lines in shown.tables():
        rows = [[*line.counts, line.total] for line in (*lines, shown.total)]
        yield from rows
        if lines:
            yield from (list(column) for column in zip(*rows, strict=True))
    rejected = [line.counts[1] for line in shown.grounds]
    yield from ([line.counts[1], line.total] for line in shown.grounds)
    yield [*rejected, shown.total.counts[1]]


def test_counts_from_one_to_four_are_hidden_and_nought_and_five_are_shown() -> None:
    requests = [("a", "x", "1", 0)] * 5 + [("b", "x", "1", 1)] * 6
    assert hide_small(_numbers(requests), _SMALLEST) == _numbers(requests)
    few = hide_small(_numbers([("a", "x", "1", 0)] * 4), _SMALLEST)
    assert few.total.counts == (None, 0, 0, 0)
    assert few.total.total is None


def test_what_would_tell_a_hidden_count_is_hidden_with_it() -> None:
    requests = [("a", "x", "1", 0)] * 9 + [("a", "x", "1", 1)] * 2 + [("b", "x", "1", 0)] * 7
    shown = hide_small(_numbers(requests), _SMALLEST)
    first, second = shown.agencies
    assert (first.counts, first.total) == ((None, None, 0, 0), 11)
    assert (second.counts, second.total) == ((7, 0, 0, 0), 7)
    assert (shown.total.counts, shown.total.total) == ((None, None, 0, 0), 18)


def test_times_are_hidden_where_few_were_decided() -> None:
    waiting = [("a", "x", "1", 3)] * 20
    assert hide_small(_numbers(waiting), _SMALLEST).total.median_days is None
    assert hide_small(_numbers(waiting + [("a", "x", "1", 0)] * 5), _SMALLEST).total.slow_days == 9


@given(_requests)
def test_no_hidden_count_can_be_worked_out_from_its_line_or_column(
    requests: list[_Request],
) -> None:
    shown = hide_small(_numbers(requests), _SMALLEST)
    for counts in _sums(shown):
        assert counts.count(None) != 1
        assert not any(count is not None and 0 < count < _SMALLEST for count in counts)
