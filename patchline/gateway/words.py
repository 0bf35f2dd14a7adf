"""What a patient typed: how it is kept, and what Rasa is asked. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from patchline.safety.text import clean, has_words

# Cleaning costs the square of a run of combining marks, so only this many times the limit is ever cleaned.
HEADROOM = 4


@dataclass(frozen=True)
class Words:
    """`kept` goes into the journal. `asked` is what Rasa may see; with a `wording` it is not asked at all."""

    kept: str
    asked: str = ""
    wording: str | None = None  # the id of the wording that answers instead


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
