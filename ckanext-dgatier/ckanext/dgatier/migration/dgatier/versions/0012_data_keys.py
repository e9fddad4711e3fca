"""The wrapped keys by which the files of datasets are sealed."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE dgatier_data_key (
            id TEXT PRIMARY KEY,
            number BIGINT GENERATED ALWAYS AS IDENTITY,
            dataset_id TEXT NOT NULL,
            wrapped TEXT NOT NULL,
            made_at TIMESTAMPTZ NOT NULL DEFAULT now()
        );
        CREATE INDEX dgatier_data_key_dataset ON dgatier_data_key (dataset_id, number);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE dgatier_data_key")
