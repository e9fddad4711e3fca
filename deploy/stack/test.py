"""`python -m stack.test`: the checks, then the tests against a running instance.

Rules and pure code need no instance: without arguments their tests run beside its start and the
other tests, at a lower priority, so that a machine of two cores is used.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from . import browser, down, install, supervisor, up
from .progress import StepFailed, fail
from .settings import REPOSITORY, Settings

#: Ruff keeps no cache: what a file in one directory is depends on files in others, and an answer
#: from before they were there would pass here and fail on a machine with nothing on it.
_CHECKS = (
    ("format", ["ruff", "format", "--no-cache", "--check", "."]),
    ("lint", ["ruff", "check", "--no-cache", "."]),
    ("types", ["mypy", "ckanext-dgatier/ckanext/dgatier", "deploy/stack", "demo/dgatier_demo"]),
    ("layers", ["python", "-m", "stack.layers"]),
)


#: Tests that need no instance, but the programs that check rules.
_ALONE = ("tests/policy", "tests/unit")


def main() -> None:
    """Run everything; end with 1 at the first thing that is not right."""
    settings = Settings.load()
    started = time.monotonic()
    was_up = supervisor.is_running(settings)
    alone = None
    try:
        for name, command in _CHECKS:
            _check(settings, name, command)
        tools = _tools(settings, was_up)
        arguments = sys.argv[1:]
        if not arguments:
            alone = _start(settings, tools)
            arguments = [f"--ignore={each}" for each in _ALONE]
        up.run(settings, seed=True)
        chromium = browser.find_or_install()
    except StepFailed as error:
        if alone:
            alone.terminate()
        fail(error)
    tools["DGATIER_CHROMIUM"] = chromium
    tools["DGATIER_SCREENSHOTS"] = str(settings.run / "screenshots")
    failed = subprocess.run(
        _pytest(settings, *arguments), check=False, cwd=REPOSITORY, env={**os.environ, **tools}
    ).returncode
    if alone:
        failed = alone.wait() or failed
        print(_said(settings).read_text(), flush=True)
    if not was_up:
        down.run(settings)
    print(f"The whole took {time.monotonic() - started:.0f} s (bound 2400 s)")
    sys.exit(failed)


def _tools(settings: Settings, was_up: bool) -> dict[str, str]:
    """Build the programs that check rules; a portal that is up gets its new OPA at once."""
    found = {}
    for name in ("opa", "regal"):
        path, is_new = install.go_tool(settings, name, "a minute or two the first time")
        found[f"DGATIER_{name.upper()}"] = str(path)
        if is_new and was_up and name == "opa":
            supervisor.restart(settings, name)
    return found


def _pytest(settings: Settings, *arguments: str) -> list[str]:
    return [str(settings.bin / "python"), "-m", "pytest", *arguments]


def _said(settings: Settings) -> Path:
    return settings.run / "log" / "tests-alone.log"


def _start(settings: Settings, tools: dict[str, str]) -> subprocess.Popen[bytes]:
    _said(settings).parent.mkdir(exist_ok=True)
    with _said(settings).open("wb") as said:
        return subprocess.Popen(
            ["nice", *_pytest(settings, *_ALONE)],
            cwd=REPOSITORY, env={**os.environ, **tools}, stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip


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
