"""Who stands in for an absent steward, and notices that are about no dataset."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE dgatier_delegation (
    id TEXT NOT NULL,
    agency TEXT NOT NULL,
    steward_id TEXT NOT NULL,
    deputy_id TEXT NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reason TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    PRIMARY KEY (id),
    CHECK (starts_at < ends_at),
    CHECK (steward_id <> deputy_id)
);

CREATE INDEX dgatier_delegation_agency ON dgatier_delegation (agency, ends_at);

ALTER TABLE dgatier_outbox ALTER COLUMN dataset_id DROP NOT NULL;
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DELETE FROM dgatier_outbox WHERE dataset_id IS NULL")
    op.execute("ALTER TABLE dgatier_outbox ALTER COLUMN dataset_id SET NOT NULL")
    op.execute("DROP TABLE dgatier_delegation")
