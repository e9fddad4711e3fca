"""Times decisions as the portal makes them, beside the bare call of OPA in the same run."""

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

_PROGRAM = Path(__file__).with_name("decide.py")
_LINES = {
    "bare": "bare call of OPA",
    "few": "one decision, 1,000 grants",
    "many": "one decision, 1,000,000 grants",
    "page": "100 decisions of a page",
}


@dataclass(frozen=True)
class Decisions:
    """The sorted milliseconds of each round, by what was measured."""

    rounds: Mapping[str, Sequence[Sequence[float]]]

    def median(self, name: str) -> float:
        """Return the median of the rounds' medians."""
        return statistics.median(statistics.median(one) for one in self.rounds[name])

    def p99(self, name: str) -> float:
        """Return the median of the rounds' 99th percentiles."""
        return statistics.median(one[int(len(one) * 0.99)] for one in self.rounds[name])

    def ratio(self, name: str, other: str) -> float:
        """Return the median of the ratios round by round, so that a drift does not matter."""
        return statistics.median(
            statistics.median(a) / statistics.median(b)
            for a, b in zip(self.rounds[name], self.rounds[other], strict=True)
        )


def measure(settings: Settings, ini: Path, rounds: int, calls: int) -> Decisions:
    """Return the figures of the portal with this configuration."""
    with step("Measure decisions, beside up to a million grants", "half a minute"):
        done = subprocess.run(
            [settings.bin / "python", _PROGRAM, ini, str(rounds), str(calls)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise StepFailed(
                f"decisions were not measured: {done.stderr[-1500:]}", "see the lines above"
            )
    return Decisions(json.loads(done.stdout.splitlines()[-1]))


def as_text(found: Decisions) -> str:
    """Return the table for people."""
    rows = [
        f"{words:<32}{found.median(name):>7.2f} ms{found.p99(name):>8.2f} ms"
        for name, words in _LINES.items()
    ]
    return "\n".join(
        [
            f"Decisions{'':<23}{'median':>10}{'p99':>11}",
            *rows,
            f"100 decisions cost {found.ratio('page', 'few'):.2f} times one; "
            f"1,000,000 grants {found.ratio('many', 'few'):.2f} times 1,000; "
            f"the portal {found.ratio('few', 'bare'):.2f} times the bare call",
        ]
    )


def as_json(found: Decisions) -> dict[str, Any]:
    """Return the same with names; times in milliseconds."""
    return {
        **{
            name: {"median_ms": round(found.median(name), 3), "p99_ms": round(found.p99(name), 3)}
            for name in _LINES
        },
        "page_over_one": round(found.ratio("page", "few"), 3),
        "many_over_few_grants": round(found.ratio("many", "few"), 3),
        "portal_over_bare": round(found.ratio("few", "bare"), 3),
    }
