"""How animals looked of which the owner has said whether they are pets or wild."""

import sqlalchemy as sa
from alembic import op

revision = "0014_animals"
down_revision = "0013_email"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "animal_looks",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("clip", sa.String(32), nullable=False, index=True),
        sa.Column("said", sa.String(20), nullable=False),
        sa.Column("label", sa.String(20), nullable=False),
        sa.Column("look", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("animal_looks")
