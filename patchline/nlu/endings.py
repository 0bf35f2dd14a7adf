"""How a text ends for the models: marks at its end, also spoken ones, say nothing that words do not say. Pure."""

from __future__ import annotations

import re

_MARKS = " .!?,;:…"
# A telephone that takes dictation writes marks as words; "my period" and "a late period" are none.
_SPOKEN = re.compile(
    r"(?<=\w)\s+(?:question mark|exclamation (?:point|mark)|full stop"
    r"|(?<!\bmy )(?<!\bher )(?<!\byour )(?<!\ba )(?<!\bthe )(?<!\blate )(?<!\bmissed )(?<!\bno )period)$",
    re.IGNORECASE,
)


def unmarked(text: str) -> str:
    """The text without marks at its end; the text itself where there is nothing else.

    >>> unmarked("my leg is numb!!"), unmarked("How long question mark"), unmarked("is it my period?"), unmarked("?")
    ('my leg is numb', 'How long', 'is it my period', '?')
    """
    kept = text.rstrip(_MARKS)
    return _SPOKEN.sub("", kept) or text
