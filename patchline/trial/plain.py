"""Messages without what does not matter, to find the same sentence written twice."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """A message without case, punctuation and extra spaces.

    >>> plain("Don't  I have to lie FLAT?!")
    'dont i have to lie flat'
    """
    return " ".join(re.findall(r"\w+", re.sub(r"['’`´]", "", text).casefold()))
