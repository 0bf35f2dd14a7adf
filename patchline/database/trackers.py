"""Rasa's own table of conversations: where it is and what stands in it. Knows nothing of Rasa's code.

On a server it lies in the installation's database, in a schema of its own: `events` is a name that others use, too, and
a purge must never meet a table that is not ours. On SQLite it has a file of its own, so that Rasa and the gateway never
wait for each other's write lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from patchline.database import engines
from patchline.settings import Settings

SCHEMA = "rasa"  # on a server
FILE = "rasa.db"  # under PATCHLINE_VAR, where the database is SQLite
LOCK = 7_274_102  # any fixed number: Rasa servers that start together take turns

metadata = sa.MetaData()
# As `rasa.core.tracker_store.SQLTrackerStore.SQLEvent` has it; a test compares them.
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),  # the conversation's id
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),  # Unix seconds
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),  # the event as JSON, the patient's words in it
)


def make_engine(settings: Settings, make: Callable[[str], sa.engine.Engine] = engines.make_engine) -> sa.engine.Engine:
    """An engine for which `events` is Rasa's table; `make` turns a URL into an engine. Nothing connects yet."""
    url = engines.url_of(settings)
    if sa.engine.make_url(url).get_backend_name() == "sqlite":
        return make(f"sqlite:///{settings.var / FILE}")
    return make(url).execution_options(schema_translate_map={None: SCHEMA})


def make_table(engine: sa.engine.Engine) -> None:
    """Make the table where it is missing. Safe when several processes start at once."""
    with engine.begin() as db:
        if engine.dialect.name == "postgresql":
            db.execute(sa.text("SELECT pg_advisory_xact_lock(:number)"), {"number": LOCK})
            if not _has_schema(db):  # asked first: who may not make schemas may use one that is there
                db.execute(sa.schema.CreateSchema(SCHEMA))
        metadata.create_all(db)


def is_there(engine: sa.engine.Engine) -> bool:
    """Whether Rasa has ever kept anything in this database."""
    if engine.dialect.name == "sqlite" and not Path(engine.url.database).exists():
        return False  # connecting would make the file
    schema = SCHEMA if engine.dialect.name == "postgresql" else None
    with engine.connect() as db:
        return sa.inspect(db).has_table(events.name, schema=schema)


def last_said(engine: sa.engine.Engine, page: int = 500) -> Iterator[list[tuple[str, float]]]:
    """All conversations that Rasa keeps, with the time of their last event in Unix seconds, some at a time."""
    last = sa.func.coalesce(sa.func.max(events.c.timestamp), 0.0)
    query = sa.select(events.c.sender_id, last).group_by(events.c.sender_id).order_by(events.c.sender_id).limit(page)
    after = ""
    while True:
        with engine.connect() as db:
            found = [tuple(row) for row in db.execute(query.where(events.c.sender_id > after))]
        if not found:
            return
        yield found
        after = found[-1][0]


def _has_schema(db: sa.engine.Connection) -> bool:
    return bool(db.execute(sa.text("SELECT 1 FROM pg_namespace WHERE nspname = :name"), {"name": SCHEMA}).scalar())
