"""For which company or institute a grant was asked for."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE dgatier_grant ADD COLUMN organisation TEXT")
    # Until now a person had one organisation at most, and acted for it.
    op.execute(
        "UPDATE dgatier_grant SET organisation = person.claims ->> 'organisation'"
        " FROM dgatier_person AS person WHERE person.user_id = dgatier_grant.subject_id"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE dgatier_grant DROP COLUMN organisation")
