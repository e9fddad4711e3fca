"""Noise with the discrete Laplace distribution, drawn exactly: no floating point is in it.

With rounded numbers the last digits of a noisy figure tell of the figure behind it (Mironov, "On
significance of the least significant bits for differential privacy", 2012). The way is that of
Canonne, Kamath and Steinke, "The discrete Gaussian for differential privacy" (2020), algorithm 2.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

#: Returns a whole number, at least 0 and below the one given, each as likely as any other.
Below = Callable[[int], int]


def laplace(scale: Fraction, below: Below) -> int:
    """Return a whole number `x` with a probability that falls as `exp(-|x| / scale)`."""
    if scale <= 0:
        raise ValueError(scale)
    while True:
        negative = below(2) == 1
        size = _geometric(scale, below)
        if not (negative and size == 0):  # nought would come twice as often as it should
            return -size if negative else size


def _geometric(scale: Fraction, below: Below) -> int:
    """Return a whole number from 0 on with a probability that falls as `exp(-x / scale)`."""
    top, bottom = scale.numerator, scale.denominator
    while True:
        rest = below(top)
        if _happens(rest, top, below):
            break
    wholes = 0
    while _happens(1, 1, below):
        wholes += 1
    return (rest + top * wholes) // bottom


def _happens(numerator: int, denominator: int, below: Below) -> bool:
    """Say yes with the probability `exp(-x)`, for `x` as a fraction from 0 to 1."""
    turn = 1
    while below(denominator * turn) < numerator:
        turn += 1
    return turn % 2 == 1
