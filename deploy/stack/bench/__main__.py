"""`python -m stack.bench`: fills, serves, measures and reports, one catalogue size at a time."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import redirect_stdout

from .. import supervisor, up
from ..progress import StepFailed, fail
from ..settings import Settings
from . import decisions, lines, measure, portals, report


def main() -> None:
    """Print the ratios of each catalogue size; `--json` prints nothing else on standard output."""
    options = _options()
    settings = Settings.load()
    was_up = supervisor.is_running(settings)
    found = []
    decided = None
    try:
        with redirect_stdout(sys.stderr):
            up.run(settings, seed=False)
            for size in options.sizes:
                with portals.running(settings, size, options.rows) as pair:
                    decided = decided or decisions.measure(
                        settings, pair.dgatier_ini, options.rounds, options.decisions
                    )
                    if options.only_decisions:
                        break
                    found.append(
                        measure.compare(pair, lines.of(pair), options.rounds, options.requests)
                    )
    except StepFailed as error:
        fail(error)
    finally:
        if not was_up:
            with redirect_stdout(sys.stderr):
                portals.stop_services(settings)
    if decided is None:
        return
    if options.json:
        shape = {
            "decisions": decisions.as_json(decided),
            "catalogues": [report.as_json(each) for each in found],
        }
        print(json.dumps(shape, indent=1))
    else:
        print("\n\n".join([decisions.as_text(decided), *map(report.as_text, found)]))


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
        "--only-decisions", action="store_true", help="measure decisions and no pages"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


if __name__ == "__main__":
    main()
