"""Each contact may get the night's report in the morning."""

import sqlalchemy as sa
from alembic import op

revision = "0012_report"
down_revision = "0011_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("contacts") as table:
        table.add_column(sa.Column("report", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    with op.batch_alter_table("contacts") as table:
        table.drop_column("report")
