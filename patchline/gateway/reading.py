"""What the model makes of a message outside of any dialogue: whether it is a warning sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from patchline.escalation.parsed import RAISED, intent_of, sign_of
from patchline.gateway.dialogue import Dialogue
from patchline.safety.model import Tier


@dataclass(frozen=True)
class Reading:
    """`tier` of the sign that was understood; `nlu` as the journal keeps it: {intent, raised}."""

    tier: Tier | None
    nlu: Mapping[str, Any]

    @property
    def looked(self) -> Mapping[str, Any] | None:
        """What the red-flag component made of it; None where it had no say."""
        looked: Mapping[str, Any] | None = self.nlu[RAISED]
        return looked


async def read(dialogue: Dialogue, text: str, timeout_s: float) -> Reading:
    """Have the model read a text; an empty one says nothing. Raises `DialogueError`."""
    parsed = await dialogue.parse(text, timeout_s) if text else {}
    sign = sign_of(parsed)
    return Reading(sign.tier if sign else None, {"intent": intent_of(parsed), RAISED: parsed.get(RAISED)})
