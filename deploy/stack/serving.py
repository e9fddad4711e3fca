"""How gunicorn is started for one configuration of CKAN, here and in the containers."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from .settings import HOST, REPOSITORY, Settings

#: Where gunicorn runs: its configuration and the application are there.
FOLDER = REPOSITORY / "deploy"


def command(programs: Path, address: str) -> list[str]:
    """Return the command; the environment names the configuration as `CKAN_INI`."""
    return [
        str(programs / "gunicorn"),
        "--config", "gunicorn.conf.py", "--bind", address, "wsgi:application",
    ]  # fmt: skip


def start(
    settings: Settings, ini: Path, port: str, log: Path, **environment: str
) -> subprocess.Popen[bytes]:
    """Start a portal on the port of that name; who starts it ends it."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command(settings.bin, f"{HOST}:{settings.ports[port]}"),
            cwd=FOLDER, env={**os.environ, "CKAN_INI": str(ini), **environment},
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
