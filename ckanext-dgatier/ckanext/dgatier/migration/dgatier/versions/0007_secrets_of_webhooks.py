"""The secret of a webhook is worked out when it is needed, and kept nowhere."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forget the secrets."""
    op.execute("ALTER TABLE dgatier_webhook DROP COLUMN secret")


def downgrade() -> None:
    """Make room for secrets again; those that were kept do not come back."""
    op.execute("ALTER TABLE dgatier_webhook ADD COLUMN secret TEXT NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE dgatier_webhook ALTER COLUMN secret DROP DEFAULT")
