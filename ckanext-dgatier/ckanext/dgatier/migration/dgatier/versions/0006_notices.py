"""Notices leave the portal: the outbox, webhooks, and in which language people are told."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = """
ALTER TABLE dgatier_person ADD COLUMN language TEXT;

CREATE INDEX dgatier_person_agency ON dgatier_person ((claims ->> 'agency'));

CREATE INDEX dgatier_grant_end ON dgatier_grant (valid_until) WHERE revoked_at IS NULL;

CREATE INDEX dgatier_notice_unread ON dgatier_notice (user_id) WHERE read_at IS NULL;

CREATE TABLE dgatier_webhook (
    id TEXT NOT NULL,
    agency TEXT NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    kinds JSONB NOT NULL,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX dgatier_webhook_agency ON dgatier_webhook (agency);

CREATE TABLE dgatier_outbox (
    id TEXT NOT NULL,
    channel TEXT NOT NULL,
    recipient TEXT NOT NULL,
    kind TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    facts JSONB NOT NULL,
    told_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at TIMESTAMP WITH TIME ZONE NOT NULL,
    lease_until TIMESTAMP WITH TIME ZONE,
    settled_at TIMESTAMP WITH TIME ZONE,
    error TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX dgatier_outbox_due ON dgatier_outbox (channel, next_at) WHERE state = 'waiting';

CREATE INDEX dgatier_outbox_open ON dgatier_outbox (state) WHERE state <> 'sent';
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE dgatier_outbox; DROP TABLE dgatier_webhook;")
    for index in ("notice_unread", "grant_end", "person_agency"):
        op.execute(f"DROP INDEX dgatier_{index}")
    op.execute("ALTER TABLE dgatier_person DROP COLUMN language")
