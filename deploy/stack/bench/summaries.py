"""Times a summary of the table beside the plain GROUP BY of the same rows."""

from __future__ import annotations

import json
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..progress import StepFailed, step
from ..settings import Settings

_PROGRAM = Path(__file__).with_name("summarise.py")


@dataclass(frozen=True)
class Summaries:
    """The milliseconds of each round: `plain`, `new` (a new question) and `again`."""

    times: Mapping[str, Sequence[float]]

    def ratio(self, name: str) -> float:
        """Return the median of the ratios to the plain GROUP BY, round by round."""
        pairs = zip(self.times[name], self.times["plain"], strict=True)
        return statistics.median(one / plain for one, plain in pairs)


def measure(settings: Settings, ini: Path, rounds: int) -> Summaries:
    """Return the figures of the portal with this configuration."""
    with step("Measure summaries of the table", "half a minute"):
        done = subprocess.run(
            [settings.bin / "python", _PROGRAM, ini, str(rounds)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StepFailed(f"no summary was measured: {done.stderr[-1500:]}", "see above")
    return Summaries(json.loads(done.stdout.splitlines()[-1]))


def as_text(found: Summaries) -> str:
    """Return the table for people."""
    lines = [f"Summary of the table{'':<14}{'median':>10}   to the plain GROUP BY"]
    for name, words in (("plain", "plain GROUP BY"), ("new", "new question"), ("again", "again")):
        median = statistics.median(found.times[name])
        lines.append(f"{words:<34}{median:>7.1f} ms   {found.ratio(name):.2f}")
    return "\n".join(lines)


def as_json(found: Summaries) -> dict[str, Any]:
    """Return the same with names; times in milliseconds."""
    return {
        name: {
            "median_ms": round(statistics.median(times), 2),
            "ratio": round(found.ratio(name), 3),
        }
        for name, times in found.times.items()
    }
