"""Stops what `up` started."""

from __future__ import annotations

import time

from . import supervisor
from .progress import StepFailed, step
from .settings import Settings


def run(settings: Settings) -> None:
    """Stop every part in order and wait until all are gone."""
    if not supervisor.is_running(settings):
        print("Nothing is running.")
        return
    with step("Stop every part"):
        supervisor.connect(settings).shutdown()
        deadline = time.monotonic() + 60
        while (settings.run / "supervisord.pid").exists():
            if time.monotonic() > deadline:
                raise StepFailed(
                    "some parts did not stop within a minute",
                    f"see {settings.log / 'supervisord.log'} for which",
                )
            time.sleep(0.2)
