"""What an instance remembers, and forgets with its database."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from stack.settings import Settings


def test_what_was_made_in_a_lost_database_is_forgotten_and_every_secret_kept(
    tmp_path: Path,
) -> None:
    settings = Settings(tmp_path, {})
    made = settings.secrets()
    kept = json.dumps(made)
    made["publisher_token"] = made["people"]["suda"]["api_token"] = "of the old database"
    settings.secrets_file.write_text(json.dumps(made))
    (tmp_path / "ingest-token").write_text("of the old database")
    state = tmp_path / "state"
    state.mkdir()
    for name in ("seed", "solr"):
        (state / name).write_text("made")
    settings.forget_database()
    assert json.dumps(settings.secrets()) == kept
    assert stat.S_IMODE(settings.secrets_file.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"secrets.json", "solr"}
