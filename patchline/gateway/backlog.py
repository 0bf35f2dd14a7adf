"""The backlog: messages that the journal could not take, until it can.

While Rasa is away as well, nobody but the rules has read them. From the journal they are read late; without it a
warning sign that only the model sees would be gone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from patchline.escalation.spool import Spool
from patchline.gateway.journal import Journal
from patchline.gateway.records import FIELDS, Entry, Forgotten
from patchline.gateway.waiting import EVERY_S, Waiting

TIMES = ("at", "answered_at")


@dataclass(frozen=True)
class Unkept:
    """One message that is not in the journal, with what became of it so far."""

    conversation_id: str
    entry: Entry

    @property
    def key(self) -> tuple[str, str]:
        return self.conversation_id, self.entry.message_id

    def to_json(self) -> dict[str, Any]:
        fields = asdict(self.entry)
        times = {name: fields[name] and fields[name].isoformat() for name in TIMES}
        return {"conversation_id": self.conversation_id, **fields, **times}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Unkept:
        """The reverse of `to_json`. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
        if set(data) != {"conversation_id", *FIELDS} or not isinstance(data["message_id"], str):
            raise ValueError("not a message")
        fields = {name: data[name] for name in FIELDS}
        times = {name: fields[name] and datetime.fromisoformat(fields[name]) for name in TIMES}
        return cls(data["conversation_id"], Entry(**fields | times))


class Backlog:
    """Messages on their way into the journal."""

    def __init__(self, journal: Journal, spool: Spool[Unkept], every_s: float = EVERY_S):
        self.journal = journal
        self._line = Waiting(spool, self._take, every_s)

    async def keep(self, conversation_id: str, entry: Entry) -> None:
        """The journal could not take this; in place of what it could not take of the same message before.

        A client that asks again has its message kept once more: what is known of the outcome stays.
        """
        known = self._line.items.get((conversation_id, entry.message_id))
        if known and known.entry.outcome and not entry.outcome:
            return
        await self._line.keep(Unkept(conversation_id, entry))

    async def taken(self, conversation_id: str, message_id: str) -> None:
        """The journal has the whole of it."""
        await self._line.settled((conversation_id, message_id))

    async def run(self) -> None:
        """A background task, for as long as the gateway lives."""
        await self._line.run()

    def __len__(self) -> int:
        return len(self._line.items)

    async def _take(self, item: Unkept) -> None:
        keep = self.journal.settle if item.entry.outcome else self.journal.receive
        with contextlib.suppress(Forgotten):  # deleted meanwhile: then nothing may come back
            await keep(item.conversation_id, item.entry)
