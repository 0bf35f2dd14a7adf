"""What people call a wording of `content/wordings.yml`, made of its id. Pure."""

from __future__ import annotations

from patchline.wordings import language_of

HEADS = {
    "greeting": "Greeting",
    "unavailable": "When the bot cannot answer",
    "empty": "A message with nothing in it",
    "no_words": "A message without words",
    "too_long": "A message that is too long",
    "choice_expired": "A button that is no longer open",
    "closed": "The clinic is closed",
    "spanish": "A question in Spanish",
    "red_flag": "Warning sign",
    "what_if": "“What if it came?”",
    "not_now": "“It is not happening now”",
    "check": "“Is it one of these?”",
    "check_again": "After “Is it one of these?”",
    "reminder": "Reminder of a warning",
    "first": "First, before another answer",
    "still": "A warning that still stands",
    "after": "After a warning",
    "note": "News from the clinic",
    "form": "Form",
    "option": "Button",
}
PARTS = {"clinic": "call the clinic today", "emergency": "emergency", "crisis": "crisis", "on_call": "on call"}
NOT_SAID = ("es", "they")  # said at the end, in words


def wording_name(id: str) -> str:
    """
    >>> wording_name("red_flag/emergency/es/they"), wording_name("form/phone/too_short")
    ('Warning sign: emergency (in Spanish, about a relative)', 'Form: phone, too short')
    """
    head, *rest = id.split("/")
    parts = [PARTS.get(part, part.replace("_", " ")) for part in rest if part not in NOT_SAID]
    name = HEADS.get(head, head.replace("_", " ").capitalize()) + (f": {', '.join(parts)}" if parts else "")
    more = ["in Spanish"] if language_of(id) == "es" else []
    more += ["about a relative"] if "they" in rest else []
    return name + (f" ({', '.join(more)})" if more else "")
