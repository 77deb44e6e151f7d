"""Alembic's entry point: runs the migrations on the connection it is given."""

from alembic import context

from hub.db.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
