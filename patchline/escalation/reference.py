"""References of tickets: short enough to read out on the telephone."""

from __future__ import annotations

import secrets

# None that look alike (0 O Q, 1 I L, 2 Z, 5 S, 8 B, U V), and no vowel, so that none spells a word.
LETTERS = "34679CDFGHJKMNPRTWXY"
LENGTH = 5  # 3.2 million references; a clash is noticed and another is drawn


def new_reference() -> str:
    """A reference that no one can guess from another, e.g. "PL-7K3F9"."""
    return "PL-" + "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
