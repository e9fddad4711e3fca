"""`mutate.py` takes one guard away after the other and says which words come out then.

A guard without which nothing comes out is either not needed or not watched by the gate: the program
ends with 1 and names it.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import mutant
import paths
import world
from walking import Walk

from instance import Instance
from registry import of_portal
from stack.settings import Settings

_PEOPLE = ("prasit", "admin")
_KINDS = ("confidential", "secret")


def main() -> None:
    """Print a line a guard."""
    instance = Instance.running()
    found = of_portal(Settings.load().ini)
    unseen = []
    with world.made(instance, "open", *_KINDS) as targets:
        chosen = [targets[kind] for kind in _KINDS]
        probes = [
            *paths.of_actions(found["actions"], chosen),
            *(one for one in paths.of_routes(found["rules"], chosen) if one.method == "GET"),
        ]
        probes = [one for one in dict.fromkeys(probes) if not one.changes]
        for guard in mutant.GUARDS:
            with _served(guard) as url:
                other = replace(instance, state={**instance.state, "portal_url": url})
                leaks = set()
                for person in _PEOPLE:
                    walk = Walk(other, person, targets, known_from=instance)
                    leaks |= walk.leaks(probes)
            by_path = sorted({one.path.split("?")[0].split(" {")[0] for one in leaks})
            unseen += [] if leaks else [guard]
            shown = ", ".join(by_path[:3]) + (" …" if len(by_path) > 3 else "")
            sys.stdout.write(f"{guard:32} {len(leaks):5} leaks  {shown or 'NOTHING CAME OUT'}\n")
            sys.stdout.flush()
    sys.exit(f"not seen: {', '.join(unseen)}" if unseen else 0)


@contextmanager
def _served(guard: str) -> Iterator[str]:
    program = Path(mutant.__file__)
    with subprocess.Popen(
        [sys.executable, program, Settings.load().ini, guard],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, f"the portal without {guard} did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
