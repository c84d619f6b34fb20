"""Run by Alembic: on the connection, and inside the transaction, that the store has opened."""

from alembic import context

from dashboard.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # One transaction around all steps: an upgrade happens wholly or not at all, on SQLite too.
    transactional_ddl=True,
)
context.run_migrations()
