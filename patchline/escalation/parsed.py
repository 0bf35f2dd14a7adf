"""What Rasa's parse data says of a warning sign; the shape that its trackers and `POST /model/parse` have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from patchline.escalation.escalation import Sign, Source, read_sign

RAISED = "raised"  # what the red-flag component made of it: {tier, source, language, relative}, if it looked


def intent_of(parsed: Mapping[str, Any]) -> str | None:
    """The full name of the intent, e.g. "red_flag/clinic_es" or "thanks"."""
    name = (parsed.get("intent") or {}).get("name")
    selected = (parsed.get("response_selector") or {}).get(name) or {}
    return (selected.get("response") or {}).get("intent_response_key", name)


def sign_of(parsed: Mapping[str, Any]) -> Sign | None:
    """The warning sign that was understood, or None."""
    return read_sign(intent_of(parsed))


def net_of(parsed: Mapping[str, Any]) -> Source | None:
    """Which net saw the sign; None when that is not said."""
    source = (parsed.get(RAISED) or {}).get("source")
    return source if source in get_args(Source) else None
