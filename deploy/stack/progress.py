"""Shows work step by step, with what it took, and ends a failed one with what to do."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StepFailed(Exception):
    """A step could not be done; `remedy` says what a person can do about it."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.remedy = remedy


@contextmanager
def step(name: str, expected: str = "") -> Iterator[None]:
    """Print the step's name, `expected` as a hint of its length, and the seconds it took."""
    started = time.monotonic()
    print(f"  {name}{f' ({expected})' if expected else ''} … ", end="", flush=True)
    try:
        yield
    except StepFailed:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def digest(*parts: Path | str) -> str:
    """Return a digest of files, folders and texts."""
    total = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            total.update(part.encode())
            continue
        files = sorted(part.rglob("*")) if part.is_dir() else [part]
        for file in files:
            if file.is_file():
                total.update(str(file.name).encode() + file.read_bytes())
    return total.hexdigest()


class Mark:
    """Remembers the input from which something was made, so that it is made once."""

    def __init__(self, folder: Path, name: str, *inputs: Path | str) -> None:
        self._file = folder / "state" / name
        self._digest = digest(*inputs)

    def is_current(self) -> bool:
        """Say whether the thing was made from these very inputs."""
        return self._file.is_file() and self._file.read_text() == self._digest

    def set(self) -> None:
        """Remember that the thing is made; call it last."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest)


def fail(error: StepFailed) -> None:
    """End the program with the problem and the remedy."""
    sys.exit(f"\nCannot go on: {error}\n  What to do: {error.remedy}\n")
