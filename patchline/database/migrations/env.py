"""Runs the migrations on the connection that `patchline.database.migration.migrate` hands over."""

from alembic import context
from sqlalchemy import text

from patchline.database.schema import metadata
from patchline.database.version import VERSION_TABLE

LOCK = 7_274_101  # any fixed number: processes that start together take turns

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
    context.run_migrations()
