"""What a patient asks the clinic for in a form: a call back, an appointment, an answer by a person. Pure data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True)
class Wish:
    """One finished form; `conversation_id` and `message_id` (of the message that finished it) say which.

    Raises `ValueError` for a telephone number that is not E.164, e.g. "+12025550142", and for one without consent.
    """

    kind: Literal["callback", "appointment", "question"]
    conversation_id: str
    message_id: str
    said_at: datetime  # UTC without a zone
    name: str | None = None
    phone: str | None = None
    best_time: str | None = None  # in the patient's words
    details: str | None = None  # the question, or what the appointment is for
    consent_at: datetime | None = None  # when the patient agreed to be called
    language: Literal["en", "es"] = "en"
    relative: bool = False  # written by somebody for the patient

    def __post_init__(self) -> None:
        if self.phone is not None and not PHONE.fullmatch(self.phone):
            raise ValueError("not a telephone number in E.164")
        if self.phone is not None and self.consent_at is None:
            raise ValueError("a number is kept with the patient's consent only")
