"""CKAN's own command, for one configuration of it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from .progress import StepFailed


def run(program: Path, ini: Path, *arguments: str) -> str:
    """Return what `ckan` printed; raise `StepFailed` where it ended with an error."""
    done = subprocess.run(
        [program, "-c", ini, *arguments],
        capture_output=True, text=True, check=False, cwd=ini.parent,
    )  # fmt: skip
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-4000:], sep="\n")
        raise StepFailed(
            f"`ckan {' '.join(arguments[:2])}` failed", "see the lines above, then run again"
        )
    return done.stdout


def create_tables(program: Path, ini: Path, connection: Any) -> None:
    """Bring the tables up to date, and what the DataStore's reader may do in its database.

    `connection` is an administrator's to the DataStore's database; it is closed.
    """
    run(program, ini, "db", "upgrade")
    permissions = run(program, ini, "datastore", "set-permissions")
    body = "\n".join(line for line in permissions.splitlines() if not line.startswith("\\connect"))
    with connection.cursor() as cursor:
        cursor.execute(body)
    connection.close()


def clear_index(program: Path, ini: Path) -> None:
    """Take out of the search index what an earlier database had."""
    run(program, ini, "search-index", "clear")


def secure_audit(program: Path, ini: Path, connection: Any) -> None:
    """Take the audit out of the hands of the portal's own role.

    `connection` is an administrator's to CKAN's database; it is closed.
    """
    with connection.cursor() as cursor:
        cursor.execute(run(program, ini, "dgatier", "audit", "permissions"))
    connection.close()


def make_ingest_account(program: Path, ini: Path, token_file: Path) -> None:
    """Make the account that loads files into the DataStore, and write its token to a file."""
    run(program, ini, "dgatier", "ingest-account", "--token-file", str(token_file))
