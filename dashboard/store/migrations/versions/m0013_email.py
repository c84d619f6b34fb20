"""A member's e-mail address is nobody else's: a provider says who somebody is by it."""

import sqlalchemy as sa
from alembic import op

revision = "0013_email"
down_revision = "0012_report"
branch_labels = None
depends_on = None

_SMALL = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def upgrade() -> None:
    # Not in a batch: SQLite would make the table anew, and devices that are signed in point at it.
    op.add_column("accounts", sa.Column("email_key", sa.String(200), nullable=True))
    _fill()
    op.create_index("ix_accounts_email_key", "accounts", ["email_key"], unique=True)


def _fill() -> None:
    """Whoever came first keeps an address that two have."""
    accounts = sa.table(
        "accounts",
        *(sa.column(name) for name in ("id", "email", "email_key", "created_at")),
    )
    connection, seen = op.get_bind(), set()
    rows = connection.execute(
        sa.select(accounts.c.id, accounts.c.email).order_by(accounts.c.created_at, accounts.c.id)
    ).all()
    for identity, email in rows:
        key = email.strip().translate(_SMALL)
        taken = key in seen
        seen.add(key)
        values = {"email": "", "email_key": None} if taken or not key else {"email_key": key}
        connection.execute(accounts.update().where(accounts.c.id == identity).values(**values))


def downgrade() -> None:
    op.drop_index("ix_accounts_email_key", "accounts")
    op.execute("ALTER TABLE accounts DROP COLUMN email_key")
