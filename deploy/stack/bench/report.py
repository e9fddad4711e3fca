"""The figures as a table for people and as JSON for programs."""

from __future__ import annotations

import statistics
from typing import Any

from .measure import Comparison, Figure


def as_text(found: Comparison) -> str:
    """Return a table; the spread is the lowest and the highest ratio of all turns."""
    head = (
        f"{found.datasets:,} datasets, a table of {found.rows:,} rows; "
        f"{found.rounds} turns of {found.requests} requests each\n"
        f"{'':<18}{'':<11}{'dgatier':>10}{'plain':>10}   ratio (spread)"
    )
    return "\n".join([head, *(row(each) for each in found.figures)])


def as_json(found: Comparison) -> dict[str, Any]:
    """Return the same with names; times in milliseconds."""
    return {
        "datasets": found.datasets,
        "rows": found.rows,
        "rounds": found.rounds,
        "requests": found.requests,
        "figures": [figure_as_json(each) for each in found.figures],
    }


def figure_as_json(each: Figure) -> dict[str, Any]:
    """Return one line with names; times in milliseconds."""
    return {
        "line": each.line,
        "asker": each.asker,
        "dgatier_ms": round(statistics.median(each.dgatier), 2),
        "plain_ms": round(statistics.median(each.plain), 2),
        "ratio": {
            "median": round(statistics.median(each.ratios), 3),
            "lowest": round(min(each.ratios), 3),
            "highest": round(max(each.ratios), 3),
        },
    }


def row(each: Figure) -> str:
    """Return one line of a table for people."""
    return (
        f"{each.line:<18}{each.asker:<11}"
        f"{statistics.median(each.dgatier):>7.1f} ms{statistics.median(each.plain):>7.1f} ms   "
        f"{statistics.median(each.ratios):.2f} ({min(each.ratios):.2f}–{max(each.ratios):.2f})"
    )
