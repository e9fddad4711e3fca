"""CKAN's own command, for one configuration of it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from . import database
from .progress import StepFailed
from .settings import Settings


def run(settings: Settings, ini: Path, *arguments: str) -> str:
    """Return what `ckan` printed; raise `StepFailed` where it ended with an error."""
    done = subprocess.run(
        [settings.bin / "ckan", "-c", ini, *arguments],
        capture_output=True, text=True, check=False, cwd=settings.run,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
        raise StepFailed(
            f"`ckan {' '.join(arguments[:2])}` failed", "see the lines above, then run again"
        )
    return done.stdout


def create_tables(
    settings: Settings, secrets: Mapping[str, Any], ini: Path, datastore: str
) -> None:
    """Bring the tables up to date, and what the DataStore's reader may do in its database."""
    run(settings, ini, "db", "upgrade")
    permissions = run(settings, ini, "datastore", "set-permissions")
    body = "\n".join(line for line in permissions.splitlines() if not line.startswith("\\connect"))
    connection = database.connect(settings, secrets, datastore)
    with connection.cursor() as cursor:
        cursor.execute(body)
    connection.close()
