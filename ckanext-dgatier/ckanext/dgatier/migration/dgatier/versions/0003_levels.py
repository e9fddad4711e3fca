"""Proposals and confirmations of levels, and what people are told."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE dgatier_level_event (
    log_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    type TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    proposal_id TEXT,
    payload JSONB NOT NULL,
    PRIMARY KEY (log_id, sequence)
);

CREATE INDEX dgatier_level_event_proposal ON dgatier_level_event (proposal_id);

CREATE TABLE dgatier_level (
    log_id TEXT NOT NULL,
    dataset_id TEXT NOT NULL,
    resource_id TEXT,
    standing TEXT,
    confirmed TEXT,
    ground TEXT NOT NULL,
    review_on DATE,
    confirmed_by JSONB NOT NULL,
    confirmed_at TIMESTAMP WITH TIME ZONE,
    proposal_id TEXT,
    proposed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (log_id)
);

CREATE INDEX dgatier_level_dataset ON dgatier_level (dataset_id);

CREATE INDEX dgatier_level_waiting ON dgatier_level (proposed_at);

CREATE INDEX dgatier_level_review ON dgatier_level (review_on);

CREATE TABLE dgatier_notice (
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    kind TEXT NOT NULL,
    dataset_id TEXT,
    payload JSONB NOT NULL,
    read_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id)
);

CREATE INDEX dgatier_notice_user ON dgatier_notice (user_id, at);
"""

APPEND_ONLY = """
CREATE TRIGGER dgatier_level_event_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON dgatier_level_event
    FOR EACH STATEMENT EXECUTE FUNCTION dgatier_refuse_change();
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND_ONLY)


def downgrade() -> None:
    for table in ("notice", "level", "level_event"):
        op.execute(f"DROP TABLE dgatier_{table}")
