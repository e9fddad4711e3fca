"""Tables that hold something are brought up to date, and what they held is still there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import warm_command
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
    done = warm_command.run(ini, "db", "upgrade", "-p", "dgatier", "-v", version)
    assert done.returncode == 0, done.stderr[-2000:]


def _verify(ini: Path) -> str:
    return warm_command.run(ini, "dgatier", "audit", "verify").stdout


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
    done = warm_command.run(ini, "dgatier", "rebuild", "--check")
    assert (done.stdout, done.returncode) == ("0 differences\n", 0)
    cursor.execute("SELECT count(*) FROM dgatier_request_event")
    assert cursor.fetchone() == (8,)


def test_older_grants_hold_at_the_level_that_the_log_tells_and_else_at_that_of_today(
    ini: Path,
) -> None:
    _upgrade(ini, "0006")
    cursor = _cursor()
    # Of each dataset its own level, that of its one file and of that file's columns.
    today = {
        "raised": ("secret", None, None),
        "lowered": ("internal", None, None),
        "unlogged": ("internal", "confidential", None),
        "columns": ("open", "internal", "secret"),
        "unknown": ("no level", None, None),
        "gone": None,
    }
    for name, levels in today.items():
        if levels is not None:
            _dataset(cursor, name, *levels)
        _grant_of_before(cursor, name)
    _log(cursor, "raised", "internal", "raise", "secret", "2026-02-01Z")
    _log(cursor, "lowered", "confidential", "lower", "internal", "2026-02-01Z")
    _upgrade(ini, "head")
    cursor.execute("SELECT dataset_id, level FROM dgatier_grant")
    assert dict(cursor.fetchall()) == {
        "raised": "internal",
        "lowered": "confidential",
        "unlogged": "confidential",
        "columns": "secret",
        "unknown": "open",
        "gone": "open",
    }
    done = warm_command.run(ini, "dgatier", "rebuild", "--check")
    assert (done.stdout, done.returncode) == ("0 differences\n", 0)


def _dataset(cursor: Any, name: str, own: str, file: str | None, columns: str | None) -> None:
    cursor.execute(
        "INSERT INTO package (id, name, state, extras) VALUES (%s, %s, 'active', %s)",
        (name, name, json.dumps({"classification_level": own})),
    )
    extras = {"classification_level": file, "columns_level": columns}
    cursor.execute(
        "INSERT INTO resource (id, package_id, url, position, state, extras)"
        " VALUES (%s, %s, 'x', 0, 'active', %s)",
        (f"{name}-file", name, json.dumps({key: one for key, one in extras.items() if one})),
    )


def _grant_of_before(cursor: Any, dataset_id: str) -> None:
    """Store an approved request with its grant of January, as it was before 0008."""
    terms = {
        "tier": "masked", "purpose": "p", "justification": "for a study", "days": 90,
        "resource_ids": [],
    }  # fmt: skip
    given = {"tier": "masked", "days": 90, "reason": "good", "senior": False, "complete": True}
    grant = {
        "grant_id": dataset_id, "subject": "asker", "tier": "masked", "organisation": None,
        "valid_until": "2026-04-03T17:00:00+00:00", "approved_by": ["steward"],
    }  # fmt: skip
    begun = {"id": dataset_id, "dataset_id": dataset_id, "agency": "fpo", "terms": terms}
    for number, (kind, actor, payload) in enumerate(
        (
            ("created", "asker", begun),
            ("submitted", "asker", {}),
            ("approval_given", "steward", given),
            ("approved", "steward", given),
            ("granted", "steward", grant),
        ),
        start=1,
    ):
        cursor.execute(
            "INSERT INTO dgatier_request_event VALUES (%s, %s, %s, %s, '2026-01-03Z', %s)",
            (dataset_id, number, kind, actor, json.dumps(payload)),
        )
    cursor.execute(
        "INSERT INTO dgatier_request VALUES (%s, 'asker', %s, 'fpo', 'approved', 'masked', 'p',"
        " 'for a study', 90, '[]', '2026-01-03Z', '2026-01-03Z', '2026-01-03Z', 'good',"
        " '{\"steward\": false}', 5)",
        (dataset_id, dataset_id),
    )
    cursor.execute(
        "INSERT INTO dgatier_grant VALUES (%s, %s, 'asker', %s, 'fpo', '[]', 'masked', 'p',"
        " '2026-01-03Z', '2026-04-03 17:00Z', '[\"steward\"]')",
        (dataset_id, dataset_id, dataset_id),
    )


def _log(cursor: Any, dataset_id: str, found: str, kind: str, level: str, at: str) -> None:
    """Store the log of a level that was found there and then changed."""
    proposal = {
        "id": "p", "kind": kind, "level": level, "ground": "", "review_on": None,
        "stands": level if kind == "raise" else found, "counts": True,
    }  # fmt: skip
    events = (
        ("begun", {"dataset_id": dataset_id, "resource_id": None, "found": found}),
        ("raised" if kind == "raise" else "proposed", proposal),
        ("confirmed" if kind == "raise" else "lowered", {"complete": True}),
    )
    for number, (event, payload) in enumerate(events, start=1):
        cursor.execute(
            "INSERT INTO dgatier_level_event VALUES (%s, %s, %s, 'steward', %s, NULL, %s)",
            (dataset_id, number, event, at, json.dumps(payload)),
        )
    cursor.execute(
        "INSERT INTO dgatier_level (log_id, dataset_id, ground, confirmed_by)"
        " VALUES (%s, %s, '', '[]')",
        (dataset_id, dataset_id),
    )
