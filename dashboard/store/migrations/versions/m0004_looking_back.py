"""Years of events are paged through by kind, level, camera and person; the audit by time and by what was
done; what is old is found by its age."""

from alembic import op

revision = "0004_looking_back"
down_revision = "0003_judging"
branch_labels = None
depends_on = None

_INDICES = (
    ("ix_events_kind_id", "events", ("kind", "id")),
    ("ix_events_level_id", "events", ("level", "id")),
    ("ix_events_camera_id", "events", ("camera", "id")),
    ("ix_events_person_id", "events", ("person", "id")),
    ("ix_alarms_resolved_at", "alarms", ("resolved_at",)),
    ("ix_deliveries_created", "deliveries", ("created",)),
    ("ix_audit_at", "audit", ("at",)),
    ("ix_audit_what_id", "audit", ("what", "id")),
)


def upgrade() -> None:
    for name, table, columns in _INDICES:
        op.create_index(name, table, list(columns))


def downgrade() -> None:
    for name, table, _ in reversed(_INDICES):
        op.drop_index(name, table)
