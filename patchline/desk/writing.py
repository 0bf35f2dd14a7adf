"""Patients and staff who write to each other in the chat: who waits for whom."""

from __future__ import annotations

import importlib.util
from datetime import datetime

import sqlalchemy as sa

# TODO(merge): plain imports, once escalation/presence.py is here.
_THERE = importlib.util.find_spec("patchline.escalation.presence") is not None


def unanswered(engine: sa.engine.Engine) -> dict[str, datetime]:
    """Reference -> since when a patient waits for an answer of a person. Nobody waits where none can write to one."""
    if not _THERE:
        return {}
    from patchline.escalation import presence

    return presence.unanswered(engine)


def person_in_chat(engine: sa.engine.Engine, conversation_id: str, now: datetime) -> bool:
    """Whether the bot is quiet in this chat, because a person of the clinic writes."""
    if not _THERE:
        return False
    from patchline.escalation import presence

    return presence.person_in_chat(engine, conversation_id, now)
