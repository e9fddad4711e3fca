"""The audit in a schema of its own, with lanes, seals and checkpoints; what there was moves in."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from ckan.plugins import toolkit

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = """
CREATE SCHEMA dgatier_audit;

CREATE TABLE dgatier_audit.event (
    lane SMALLINT NOT NULL,
    sequence BIGINT NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    seal BYTEA NOT NULL,
    body TEXT NOT NULL,
    at_us BIGINT GENERATED ALWAYS AS ((body::jsonb ->> 'at')::bigint) STORED,
    actor_id TEXT GENERATED ALWAYS AS (body::jsonb ->> 'actor') STORED,
    action TEXT GENERATED ALWAYS AS (body::jsonb ->> 'action') STORED,
    dataset_id TEXT GENERATED ALWAYS AS (body::jsonb ->> 'dataset') STORED,
    PRIMARY KEY (lane, sequence)
);

CREATE INDEX event_at ON dgatier_audit.event (at_us);
CREATE INDEX event_actor ON dgatier_audit.event (actor_id, at_us);
CREATE INDEX event_dataset ON dgatier_audit.event (dataset_id, at_us);

CREATE TABLE dgatier_audit.words (
    digest TEXT PRIMARY KEY,
    salt BYTEA NOT NULL,
    words TEXT NOT NULL
);

CREATE TABLE dgatier_audit.checkpoint (
    number BIGINT PRIMARY KEY,
    body TEXT NOT NULL,
    signature BYTEA NOT NULL
);
"""

# The number that marks our advisory locks: the letters "dgat".
FUNCTIONS = """
CREATE FUNCTION dgatier_audit.append(seal BYTEA, body TEXT, OUT lane SMALLINT, OUT sequence BIGINT)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = dgatier_audit, pg_temp AS $$
DECLARE
    lanes CONSTANT INT := 64;
    kept TEXT := current_setting('dgatier_audit.lane', true);
    head RECORD;
BEGIN
    -- A transaction keeps the lane that it has; else any that no one writes into at the moment.
    IF kept <> '' THEN
        lane := kept::smallint;
    ELSE
        lane := floor(random() * lanes);
        FOR tried IN 1..lanes LOOP
            EXIT WHEN pg_try_advisory_xact_lock(1684496756, lane);
            lane := (lane + 1) % lanes;
            IF tried = lanes THEN
                PERFORM pg_advisory_xact_lock(1684496756, lane);
            END IF;
        END LOOP;
        PERFORM set_config('dgatier_audit.lane', lane::text, true);
    END IF;
    SELECT event.sequence, event.hash INTO head FROM event
        WHERE event.lane = append.lane ORDER BY event.sequence DESC LIMIT 1;
    sequence := coalesce(head.sequence, 0) + 1;
    head.hash := coalesce(head.hash, decode(repeat('00', 32), 'hex'));
    INSERT INTO event (lane, sequence, previous, hash, seal, body) VALUES (
        lane, sequence, head.hash,
        sha256(convert_to(lane || '|' || sequence || '|', 'UTF8') || head.hash || seal
            || convert_to(body, 'UTF8')),
        seal, body
    );
END
$$;

CREATE FUNCTION dgatier_audit.add_checkpoint(number BIGINT, body TEXT, signature BYTEA) RETURNS VOID
LANGUAGE sql SECURITY DEFINER SET search_path = dgatier_audit, pg_temp AS $$
    INSERT INTO checkpoint VALUES (number, body, signature)
$$;

CREATE FUNCTION dgatier_audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on % is refused: it is append-only', TG_OP, TG_TABLE_NAME;
END
$$;

CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dgatier_audit.event
    FOR EACH STATEMENT EXECUTE FUNCTION dgatier_audit.refuse_change();

CREATE TRIGGER checkpoint_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON dgatier_audit.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION dgatier_audit.refuse_change();
"""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(FUNCTIONS)
    connection = op.get_bind()
    key = toolkit.config["ckanext.dgatier.audit.seal_key"].encode()
    append = sa.text("SELECT dgatier_audit.append(:seal, :body)")
    for row in connection.execute(sa.text("SELECT * FROM dgatier_audit ORDER BY sequence")).all():
        body = _body(row)
        seal = hmac.digest(key, body.encode(), hashlib.sha256)
        connection.execute(append, {"seal": seal, "body": body})
    op.execute("DROP TABLE dgatier_audit")


def _body(row: Any) -> str:
    """Return the event of an older row as events are today, in the same form for ever."""
    content = {
        "action": row.action,
        "actor": row.actor_id,
        "at": (row.at - _EPOCH) // timedelta(microseconds=1),
        "dataset": row.dataset_id,
        "decision": row.decision_id,
        "detail": row.detail,
        "outcome": row.outcome,
        "resource": row.resource_id,
        "words": {},
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def downgrade() -> None:
    raise NotImplementedError("an audit is not taken back")
