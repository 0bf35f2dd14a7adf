"""The migrations make the tables that the code uses, also out of a database that is in use."""

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from patchline.database import engines
from patchline.database.migration import MIGRATIONS, migrate
from patchline.database.schema import metadata
from patchline.desk.tables import staff_audit
from patchline.escalation import desk_api, outbox
from patchline.escalation.tables import tickets
from patchline.escalation.tickets import open_ticket, open_wish
from patchline.gateway.tables import messages
from patchline.review import tables as review_tables  # noqa: F401 (migrated with the others)

VERSION = {"version_table": "journal_version"}


def test_the_migrated_tables_are_those_of_the_code(url):
    migrate(url)
    assert {tickets, messages, staff_audit} <= set(metadata.tables.values())
    with engines.make_engine(url).connect() as db:
        context = MigrationContext.configure(db, opts=VERSION | {"include_object": _no_partial_index})
        assert compare_metadata(context, metadata) == []


def _no_partial_index(item, name, kind, reflected, compare_to):
    return kind != "index"  # they are for the sweeps' speed alone and stand in the migration


def upgrade_to(engine, version, step=command.upgrade):
    with engine.connect() as connection:
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.attributes["connection"] = connection
        step(config, version)


def test_open_tickets_from_before_there_were_deliveries_are_told_to_somebody(url, chain):
    engine = engines.make_migration_engine(url)
    upgrade_to(engine, "0002")
    with engine.begin() as db:
        db.exec_driver_sql(
            "INSERT INTO tickets (reference, kind, tier, triggers, source, language, relative, late, conversation_id,"
            " message_id, state, said_at, opened_at) VALUES ('PL-7K3F9', 'red_flag', 'clinic', '[\"leg is numb\"]',"
            " 'rules', 'en', false, false, 'c1', 'm1', 'open', '2026-11-22 10:00:00', '2026-11-22 10:00:00')"
        )
    migrate(url)
    engine = engines.make_engine(url)
    case = desk_api.ticket(engine, "PL-7K3F9")
    assert (case.triggers, case.tier, case.state) == (("leg is numb",), "clinic", "open")
    assert [event.action for event in desk_api.events_of(engine, "PL-7K3F9")] == ["opened"]
    assert outbox.go_on_where_due(engine, chain, case.opened_at) == 1
    assert [item.contact for item in desk_api.sendings_of(engine, "PL-7K3F9")] == ["Nurse", "Nurse"]


def test_a_step_back_keeps_the_tickets_of_warning_signs(url, numb_leg, wish, chain):
    migrate(url)
    clinic = engines.make_engine(url)
    kept = open_ticket(clinic, numb_leg, chain).reference
    open_wish(clinic, wish, chain)
    clinic.dispose()
    engine = engines.make_migration_engine(url)
    upgrade_to(engine, "0002", command.downgrade)
    with engine.connect() as db:
        assert db.exec_driver_sql("SELECT reference, tier FROM tickets").all() == [(kept, "clinic")]
    migrate(url)
    assert desk_api.ticket(engine, kept).state == "open"


def test_a_database_of_the_journal_alone_is_brought_up_to_date_and_keeps_its_messages(url):
    engine = engines.make_migration_engine(url)
    upgrade_to(engine, "0001")
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
