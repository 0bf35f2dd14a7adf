"""The chain: whom the clinic wants called about a ticket, in which order and after how long. Pure; no clock in here.

Times that come and go are UTC without a zone, as the tables keep them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from patchline.hours import Hours

URGENCIES = ("crisis", "emergency", "clinic", "routine")  # the tiers of red flags, and everything else
LOG = "log"  # the channel that every installation has: a line in the worker's log


@dataclass(frozen=True)
class Contact:
    """Somebody, or a telephone that somebody carries."""

    name: str  # as the desk shows it, e.g. "Nurse on call"
    channels: tuple[str, ...]  # names of channels; all are used at once
    when: Literal["always", "open", "closed"] = "always"  # office hours
    times: int = 2  # how often in a round before the next contact


@dataclass(frozen=True)
class Wait:
    """Minutes until the next call. Without `closed`, nobody is called before the clinic opens."""

    open: float
    closed: float | None = None


@dataclass(frozen=True)
class Chain:
    """Contacts in their order; `start_over` minutes after the last was called in vain it begins anew."""

    contacts: tuple[Contact, ...]
    waits: Mapping[str, Wait]  # for each of URGENCIES
    start_over: float
    hours: Hours = field(default_factory=lambda: Hours({}, "UTC"))

    def rests_until(self, urgency: str, now: datetime) -> datetime | None:
        """When the clinic opens, for what can wait until then; None where somebody is called now."""
        if self.waits[urgency].closed is not None:
            return None
        opening = self.hours.next_opening(now.replace(tzinfo=UTC))
        return opening.astimezone(UTC).replace(tzinfo=None) if opening else None

    def next_contact(self, now: datetime, called: Sequence[str], unreachable: Collection[str] = ()) -> Contact | None:
        """Who is called next, after those of this round in `called`; None when everybody was called.

        >>> chain.next_contact(now, ["Nurse", "Nurse"]).name
        'Doctor'
        """
        times, hours = Counter(called), "open" if self._is_open(now) else "closed"
        for contact in self.contacts:
            here = contact.when in ("always", hours) and contact.name not in unreachable
            if here and times[contact.name] < contact.times:
                return contact
        return None

    def next_call(self, urgency: str, now: datetime) -> datetime:
        """When the next call is due if nobody acknowledges the one of `now`."""
        wait = self.waits[urgency]
        minutes = wait.open if self._is_open(now) or wait.closed is None else wait.closed
        return now + timedelta(minutes=minutes)

    def new_round(self, now: datetime) -> datetime:
        """When everybody is called again, after all were called in vain."""
        return now + timedelta(minutes=self.start_over)

    def _is_open(self, now: datetime) -> bool:
        return self.hours.is_open(now.replace(tzinfo=UTC))


def urgency_of(tier: str | None) -> str:
    """Which of URGENCIES a ticket has, by its tier.

    >>> urgency_of("crisis"), urgency_of(None)
    ('crisis', 'routine')
    """
    return tier or "routine"


# For a clinic that has not written down whom to call: everything goes to the worker's log, and `doctor` says so.
DEFAULT_CONTACTS = (Contact("Clinic line", (LOG,)),)
DEFAULT_WAITS = {"crisis": Wait(5, 5), "emergency": Wait(5, 5), "clinic": Wait(15, 15), "routine": Wait(120)}
DEFAULT_START_OVER = 15.0
