"""`python -m stack.bench`: fills, serves, measures and reports, one catalogue size at a time."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from typing import Any

from .. import supervisor, up
from ..progress import StepFailed, fail
from ..settings import Settings
from . import asking, audits, decisions, lines, measure, portals, readings, report, summaries

_PARTS = ("decisions", "audit", "requests", "summaries", "readings", "pages")
_ON_THE_PAIR = {"decisions", "audit", "summaries", "readings", "pages"}


def main() -> None:
    """Print the ratios of each catalogue size; `--json` prints nothing else on standard output."""
    options = _options()
    settings = Settings.load()
    was_up = supervisor.is_running(settings)
    figures = _Figures()
    try:
        with redirect_stdout(sys.stderr):
            up.run(settings, seed="requests" in options.only)
            if "requests" in options.only:
                figures.requested = asking.measure(settings)
            for size in options.sizes if _ON_THE_PAIR & set(options.only) else ():
                with portals.running(settings, size, options.rows) as pair:
                    _measure(settings, pair, options, figures)
    except StepFailed as error:
        fail(error)
    finally:
        if not was_up:
            with redirect_stdout(sys.stderr):
                portals.stop_services(settings)
    print(json.dumps(figures.as_json(), indent=1) if options.json else figures.as_text())


@dataclass
class _Figures:
    """What was measured; what does not depend on the size of the catalogue, once."""

    decided: decisions.Decisions | None = None
    audited: audits.Audits | None = None
    requested: asking.Requests | None = None
    summarised: summaries.Summaries | None = None
    read: readings.Readings | None = None
    catalogues: list[measure.Comparison] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "decisions": decisions.as_json(self.decided) if self.decided else None,
            "audit": audits.as_json(self.audited) if self.audited else None,
            "requests": asking.as_json(self.requested) if self.requested else None,
            "summaries": summaries.as_json(self.summarised) if self.summarised else None,
            "readings": readings.as_json(self.read) if self.read else None,
            "catalogues": [report.as_json(each) for each in self.catalogues],
        }

    def as_text(self) -> str:
        parts = [
            decisions.as_text(self.decided) if self.decided else "",
            audits.as_text(self.audited) if self.audited else "",
            asking.as_text(self.requested) if self.requested else "",
            summaries.as_text(self.summarised) if self.summarised else "",
            readings.as_text(self.read) if self.read else "",
            *map(report.as_text, self.catalogues),
        ]
        return "\n\n".join(part for part in parts if part)


def _measure(
    settings: Settings, pair: portals.Pair, options: argparse.Namespace, figures: _Figures
) -> None:
    if "decisions" in options.only and figures.decided is None:
        figures.decided = decisions.measure(
            settings, pair.dgatier_ini, options.rounds, options.decisions
        )
    if "audit" in options.only and figures.audited is None:
        figures.audited = audits.measure(
            settings, settings.secrets(), pair.dgatier_ini, portals.DATABASE, options.rounds
        )
    if "summaries" in options.only and figures.summarised is None:
        figures.summarised = summaries.measure(settings, pair.dgatier_ini, options.rounds)
    if "readings" in options.only and figures.read is None:
        figures.read = readings.measure_all(settings, pair, options.rounds, options.requests)
    if "pages" in options.only:
        compared = measure.compare(pair, lines.of(pair), options.rounds, options.requests)
        figures.catalogues.append(compared)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "--sizes", type=_numbers, default=[1000],
        help="datasets in the catalogue, with commas between several (default 1000)",
    )  # fmt: skip
    parser.add_argument(
        "--rows", type=int, default=1_000_000, help="rows of the table (default 1,000,000)"
    )
    parser.add_argument(
        "--rounds", type=int, default=7, help="times that the two take turns (default 7)"
    )
    parser.add_argument(
        "--requests", type=int, default=12, help="requests in each turn (default 12)"
    )
    parser.add_argument(
        "--decisions", type=int, default=300, help="decisions in each turn (default 300)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=_PARTS, default=_PARTS, help="measure only these"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
