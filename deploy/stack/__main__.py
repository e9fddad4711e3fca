"""`python -m stack up | down | status [--json] | policy …`."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import bundle, comparison, down, status, up
from .progress import StepFailed, fail
from .settings import Settings


def main() -> None:
    """Run one command and end with its exit status."""
    parser = argparse.ArgumentParser(prog="stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    starting = commands.add_parser("up", help="install, start and seed")
    starting.add_argument("--no-seed", action="store_true", help="start without the demonstration")
    commands.add_parser("down", help="stop everything")
    asking = commands.add_parser("status", help="how every part is")
    asking.add_argument("--json", action="store_true", help="for programs")
    ruling = commands.add_parser("policy", help="the policy bundle").add_subparsers(
        dest="act", required=True
    )
    ruling.add_parser("publish", help="sign the folder's policy and put it in service")
    comparing = ruling.add_parser(
        "compare",
        help="who would have what under another policy; ends with 3 where something differs",
    )
    comparing.add_argument("candidate", type=Path, help="a folder of Rego, or a bundle")
    comparing.add_argument("--json", action="store_true", help="for programs")
    comparing.add_argument("--limit", type=int, default=50, help="most changes to list (50)")
    chosen = parser.parse_args()
    settings = Settings.load()
    try:
        if chosen.command == "up":
            up.run(settings, seed=not chosen.no_seed)
        elif chosen.command == "down":
            down.run(settings)
        elif chosen.command == "policy" and chosen.act == "publish":
            bundle.run(settings)
        elif chosen.command == "policy":
            comparison.run(
                settings, chosen.candidate, as_json=chosen.json, limit=max(0, chosen.limit)
            )
        else:
            status.run(settings, as_json=chosen.json)
    except StepFailed as error:
        fail(error)


if __name__ == "__main__":
    main()
