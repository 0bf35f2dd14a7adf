"""Where Rasa keeps conversations: its own SQL store, in the installation's folder, with a way to forget."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain

from patchline import settings


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

    async def forget(self, conversation_id: str) -> None:
        """Delete everything that Rasa kept of one conversation."""
        with self.session_scope() as session:
            session.query(self.SQLEvent).filter(self.SQLEvent.sender_id == conversation_id).delete()
            session.commit()
