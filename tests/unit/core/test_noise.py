"""The noise of a summary has the distribution that its promise rests on."""

from __future__ import annotations

import math
from collections import Counter
from fractions import Fraction
from random import Random

import pytest

from ckanext.dgatier.core import noise

_DRAWS = 10_000


def _dice(seed: str) -> Random:
    return Random(seed)  # noqa: S311 - draws that can be had again


def _probability(value: int, scale: float) -> float:
    fall = math.exp(-1 / scale)
    return (1 - fall) / (1 + fall) * fall ** abs(value)


@pytest.mark.parametrize("scale", [Fraction(1, 3), Fraction(1), Fraction(5, 2), Fraction(20)])
def test_each_value_comes_as_often_as_the_discrete_laplace_distribution_says(
    scale: Fraction,
) -> None:
    dice = _dice(f"noise {scale}")
    drawn = Counter(noise.laplace(scale, dice.randrange) for _ in range(_DRAWS))
    reach = range(-math.ceil(3 * scale) - 1, math.ceil(3 * scale) + 2)
    for value in reach:
        expected = _DRAWS * _probability(value, float(scale))
        assert abs(drawn[value] - expected) < 5 * math.sqrt(expected) + 5, value


@pytest.mark.parametrize("scale", [Fraction(0), Fraction(-1)])
def test_a_scale_that_is_none_is_refused(scale: Fraction) -> None:
    with pytest.raises(ValueError, match=str(scale)):
        noise.laplace(scale, _dice("none").randrange)
