"""What a patient typed: how it is kept, and what Rasa is asked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from patchline.safety.disguise import spaced, undisguised
from patchline.safety.text import clean, has_words

# Cleaning costs the square of a run of combining marks, so only this many times the limit is ever cleaned.
HEADROOM = 4
LATIN = 0x17F  # the last letter of the alphabets that the model has met
_DIGITS_IN_A_WORD = re.compile(r"[^\W\d_]\d+[^\W\d_]")


@dataclass(frozen=True)
class Words:
    """`kept` goes into the journal. `asked` is what Rasa may see; with a `wording` it is not asked at all."""

    kept: str
    asked: str = ""
    wording: str | None = None  # the id of the wording that answers instead


def legible(text: str) -> bool:
    """Whether a model of plain sentences can read it: no markup, spaced or foreign letters, or digits for letters.

    The rules read all of these, so a sign that they see there is one that the model may be blind to.

    >>> legible("my leg is numb 😢"), legible("my l<b>eg</b> is numb"), legible("my l3g is numb")
    (True, False, False)
    """
    plain, _ = undisguised(text)
    known = all(ord(c) <= LATIN for c in text if c.isalpha())
    return plain == text and known and not _DIGITS_IN_A_WORD.search(text) and not any(spaced(text))


def read(text: str, max_characters: int) -> Words:
    """Typed text as words, never as a Rasa payload: that would begin with a slash, so leading slashes go.

    >>> read("/faq{}  hello", 1000).asked
    'faq{} hello'
    """
    squeezed = " ".join(text.split())
    cleaned = clean(squeezed[: HEADROOM * max_characters])
    if len(cleaned) > max_characters or len(squeezed) > HEADROOM * max_characters:
        return Words(cleaned[:max_characters], wording="too_long")
    if not cleaned:
        return Words("", wording="empty")
    asked = cleaned.lstrip("/ ")
    if not has_words(asked):
        return Words(cleaned, wording="no_words")
    return Words(cleaned, asked)
