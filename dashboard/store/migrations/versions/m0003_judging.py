"""What was judged and who was told: zones, events, alarms, contacts, deliveries, audit, and the memory
that the judge takes up again after a restart."""

import sqlalchemy as sa
from alembic import op

revision = "0003_judging"
down_revision = "0002_choices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _places_and_events()
    _alarms()
    _messages()
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("origin", sa.String(100), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "memory",
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    for table in ("memory", "audit", "deliveries", "contacts", "acknowledgements", "alarm_causes", "alarms"):
        op.drop_table(table)
    op.drop_table("events")
    op.drop_table("zones")


def _places_and_events() -> None:
    op.create_table(
        "zones",
        sa.Column("camera", sa.String(32), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("zones", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("at", sa.DateTime, nullable=False, index=True),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("person", sa.Integer, nullable=True),
        sa.Column("zone", sa.String(100), nullable=True),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
    )


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("resolved_at", sa.DateTime, nullable=True),
        sa.Column("resolved_by", sa.String(100), nullable=True),
        sa.Column("reason", sa.String(20), nullable=True),
        sa.Column("note", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "alarm_causes",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarms.id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("camera", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("level", sa.String(20), nullable=False),
        sa.Column("person", sa.Integer, nullable=True),
        sa.Column("zone", sa.String(100), nullable=True),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_table(
        "acknowledgements",
        sa.Column("alarm_id", sa.Integer, sa.ForeignKey("alarms.id"), primary_key=True),
        sa.Column("who", sa.String(100), primary_key=True),
        sa.Column("at", sa.DateTime, nullable=False),
    )


def _messages() -> None:
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("urls", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False, server_default=sa.true()),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(120), primary_key=True),
        # No foreign key on contacts: who was told stays known when the contact is removed.
        sa.Column("alarm_id", sa.Integer, nullable=True, index=True),
        sa.Column("contact_id", sa.String(32), nullable=False),
        sa.Column("address_index", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("drill", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("due", sa.DateTime, nullable=False),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("last_error", sa.Text, nullable=False, server_default=""),
    )
