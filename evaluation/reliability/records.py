"""What was done and seen during a run. Pure data; times are seconds of one monotonic clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["rules", "model", "button", "harmless"]  # who sees the sign: the rules, the model alone, nobody has to
Key = tuple[str, str]  # (conversation id, message id)


@dataclass(frozen=True)
class Spoken:
    """One message of a patient, however often it was sent."""

    conversation: str
    message: str
    kind: Kind
    began: float  # first sent
    answered: bool  # a reply was read in the end
    once: bool = False  # sent once; the patient left before the reply and never asked again
    text: str = ""  # or the choice; of an invented patient

    @property
    def key(self) -> Key:
        return self.conversation, self.message

    @property
    def flagged(self) -> bool:
        return self.kind != "harmless"


@dataclass(frozen=True)
class Exchange:
    """One request of a patient and what came back."""

    kind: Kind
    began: float
    seconds: float
    status: int | None  # None: the connection failed
    said: bool = True  # it held a text
    number: bool = True  # it held a telephone number


@dataclass(frozen=True)
class Ticket:
    """A ticket as the database has it at the end."""

    conversation: str
    message: str
    reference: str
    state: str
    acknowledged_by: str | None = None
    late: bool = False  # found after the patient had been answered without it

    @property
    def key(self) -> Key:
        return self.conversation, self.message


@dataclass(frozen=True)
class Request:
    """One message to staff as the receiver saw it, not as our database has it."""

    delivery: int
    reference: str
    contact: str
    began: float
    ended: float  # answered, or the sender hung up
    answer: str  # "204", "503", "hang", "dropped", "taken, answer lost"
    taken: bool  # the receiver has it
    signed: bool = True  # by the shared secret, and fresh


@dataclass(frozen=True)
class Down:
    """A time without a gateway."""

    began: float
    ended: float
