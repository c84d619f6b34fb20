"""Recorded clips: what is in them, and what people say of them."""

import sqlalchemy as sa
from alembic import op

revision = "0006_clips"
down_revision = "0005_occupancy"
branch_labels = None
depends_on = None

_FILTERS = ("kind", "level", "camera", "label", "kept")


def upgrade() -> None:
    op.create_table(
        "clips",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("began_at", sa.DateTime, nullable=False),
        sa.Column("ended_at", sa.DateTime, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("people", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("label", sa.String(20), nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
        sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("sealed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("open", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("search", sa.Text, nullable=False),
    )
    op.create_index("ix_clips_state", "clips", ["state"])
    op.create_index("ix_clips_began_at_id", "clips", ["began_at", "id"])
    for name in _FILTERS:
        op.create_index(f"ix_clips_{name}_began_at_id", "clips", [name, "began_at", "id"])


def downgrade() -> None:
    op.drop_table("clips")
