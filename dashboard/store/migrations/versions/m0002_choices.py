"""What the owner chose for the whole installation."""

import sqlalchemy as sa
from alembic import op

revision = "0002_choices"
down_revision = "0001_cameras"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("choices")
