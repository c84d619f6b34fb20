"""How many people were in the water and on deck, minute by minute."""

import sqlalchemy as sa
from alembic import op

revision = "0005_occupancy"
down_revision = "0004_looking_back"
branch_labels = None
depends_on = None

_COUNTS = ("water_min", "water_max", "deck_min", "deck_max")


def upgrade() -> None:
    op.create_table(
        "occupancy",
        sa.Column("minute", sa.DateTime, primary_key=True),
        *(sa.Column(name, sa.Integer, nullable=True) for name in _COUNTS),
    )


def downgrade() -> None:
    op.drop_table("occupancy")
