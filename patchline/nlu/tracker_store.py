"""Where Rasa keeps conversations: its own SQL store in the installation's folder, faster, and with a way to forget.

Rasa's store reads a conversation anew for every message and writes it through an object mapper, half of the time that a
message takes. This one keeps recent conversations at hand and writes only what is new. The table is Rasa's own.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from itertools import islice
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from patchline import settings

MOST_AT_HAND = 500  # conversations; about 50 kB each


class TrackerStore(SQLTrackerStore):
    """Named by `tracker_store.type` in endpoints.yml; the database is `rasa.db` under PATCHLINE_VAR."""

    def __init__(
        self, domain: Domain | None = None, host: str | None = None, event_broker: EventBroker | None = None, **_: Any
    ) -> None:
        folder = settings.from_environment().var
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(domain=domain, dialect="sqlite", db=str(folder / "rasa.db"), event_broker=event_broker)
        with self.engine.connect() as connection:
            connection.execute(sa.text("PRAGMA journal_mode=WAL"))
        self._table = self.SQLEvent.__table__
        self._newest_query = sa.select(sa.func.max(self._table.c.id)).where(
            self._table.c.sender_id == sa.bindparam("sender")
        )
        # conversation -> its tracker, how many of its events are stored, and the id of the newest stored event
        self._at_hand: OrderedDict[str, tuple[DialogueStateTracker, int, int]] = OrderedDict()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker of a conversation, read from the database unless the one at hand is still the newest."""
        kept = self._at_hand.get(sender_id)
        if kept is not None and kept[2] == self._newest(sender_id) and kept[1] == len(kept[0].events):
            return kept[0]
        # also after a turn that failed half-way: what it added to the tracker was never stored
        self._at_hand.pop(sender_id, None)
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            self._keep(tracker)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the events that a turn has added."""
        kept = self._at_hand.get(tracker.sender_id)
        if kept is None or kept[0] is not tracker:
            await super().save(tracker)
        else:
            await self.stream_events(tracker)
            rows = [self._row(tracker.sender_id, event) for event in islice(tracker.events, kept[1], None)]
            if rows:
                with self.engine.begin() as connection:
                    connection.execute(self._table.insert(), rows)
        self._keep(tracker)

    def latest(self, sender_id: str) -> DialogueStateTracker | None:
        """The tracker at hand after a turn, without reading the database."""
        kept = self._at_hand.get(sender_id)
        return kept[0] if kept else None

    async def forget(self, conversation_id: str) -> None:
        """Delete everything that Rasa kept of one conversation."""
        self._at_hand.pop(conversation_id, None)
        with self.engine.begin() as connection:
            connection.execute(self._table.delete().where(self._table.c.sender_id == conversation_id))

    def _keep(self, tracker: DialogueStateTracker) -> None:
        self._at_hand[tracker.sender_id] = (tracker, len(tracker.events), self._newest(tracker.sender_id))
        self._at_hand.move_to_end(tracker.sender_id)
        if len(self._at_hand) > MOST_AT_HAND:
            self._at_hand.popitem(last=False)

    def _newest(self, sender_id: str) -> int:
        with self.engine.connect() as connection:
            return connection.execute(self._newest_query, {"sender": sender_id}).scalar() or 0

    @staticmethod
    def _row(sender_id: str, event: Any) -> dict[str, Any]:
        data = event.as_dict()
        return {
            "sender_id": sender_id,
            "type_name": event.type_name,
            "timestamp": data.get("timestamp"),
            "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
            "action_name": data.get("name"),
            "data": json.dumps(data),
        }
