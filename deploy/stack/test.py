"""`python -m stack.test`: the checks, then the tests against a running instance."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from . import browser, down, install, supervisor, up
from .progress import StepFailed, fail
from .settings import REPOSITORY, Settings

_CHECKS = (
    ("format", ["ruff", "format", "--check", "."]),
    ("lint", ["ruff", "check", "."]),
    ("types", ["mypy", "ckanext-dgatier/ckanext/dgatier", "deploy/stack", "demo/dgatier_demo"]),
    ("layers", ["python", "-m", "stack.layers"]),
)


def main() -> None:
    """Run everything; end with 1 at the first thing that is not right."""
    settings = Settings.load()
    started = time.monotonic()
    was_up = supervisor.is_running(settings)
    try:
        for name, command in _CHECKS:
            _check(settings, name, command)
        regal, _ = install.go_tool(settings, "regal", "a minute or two the first time")
        up.run(settings, seed=True)
        chromium = browser.find_or_install()
    except StepFailed as error:
        fail(error)
    environment = {
        **os.environ,
        "DGATIER_OPA": str(settings.run / "bin" / "opa"),
        "DGATIER_REGAL": str(regal),
        "DGATIER_CHROMIUM": chromium,
        "DGATIER_SCREENSHOTS": str(settings.run / "screenshots"),
    }
    done = subprocess.run(
        [settings.bin / "python", "-m", "pytest", *sys.argv[1:]],
        check=False, cwd=REPOSITORY, env=environment,
    )  # fmt: skip
    if not was_up:
        down.run(settings)
    print(f"The whole took {time.monotonic() - started:.0f} s (bound 2400 s)")
    sys.exit(done.returncode)


def _check(settings: Settings, name: str, command: list[str]) -> None:
    started = time.monotonic()
    done = subprocess.run(
        [settings.bin / command[0], *command[1:]],
        check=False, cwd=REPOSITORY, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "ckanext-dgatier")},
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-6000:], done.stderr[-3000:], sep="\n")
        raise StepFailed(f"the check `{name}` found something", "mend what is said above")
    print(f"  {name}: {time.monotonic() - started:.1f} s", flush=True)


if __name__ == "__main__":
    main()
