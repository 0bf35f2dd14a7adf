"""The journal's queries, plain and blocking. `patchline.gateway.journal` runs them in threads."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from patchline.database.schema import now
from patchline.gateway.messages import buttons_of
from patchline.gateway.tables import conversations, forget, messages
from patchline.safety.model import Tier

MOST_TO_FORGET = 200


class Forgotten(Exception):
    """The conversation was deleted."""


@dataclass(frozen=True)
class Entry:
    """One message of a patient with what became of it. `outcome` and the fields after it are None while it waits."""

    message_id: str
    text: str
    choice: str | None
    at: datetime
    outcome: str | None = None
    answered_at: datetime | None = None
    topic: str | None = None
    reply: dict[str, Any] | None = None
    nlu: dict[str, Any] | None = None
    model: str | None = None
    flags: dict[str, Any] | None = None
    tier: Tier | None = None


@dataclass(frozen=True)
class Transcript:
    """A conversation in order. `greeting` holds the messages that it began with."""

    created_at: datetime
    greeting: list[dict[str, Any]]
    entries: list[Entry]


# Statements are made once: making them takes longer than running them. Names of parameters do not clash with columns.
FIELDS = tuple(Entry.__dataclass_fields__)
_KEPT = ("conversation_id", *FIELDS)
_THIS = (messages.c.conversation_id == sa.bindparam("this_conversation")) & (
    messages.c.message_id == sa.bindparam("this_message")
)
_OPEN = (conversations.c.id == sa.bindparam("new_conversation_id")) & conversations.c.forgotten_at.is_(None)
_there = messages.alias("there")
_NEW = ~sa.exists().where(
    _there.c.conversation_id == sa.bindparam("new_conversation_id"),
    _there.c.message_id == sa.bindparam("new_message_id"),
)
# One statement both checks and keeps: one trip to the disk. A repeat is found by the query and not by a violated
# constraint, because a database server writes the statement that failed, the patient's words in it, to its own log.
_ROW = [sa.bindparam(f"new_{name}", type_=messages.c[name].type).label(name) for name in _KEPT]
_KEEP = messages.insert().from_select(_KEPT, sa.select(*_ROW).where(_OPEN, _NEW), include_defaults=False)
_SETTLE = messages.update().where(_THIS, messages.c.outcome.is_(None))
_FIND = sa.select(*(messages.c[name] for name in FIELDS)).where(_THIS)
_IN_ORDER = (
    sa.select(*(messages.c[name] for name in FIELDS))
    .where(messages.c.conversation_id == sa.bindparam("this_conversation"))
    .order_by(messages.c.id)
)


class Records:
    """What the journal can do with one engine. Raises SQLAlchemy's errors as they come."""

    def __init__(self, engine: sa.engine.Engine):
        self.engine = engine

    def open(self, conversation_id: str, greeting: list[dict[str, Any]]) -> None:
        with self.engine.begin() as db:
            db.execute(conversations.insert(), {"id": conversation_id, "created_at": now(), "greeting": greeting})

    def receive(self, conversation_id: str, entry: Entry) -> Entry | None:
        """Keep a new message. Returns the entry that has this message id already, or None. Raises `Forgotten`."""
        try:
            if self._insert(conversation_id, entry):
                return None
        except sa.exc.IntegrityError:  # the same message, kept by another gateway this instant
            if self.find(conversation_id, entry.message_id) is None:
                raise
        earlier = self.find(conversation_id, entry.message_id)
        if earlier is None:
            # No such conversation: the journal was away when it began. Its token is good, so it begins now.
            self._open_late(conversation_id)
            self._insert(conversation_id, entry)
        return earlier

    def find(self, conversation_id: str, message_id: str) -> Entry | None:
        with self.engine.connect() as db:
            row = db.execute(_FIND, {"this_conversation": conversation_id, "this_message": message_id}).first()
        return Entry(*row) if row else None

    def settle(self, conversation_id: str, entry: Entry) -> None:
        """Write what became of a message; the first outcome stays. Keeps the whole message if it is not there yet."""
        this = {"this_conversation": conversation_id, "this_message": entry.message_id}
        with self.engine.begin() as db:
            if db.execute(_SETTLE, this | _columns(entry)).rowcount:
                return
        # Deleted while Rasa was thinking: then nothing may come back.
        with contextlib.suppress(Forgotten):
            self.receive(conversation_id, entry)

    def offered(self, conversation_id: str, choice: str) -> str | None:
        """The title of a button that an earlier reply of this conversation offered, or None."""
        query = sa.select(messages.c.reply).where(messages.c.conversation_id == conversation_id)
        with self.engine.connect() as db:
            for (reply,) in db.execute(query.order_by(messages.c.id.desc())):
                titles = buttons_of((reply or {}).get("messages", []))
                if choice in titles:
                    return titles[choice]
        return None

    def transcript(self, conversation_id: str) -> Transcript | None:
        """The conversation; None when there is none. Raises `Forgotten`."""
        with self.engine.connect() as db:
            row = db.execute(sa.select(conversations).where(conversations.c.id == conversation_id)).first()
            if row is None:
                return None
            if row.forgotten_at is not None:
                raise Forgotten
            entries = db.execute(_IN_ORDER, {"this_conversation": conversation_id}).all()
        return Transcript(row.created_at, row.greeting or [], [Entry(*entry) for entry in entries])

    def forget(self, conversation_id: str) -> None:
        """Delete the transcript and note that Rasa has to do the same. Raises `Forgotten` the second time.

        On SQLite the words are in the write-ahead log still, until `engines.cut_log`.
        """
        with self.engine.begin() as db:
            if not forget_in(db, conversation_id):
                raise Forgotten

    def to_forget(self) -> list[str]:
        """Conversations that Rasa still has to delete, not too many at once."""
        with self.engine.connect() as db:
            return list(db.execute(sa.select(forget.c.conversation_id).limit(MOST_TO_FORGET)).scalars())

    def forgotten_by_rasa(self, conversation_id: str) -> None:
        with self.engine.begin() as db:
            db.execute(forget.delete().where(forget.c.conversation_id == conversation_id))

    def _insert(self, conversation_id: str, entry: Entry) -> bool:
        """False when the message is there already, or there is no such conversation, or no longer."""
        row = {f"new_{name}": value for name, value in _columns(entry).items()}
        with self.engine.begin() as db:
            kept: bool = db.execute(_KEEP, {"new_conversation_id": conversation_id, **row}).rowcount > 0
            return kept

    def _open_late(self, conversation_id: str) -> None:
        """Begin a conversation that is not there. Raises `Forgotten` when it was deleted."""
        with self.engine.connect() as db:
            found = db.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation_id)).first()
        if found:
            raise Forgotten
        self.open(conversation_id, [])


def forget_in(db: sa.engine.Connection, conversation_id: str) -> bool:
    """Delete a transcript and note that Rasa has to do the same. False when that was done before."""
    this = conversations.c.id == conversation_id
    left = {"forgotten_at": now(), "greeting": None}
    db.execute(messages.delete().where(messages.c.conversation_id == conversation_id))
    update = conversations.update().where(this, conversations.c.forgotten_at.is_(None)).values(left)
    first: bool = db.execute(update).rowcount > 0
    if not first and not db.execute(sa.select(conversations.c.id).where(this)).first():
        db.execute(conversations.insert(), {"id": conversation_id, "created_at": now(), **left})
        first = True
    rasa_forgets(db, [conversation_id])
    return first


def rasa_forgets(db: sa.engine.Connection, conversation_ids: Collection[str]) -> None:
    """Note that Rasa has to delete what it keeps of these; the caretaker asks it until it has."""
    db.execute(forget.delete().where(forget.c.conversation_id.in_(conversation_ids)))
    db.execute(forget.insert(), [{"conversation_id": conversation_id} for conversation_id in conversation_ids])


def _columns(entry: Entry) -> dict[str, Any]:
    """An entry as the columns of its row."""
    return {name: getattr(entry, name) for name in FIELDS}
