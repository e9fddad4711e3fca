"""Two policies side by side: who would have another tier of what, before anything changes."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from . import bundle, health
from .progress import StepFailed
from .settings import HOST, Settings

DIFFERENT = 3
_START_SECONDS = 15


def run(settings: Settings, candidate: Path, *, as_json: bool, limit: int) -> None:
    """Print what would be other; end with 0 where nothing is, with 3 where something is.

    `candidate` is a folder of Rego or a bundle, signed or not. Raises `StepFailed` where it does
    not compile, or one of the two does not answer.
    """
    with serving(settings, candidate) as url:
        found = _compare(settings, url)
    changed = len(found["changes"])
    found = {**found, "changed": changed, "changes": found["changes"][:limit]}
    print(json.dumps(found, ensure_ascii=False, indent=1) if as_json else _text(found))
    if changed:
        sys.exit(DIFFERENT)


@contextmanager
def serving(settings: Settings, candidate: Path) -> Iterator[str]:
    """Give the address of a second OPA, on loopback, which decides by the candidate.

    Raises `StepFailed` with what OPA says where it cannot.
    """
    if not candidate.exists():
        raise StepFailed(f"{candidate} is not there", "name a folder of Rego, or a bundle")
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(
            [settings.run / "bin" / "opa", "run", "--server", "--addr", f"{HOST}:{port}",
             "--bundle", candidate.resolve(), "--skip-verify", "--ignore", bundle.TESTS,
             "--authorization", "basic", "--log-level", "error", "--skip-version-check"],
            stdout=said, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            url = f"http://{HOST}:{port}"
            deadline = time.monotonic() + _START_SECONDS
            while not health.says(f"{url}/health", ""):
                if process.poll() is not None or time.monotonic() > deadline:
                    said.seek(0)
                    raise StepFailed(
                        f"OPA cannot decide by {candidate}:\n    "
                        + (said.read().strip()[-3000:].replace("\n", "\n    ") or "no answer"),
                        "mend the policy where OPA says; nothing was changed",
                    )
                time.sleep(0.1)
            yield url
        finally:
            process.terminate()
            process.wait()


def _compare(settings: Settings, url: str) -> dict[str, Any]:
    done = subprocess.run(
        [settings.ckan, "-c", settings.ini, "dgatier", "policy", "compare", url],
        capture_output=True, text=True, check=False, cwd=settings.run,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.replace(f"OPA at {url}", "The candidate's OPA").splitlines()
        raise StepFailed(
            "the policies were not compared. The last that was said:\n    "
            + "\n    ".join(said[-3:]),
            "see that the candidate has every rule that the portal asks, and scripts/status",
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _text(found: dict[str, Any]) -> str:
    """Return the counts by tier and the changes, for people."""
    lines = [f"{found['people']} people, {found['datasets']} datasets", ""]
    lines += [f"  {'tier':<10} {'now':>8} {'then':>8}"]
    lines += [
        f"  {tier:<10} {count['now']:>8} {count['then']:>8}"
        for tier, count in found["counts"].items()
    ]
    lines += ["", f"{found['changed']} of {found['people'] * found['datasets']} would be other"]
    lines += [
        f"  {one['person'] or '(the public)':<16} {one['dataset']:<40} {one['now']} → {one['then']}"
        for one in found["changes"]
    ]
    if hidden := found["changed"] - len(found["changes"]):
        lines.append(f"  … and {hidden} more; --limit lists more of them")
    return "\n".join(lines)
