"""What a grant must remember so that it does not outlive its level and its terms."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from ckanext.dgatier.core.classification import ClassificationLevel
from ckanext.dgatier.core.levelling import LevelEvent, LevelEventType, fold

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# The lowest level is what a grant covers of which nothing is said. A moment outside of the years
# that Python knows would fail every row that is read with it.
COLUMNS = """
ALTER TABLE dgatier_grant
    ADD COLUMN level TEXT NOT NULL DEFAULT 'open',
    ADD COLUMN accepted_terms TEXT,
    ADD COLUMN withheld TEXT,
    ADD CONSTRAINT dgatier_grant_moments CHECK (
        least(valid_from, valid_until, revoked_at) >= '0001-01-02Z'
        AND greatest(valid_from, valid_until, revoked_at) < '9999-12-31Z'
    );
"""

# The log is only added to: at which level older grants were approved is said now.
EVENTS = """
INSERT INTO dgatier_request_event (request_id, sequence, type, actor_id, at, payload)
SELECT request.id,
       request.version + row_number() OVER (PARTITION BY request.id ORDER BY one.id),
       'levelled', 'clock', now(),
       jsonb_build_object('grant_id', one.id, 'level', one.level)
  FROM dgatier_grant AS one JOIN dgatier_request AS request ON request.id = one.request_id;

UPDATE dgatier_request AS request
   SET version = (SELECT count(*) FROM dgatier_request_event AS event
                   WHERE event.request_id = request.id);
"""

_FIELD = "classification_level"


def upgrade() -> None:
    op.execute(COLUMNS)
    connection = op.get_bind()
    grants = connection.execute(
        sa.text("SELECT id, dataset_id, valid_from FROM dgatier_grant ORDER BY dataset_id")
    ).all()
    for dataset_id, held in groupby(grants, key=lambda row: row.dataset_id):
        parts = _parts(connection, dataset_id)
        for row in held:
            connection.execute(
                sa.text("UPDATE dgatier_grant SET level = :level WHERE id = :id"),
                {"id": row.id, "level": _level_at(row.valid_from, dataset_id, *parts)},
            )
    op.execute(EVENTS)


def _parts(connection: sa.engine.Connection, dataset_id: str) -> tuple[Any, Any, Any]:
    """Return a dataset's own level today, its resources' extras by id, and the logs of levels."""
    asked = {"id": dataset_id, "field": _FIELD}
    own = connection.execute(
        sa.text("SELECT extras ->> :field FROM package WHERE id = :id"), asked
    ).scalar()
    resources = connection.execute(
        sa.text("SELECT id, extras FROM resource WHERE package_id = :id AND state = 'active'"),
        asked,
    )
    events = connection.execute(
        sa.text(
            "SELECT event.* FROM dgatier_level_event AS event"
            " JOIN dgatier_level AS level ON level.log_id = event.log_id"
            " WHERE level.dataset_id = :id ORDER BY event.log_id, event.sequence"
        ),
        asked,
    )
    logs = {
        log_id: [LevelEvent(LevelEventType(e.type), e.actor_id, e.at, e.payload) for e in of_it]
        for log_id, of_it in groupby(events, key=lambda event: event.log_id)
    }
    return own, {one.id: json.loads(one.extras or "{}") for one in resources}, logs


def _level_at(
    moment: datetime,
    dataset_id: str,
    own: str | None,
    resources: Mapping[str, Mapping[str, Any]],
    logs: Mapping[str, list[LevelEvent]],
) -> str:
    """Return the level of a dataset at a moment as its logs tell it, else as it stands today."""
    then = {log_id: level for log_id, events in logs.items() if (level := _told(events, moment))}
    dataset = then.pop(dataset_id, None) or own
    levels = [dataset, *then.values()]
    for resource_id, extras in resources.items():
        if resource_id not in then:
            levels.append(extras.get(_FIELD) or dataset)
        levels.append(extras.get("columns_level") or dataset)
    return _highest(levels)


def _told(events: list[LevelEvent], moment: datetime) -> str | None:
    """Return the level at a moment; before the log began, that at which it was found."""
    until = [one for one in events if one.at <= moment] or events[:1]
    return fold(until).standing


def _highest(levels: Iterable[str | None]) -> str:
    try:
        found = [ClassificationLevel.parse(one) for one in levels]
    except ValueError:
        # Of what has no valid level nothing can have been approved.
        return ClassificationLevel.OPEN
    return max(found, key=lambda level: level.rank)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE dgatier_grant DROP CONSTRAINT dgatier_grant_moments,"
        " DROP COLUMN level, DROP COLUMN accepted_terms, DROP COLUMN withheld"
    )
