"""Which patients wrote to a person of the clinic and wait for an answer."""

from __future__ import annotations

import importlib.util
from datetime import datetime

import sqlalchemy as sa

_PRESENCE = "patchline.escalation.presence"


def unanswered(engine: sa.engine.Engine) -> dict[str, datetime]:
    """Reference -> since when. Nobody waits where patients cannot write to a person yet."""
    if importlib.util.find_spec(_PRESENCE) is None:
        return {}
    from patchline.escalation import presence

    return presence.unanswered(engine)
