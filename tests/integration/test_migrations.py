"""Tables that hold something are brought up to date, and what they held is still there."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stack import ckan_command, database, render
from stack.settings import Settings

_NAME = "migration_test"


@pytest.fixture
def ini(instance: object, tmp_path: Path) -> Iterator[Path]:
    """Return a configuration with a database of its own, in which only CKAN's tables are."""
    settings = Settings.load()
    secrets = settings.secrets()
    connection = database.connect(settings, secrets)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {_NAME} WITH (FORCE)")
        database.create_database(cursor, _NAME, "ckan")
        path = tmp_path / "ckan.ini"
        render.ini(
            settings, secrets, path, {"database": database.url(settings, secrets, "ckan", _NAME)}
        )
        ckan_command.run(settings.ckan, path, "db", "upgrade", "--skip-plugins")
        yield path
        cursor.execute(f"DROP DATABASE {_NAME} WITH (FORCE)")
    connection.close()


def _upgrade(ini: Path, version: str) -> None:
    ckan_command.run(Settings.load().ckan, ini, "db", "upgrade", "-p", "dgatier", "-v", version)


def _verify(ini: Path) -> str:
    done = subprocess.run(
        [Settings.load().ckan, "-c", ini, "dgatier", "audit", "verify"],
        capture_output=True, text=True, check=False, cwd=ini.parent,
    )  # fmt: skip
    return done.stdout


def _cursor() -> Any:
    settings = Settings.load()
    return database.connect(settings, settings.secrets(), _NAME).cursor()


def test_an_older_audit_moves_into_the_new_one(ini: Path) -> None:
    _upgrade(ini, "0003")
    cursor = _cursor()
    for number in range(1, 301):
        hashed = hashlib.sha256(str(number).encode()).hexdigest()
        cursor.execute(
            "INSERT INTO dgatier_audit VALUES"
            " (%s, now(), 'data_read', 'someone', 'dataset', NULL, 'done', 'd', %s, %s, %s)",
            (number, f'{{"rows": {number}}}', hashed, hashed),
        )
    _upgrade(ini, "head")
    cursor.execute(
        "SELECT sum((body::jsonb #>> '{detail,rows}')::int), count(*) FROM dgatier_audit.event"
        " WHERE actor_id = 'someone' AND dataset_id = 'dataset'"
    )
    assert cursor.fetchone() == (300 * 301 // 2, 300)
    assert "300 events, 0 checkpoints" in _verify(ini)
    assert "the portal's own role may INSERT on event" in _verify(ini)
    settings = Settings.load()
    administrator = database.connect(settings, settings.secrets(), _NAME)
    ckan_command.secure_audit(settings.ckan, ini, administrator)
    assert "300 events, 0 checkpoints, 0 problems" in _verify(ini)
