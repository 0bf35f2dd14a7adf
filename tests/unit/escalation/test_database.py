"""The migrations make the tables that the code uses, also out of a database that is in use."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from patchline.database import engines
from patchline.database.migration import MIGRATIONS, migrate
from patchline.database.schema import metadata
from patchline.escalation.tables import tickets
from patchline.gateway.tables import messages

VERSION = {"version_table": "journal_version"}


def test_the_migrated_tables_are_those_of_the_code(url):
    migrate(url)
    assert {tickets, messages} <= set(metadata.tables.values())
    with engines.make_engine(url).connect() as db:
        context = MigrationContext.configure(db, opts=VERSION | {"include_object": _no_partial_index})
        assert compare_metadata(context, metadata) == []


def _no_partial_index(item, name, kind, reflected, compare_to):
    return kind != "index"  # they are for the sweeps' speed alone and stand in the migration


def test_a_database_of_the_journal_alone_is_brought_up_to_date_and_keeps_its_messages(url):
    engine = engines.make_migration_engine(url)
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with engine.begin() as db:
        db.exec_driver_sql("INSERT INTO conversations (id, created_at) VALUES ('c1', '2026-11-22 10:00:00')")
        db.exec_driver_sql(
            "INSERT INTO messages (conversation_id, message_id, at, text) VALUES ('c1', 'm1', '2026-11-22', 'Hi')"
        )
    migrate(url)
    migrate(url)
    with engine.connect() as db:
        assert db.execute(sa.select(messages.c.text, messages.c.tier)).all() == [("Hi", None)]
        assert db.execute(sa.select(tickets)).all() == []
