"""Each camera has its pose back end."""

import sqlalchemy as sa
from alembic import op

revision = "0010_backend"
down_revision = "0006_clips"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cameras") as table:
        table.add_column(sa.Column("backend", sa.String(40), nullable=False, server_default="poolwatch"))


def downgrade() -> None:
    with op.batch_alter_table("cameras") as table:
        table.drop_column("backend")
