"""What was answered of a summary, and what each person spent on it."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE dgatier_summary_answer (
            resource_id TEXT NOT NULL,
            version TEXT NOT NULL,
            question TEXT NOT NULL,
            answer JSONB NOT NULL,
            PRIMARY KEY (resource_id, version, question)
        );

        CREATE TABLE dgatier_summary_budget (
            person_id TEXT NOT NULL,
            resource_id TEXT NOT NULL,
            version TEXT NOT NULL,
            question TEXT NOT NULL,
            pool TEXT,
            epsilon DOUBLE PRECISION NOT NULL CHECK (epsilon > 0),
            at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (person_id, resource_id, version, question)
        );
        CREATE INDEX dgatier_summary_budget_pool
            ON dgatier_summary_budget (resource_id, pool, at);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE dgatier_summary_budget, dgatier_summary_answer")
