"""An installation's databases with patients of different ages in them."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from patchline.chain import Chain, Contact, Wait
from patchline.database import engines, trackers
from patchline.database.schema import now
from patchline.escalation import desk_api
from patchline.escalation.escalation import Escalation
from patchline.escalation.tickets import open_ticket
from patchline.gateway.records import Entry, Records
from patchline.gateway.tables import conversations
from patchline.settings import Settings
from tests.tables import make_tables

CHAIN = Chain((Contact("Nurse", ("log",)),), {name: Wait(5, 5) for name in ("clinic", "emergency", "crisis")}, 15)
WORDS = "Zebulon's leg went numb"


@dataclass
class Place:
    """One installation: its settings, its database, Rasa's, and ways to fill them."""

    settings: Settings
    engine: sa.engine.Engine
    rasa: sa.engine.Engine

    def conversation(self, name, days, rasa=True, messages=1):
        """A conversation whose last message is `days` old, and what Rasa keeps of it."""
        records, at = Records(self.engine), now() - timedelta(days=days)
        records.open(name, [{"text": "Hello."}])
        with self.engine.begin() as db:
            began = at - timedelta(hours=messages)
            db.execute(conversations.update().where(conversations.c.id == name).values(created_at=began))
        for number in range(messages):
            said_at = at - timedelta(minutes=messages - 1 - number)
            entry = Entry(f"m{number}", WORDS, None, said_at)
            records.receive(name, entry)
            answer = {"messages": [{"text": f"You said: {WORDS}"}], "escalation": None}
            records.settle(name, replace(entry, outcome="answered", answered_at=said_at, reply=answer))
        if rasa:
            self.tracker(name, days)
        return name

    def tracker(self, name, days):
        """What Rasa keeps of a conversation whose last event is `days` old."""
        at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
        row = {"sender_id": name, "type_name": "user", "timestamp": at, "data": json.dumps({"text": WORDS})}
        with self.rasa.begin() as db:
            db.execute(trackers.events.insert(), [row, row | {"type_name": "bot"}])

    def ticket(self, conversation, message="m0", resolved_days=None):
        """A ticket of the conversation's message; resolved so many days ago, or open."""
        escalation = Escalation(conversation, message, "clinic", "rules", now(), ("numb_weak",), (WORDS,))
        reference = open_ticket(self.engine, escalation, CHAIN).reference
        if resolved_days is not None:
            desk_api.note(self.engine, reference, "Ana", now(), f"Said {WORDS}")
            desk_api.resolve(self.engine, reference, "Ana", now() - timedelta(days=resolved_days), "Called back.")
        return reference

    def rows(self, table, column):
        with self.engine.connect() as db:
            return sorted(db.execute(sa.select(table.c[column])).scalars())

    def dispose(self):
        self.engine.dispose()
        self.rasa.dispose()


@pytest.fixture
def make_place(tmp_path):
    """`make_place(url, "folder")`: an installation with tables and nothing in them."""
    made = []

    def make_place(url, folder="var", migrated=True):
        var = tmp_path / folder
        var.mkdir(exist_ok=True)
        if url.startswith("sqlite"):
            url = f"sqlite:///{var / 'patchline.db'}"
        if migrated:
            make_tables(url)
        settings = Settings(var=var, database_url=url, secret="s" * 40)
        made.append(Place(settings, engines.make_engine(url), trackers.make_engine(settings)))
        if migrated:
            trackers.make_table(made[-1].rasa)
        return made[-1]

    yield make_place
    for place in made:
        place.dispose()


@pytest.fixture
def place(make_place, url):
    return make_place(url)
