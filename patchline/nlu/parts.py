"""Where a message has several parts: sentences, and questions that are joined by "and"."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"(?<=[.!?;\n])\s+|\n+")
_QUESTION_WORDS = (
    "how what when where why who which can could do does did is are am will would should may must shall have has if"
).split()
_QUESTION = rf"(?=(?:{'|'.join(_QUESTION_WORDS)})\b)"
_JOINED_QUESTION = re.compile(
    rf"(?:,\s*|\s+)(?:and|also|or|plus|&|but)\s+(?:also\s+)?{_QUESTION}|,\s*{_QUESTION}", re.IGNORECASE
)
_LIST = re.compile(
    r"\s*[,;/&+]\s*(?:and|also|or|plus|then)?\b\s*|\s+(?:and|also|plus|as well as)\s+(?:also\s+)?", re.IGNORECASE
)
_LETTERS = re.compile(r"[^\W\d_]")
KEYWORDS = 3  # words in an item of a list that asks without a question word: "parking, cost, how long"


def split(text: str) -> list[str]:
    """The parts of a message, in order; a message with one part comes back as it is.

    >>> split("How long do I lie flat, and can I eat before? Thanks")
    ['How long do I lie flat', 'can I eat before?', 'Thanks']
    """
    sentences = [part.strip() for part in _SENTENCE_END.split(text)]
    parts = [part.strip() for sentence in sentences for part in _JOINED_QUESTION.split(sentence)]
    return [part for part in parts if _LETTERS.search(part)] or [text]


def items(part: str) -> list[str]:
    """What one part lists, where it may ask several things by a list; [] where it cannot.

    >>> items("do I need to fast and stop aspirin and who drives"), items("I ate bread and then I slept")
    (['do I need to fast', 'stop aspirin', 'who drives'], [])
    """
    found = [item for item in _LIST.split(part) if item and _LETTERS.search(item)]
    if len(found) < 2 or not (asks(part) or all(len(item.split()) <= KEYWORDS for item in found)):
        return []
    return found


def asks(part: str) -> bool:
    """Whether a part reads as a question or a request by itself.

    >>> asks("can i eat before"), asks("I had it done on Monday.")
    (True, False)
    """
    words = part.lower().split()
    return part.rstrip().endswith("?") or any(word in _QUESTION_WORDS for word in words[:1])
