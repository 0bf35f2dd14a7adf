"""A finished form becomes a ticket at the clinic line."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

from rasa_sdk import Tracker

from actions.store import chain, content, engine, in_time
from patchline import phones
from patchline.escalation.tickets import Ticket, open_wish
from patchline.escalation.wish import Wish

logger = logging.getLogger(__name__)
SLOTS = (
    *("wish", "visit", "question", "patient_name", "phone", "phone_written", "best_time", "consent"),
    *("filled_by", "not_passed_on"),
)
UNCHECKED_NOTE = "The number could not be checked. As written: {}"


async def pass_on(tracker: Tracker) -> Ticket | None:
    """Put the wish of the latest message's form on record; None when that could not be done in time.

    The ticket belongs to the message that filled the form and not to the "yes" after it: however often somebody has to
    say yes, there is one ticket, and what was corrected in between is another.
    """
    wish = wish_of(tracker)
    try:
        return await in_time(open_wish, engine(), wish, chain())
    except Exception:
        ids = {"conversation": wish.conversation_id, "message": wish.message_id}
        logger.exception("a request was not passed on", extra={"ids": ids})
        return None


def wish_of(tracker: Tracker) -> Wish:
    """What the slots of a finished form hold, after a message that has agreed to it."""
    slots, said = tracker.slots, latest_said(tracker)
    at = datetime.fromtimestamp(said.get("timestamp") or 0, UTC).replace(tzinfo=None)
    number = phones.read_kept(slots.get("phone") or "")
    return Wish(
        kind=slots["wish"],
        conversation_id=tracker.sender_id,
        message_id=slots.get("filled_by") or said["message_id"],
        said_at=at,
        name=slots.get("patient_name") or None,
        phone=number.e164 if number else None,
        best_time=in_words(slots.get("best_time")),
        details="\n".join(_details(slots, number)) or None,
        consent_at=at,
        language="es" if slots.get("language") == "es" else "en",
        relative=bool(slots.get("relative")),
    )


def latest_said(tracker: Tracker) -> dict[str, Any]:
    """The event of the patient's latest message: {text, message_id, timestamp, ...}."""
    return next(event for event in reversed(tracker.events) if event["event"] == "user")


def in_words(chosen: str | None) -> str | None:
    """What staff read: the words on an option's button in English, or the patient's own."""
    return content().wordings.get(f"option/{chosen}", chosen)


def _details(slots: dict[str, Any], number: phones.Number | None) -> list[str]:
    found = [slots["question"]] if slots["wish"] == "question" and slots.get("question") else []
    found += [in_words(slots["visit"])] if slots["wish"] == "appointment" and slots.get("visit") else []
    found += [f"Extension {number.extension}"] if number and number.extension else []
    written = "; ".join(f'"{text}"' for text in slots.get("phone_written") or [])
    return found + ([UNCHECKED_NOTE.format(written)] if number is None and written else [])
