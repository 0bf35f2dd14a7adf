"""A warning sign is put on record. What the patient reads was said before and does not depend on this."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.store import chain, engine, in_time
from patchline.escalation.escalation import Escalation, Sign
from patchline.escalation.parsed import net_of, sign_of
from patchline.escalation.tickets import open_ticket
from patchline.safety.language import Language
from patchline.safety.model import TIERS

logger = logging.getLogger(__name__)


class Escalate(Action):
    """Opens the ticket of the latest message. Never fails the turn: the gateway sees to it before it replies."""

    def name(self) -> str:
        return "action_escalate"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        escalation = escalation_of(tracker)
        if escalation is None:
            return []
        try:
            await in_time(open_ticket, engine(), escalation, chain())
        except Exception:
            ids = {"conversation": escalation.conversation_id, "message": escalation.message_id}
            logger.exception("no ticket was opened", extra={"ids": ids})
        return []


def escalation_of(tracker: Tracker) -> Escalation | None:
    """What the tracker knows of its latest message; None when that is no warning sign.

    The categories stay open: the gateway, which has the rules at hand, adds them.
    """
    said = next((event for event in reversed(tracker.events) if event["event"] == "user"), None)
    sign = sign_of(tracker.latest_message) or confirmed(tracker)
    if sign is None or said is None or not said.get("message_id"):
        return None
    return Escalation(
        conversation_id=tracker.sender_id,
        message_id=said["message_id"],
        tier=sign.tier,
        source=net_of(tracker.latest_message) or "choice",
        said_at=datetime.fromtimestamp(said.get("timestamp") or 0, UTC).replace(tzinfo=None),
        language=sign.language,
        relative=sign.relative,
    )


def confirmed(tracker: Tracker) -> Sign | None:
    """The sign that the patient was asked about and has said "yes" to, without naming it again."""
    tier = tracker.get_slot("asked")
    if tier not in TIERS:
        return None
    language: Language = "es" if tracker.get_slot("language") == "es" else "en"
    return Sign(tier, language, bool(tracker.get_slot("relative")))
