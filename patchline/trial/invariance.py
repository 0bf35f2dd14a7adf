"""Ways to write the same message: what is around it, and how it is typed, changes neither tier nor topic. Pure."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

LONG_WORD = 5  # letters from which a word may have a slip of the thumb

_VOICE = {",": " comma", ".": " period", "?": " question mark", "!": " exclamation point"}


def slip(text: str) -> str:
    """Two letters of one longer word change places; always the same slip for the same text.

    >>> slip("my chest hurts")
    'my cehst hurts'
    """
    places = [found.span() for found in re.finditer(rf"[a-z]{{{LONG_WORD},}}", text)]
    if not places:
        return text
    rng = random.Random(text)
    start, end = rng.choice(places)
    at = rng.randrange(start + 1, end - 2)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def dictated(text: str) -> str:
    """As a telephone hears it: no capitals, and a mark as its name at the end of the message.

    >>> dictated("My leg is numb.")
    'my leg is numb period'
    """
    body, last = (text[:-1], text[-1]) if text and text[-1] in _VOICE else (text, ".")
    return re.sub(r"[.,!?]+(?=\s|$)", "", body).lower() + _VOICE[last]


POLITE: Mapping[str, Callable[[str], str]] = {
    "greeting": lambda text: f"hi, {text}",
    "greeting of the day": lambda text: f"Good morning. {text}",
    "greeting without a mark": lambda text: f"hello {text}",
    "greeting by name": lambda text: f"Hello Dr. Lee, {text}",
    "thanks before": lambda text: f"ok thank you. {text}",
    "thanks": lambda text: f"thanks, {text}",
    "thanks behind": lambda text: f"{text} thank you so much",
    "thanks behind, marked": lambda text: f"{text.rstrip('.')}. Thanks!",
    "name": lambda text: f"My name is Carol. {text}",
    "name behind": lambda text: f"{text} - Carol",
    "yes": lambda text: f"yes. {text}",
    "no": lambda text: f"no, {text}",
    "please": lambda text: f"{text} please help",
    "opening": lambda text: f"quick question: {text}",
    "emoji": lambda text: f"{text} 😢🙏",
    "emoji before": lambda text: f"😊 {text}",
}
TYPED: Mapping[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "lower case": str.lower,
    "no mark at the end": lambda text: text.rstrip(" .!?"),
    "marks": lambda text: f"{text.rstrip(' .!')}!!!",
    "filler": lambda text: f"um {text}",
    "dictation": dictated,
    "slip": slip,
}
ALL = {**POLITE, **TYPED}
