"""Requests as they are being written: words of drafts, and the files that go with a request."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE dgatier_draft (
    request_id TEXT NOT NULL,
    words JSONB NOT NULL,
    version INTEGER NOT NULL,
    saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (request_id)
);

CREATE TABLE dgatier_attachment (
    id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX dgatier_attachment_request ON dgatier_attachment (request_id);
"""


def upgrade() -> None:
    op.execute(TABLES)


def downgrade() -> None:
    op.execute("DROP TABLE dgatier_attachment; DROP TABLE dgatier_draft;")
