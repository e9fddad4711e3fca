"""Where the bars of a plot lie, in per cent of its width; templates draw them as inline SVG.

Per cents, as a plot then fits a phone and a desk with text of one size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ckanext.dgatier.core.numbers import Outcome

OUTCOMES = tuple(map(str, Outcome))
HIDDEN = "hidden"
#: Pixels from one bar to the next: a line of text, the bar, and space.
STEP = 52


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled bar of parts `(kind, start, width)`; `value` is what it stands for, or `None`."""

    label: str
    value: float | None
    parts: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Bars one below the other, `height` in pixels; `mark` is where a bound lies, in per cent."""

    bars: tuple[Bar, ...]
    height: int
    mark: float | None = None
    step: int = STEP


def outcomes(lines: Sequence[Mapping[str, Any]]) -> Plot:
    """Return what became of requests, a bar for each line; what is hidden is a part of its own."""
    most = max((line["total"] or 0 for line in lines), default=0) or 1
    bars = []
    for line in lines:
        parts, start = [], 0.0
        total = line["total"] or 0
        counts = {kind: line[kind] or 0 for kind in OUTCOMES} if total else {}
        for kind, count in {**counts, HIDDEN: total - sum(counts.values())}.items():
            width = 100 * count / most
            if width > 0:
                parts.append((kind, round(start, 2), round(width, 2)))
                start += width
        bars.append(Bar(line["label"], line["total"], tuple(parts)))
    return Plot(tuple(bars), STEP * len(bars))


def cells(found: Sequence[Mapping[str, Any]], unknown: str) -> Plot:
    """Return the counts of a summary as they were released, a bar for each; `unknown` for no value.

    Nothing of the data itself comes here.
    """
    most = max((cell["count"] for cell in found), default=0) or 1
    bars = []
    for cell in found:
        width = round(100 * cell["count"] / most, 2)
        label = unknown if cell["value"] is None else str(cell["value"])
        bars.append(Bar(label, cell["count"], (("counted", 0.0, width),)))
    return Plot(tuple(bars), STEP * len(bars))


def days(lines: Sequence[Mapping[str, Any]], bound: int) -> Plot:
    """Return in how many days half, and nine of ten, were decided; the mark is at `bound` days."""
    most = max((float(line["slow_days"] or 0) for line in lines), default=0.0)
    scale = 95 / max(most, bound)
    bars = []
    for line in lines:
        parts: tuple[tuple[str, float, float], ...] = ()
        if line["median_days"] is not None:
            middle = line["median_days"] * scale
            rest = max(line["slow_days"] * scale - middle, 0)
            parts = (("median", 0.0, round(middle, 2)), ("slow", round(middle, 2), round(rest, 2)))
        bars.append(Bar(line["label"], line["median_days"], parts))
    return Plot(tuple(bars), STEP * len(bars), round(bound * scale, 2))
