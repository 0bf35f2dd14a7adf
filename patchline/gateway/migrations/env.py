"""Runs the journal's migrations on the connection that `patchline.gateway.journal.migrate` hands over."""

from alembic import context
from sqlalchemy import text

from patchline.gateway.tables import metadata

LOCK = 7_274_101  # any fixed number: gateways that start together take turns

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    version_table="journal_version",  # other rooms may keep their tables in the same database
    transactional_ddl=True,
)
with context.begin_transaction():
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
    context.run_migrations()
