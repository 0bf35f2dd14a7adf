"""An answer as the widget shows it: the clinic's facts filled in, numbers that dial, buttons, cited lines. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from patchline import content
from patchline.content import Clinic, ContentError


@dataclass(frozen=True)
class Preview:
    """`parts`: (text, address that dials or None)."""

    parts: tuple[tuple[str, str | None], ...]
    buttons: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def preview(
    text: str, clinic: Clinic, own: Mapping[str, str], buttons: Iterable[str], sources: Iterable[str]
) -> Preview:
    """`own`: what placeholders stand for that only this text has. An unknown placeholder is shown as it is written."""
    known = clinic.placeholders | {"max_characters": "1,000"} | dict(own)
    try:
        filled = content.fill(text, known)
    except ContentError:
        filled = text.strip()
    return Preview(_dialling(filled, clinic), tuple(buttons), tuple(sources))


def _dialling(text: str, clinic: Clinic) -> tuple[tuple[str, str | None], ...]:
    tels = {phone.display: phone.href for phone in clinic.all_phones}
    numbers = "|".join(re.escape(number) for number in sorted(tels, key=len, reverse=True))
    parts = re.split(rf"((?<!\d)(?:{numbers})(?!\d))", text)
    return tuple((part, tels.get(part)) for part in parts if part)
