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


def test_requests_and_grants_of_before_are_what_their_events_lead_to(ini: Path) -> None:
    _upgrade(ini, "0004")
    cursor = _cursor()
    terms = (
        '{"tier": "masked", "purpose": "p", "justification": "for a study", "days": 9,'
        ' "resource_ids": []}'
    )
    cursor.execute(
        "INSERT INTO dgatier_request VALUES ('r', 'asker', 'dataset', 'fpo', 'approved',"
        " 'masked', 'p', 'for a study', 9, '[]', '2026-01-01Z', '2026-01-02Z', '2026-01-03Z',"
        " 'good', '{\"steward\": false}', 4)"
    )
    given = '{"tier": "masked", "days": 9, "reason": "good", "senior": false, "complete": true}'
    for number, (kind, actor, payload) in enumerate(
        (
            ("created", "asker", f'{{"id": "r", "dataset_id": "dataset", "terms": {terms}}}'),
            ("submitted", "asker", "{}"),
            ("approval_given", "steward", given),
            ("approved", "steward", given),
        ),
        start=1,
    ):
        cursor.execute(
            "INSERT INTO dgatier_request_event VALUES ('r', %s, %s, %s, %s, %s)",
            (number, kind, actor, f"2026-01-0{min(number, 3)}Z", payload),
        )
    cursor.execute(
        "INSERT INTO dgatier_grant VALUES ('g', 'r', 'asker', 'dataset', 'fpo', '[]', 'masked',"
        " 'p', '2026-01-03Z', '2026-01-12 17:00Z', to_jsonb(ARRAY['steward']),"
        " '2026-01-05Z', 'steward', 'over', 'institute')"
    )
    _upgrade(ini, "head")
    done = subprocess.run(
        [Settings.load().ckan, "-c", ini, "dgatier", "rebuild", "--check"],
        capture_output=True, text=True, check=False, cwd=ini.parent,
    )  # fmt: skip
    assert (done.stdout, done.returncode) == ("0 differences\n", 0)
    cursor.execute("SELECT count(*) FROM dgatier_request_event")
    assert cursor.fetchone() == (8,)
