"""A ticket's history as lines for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from patchline.desk import labels
from patchline.desk.times import Clock
from patchline.escalation.case import Happening, Sending


@dataclass(frozen=True)
class Line:
    """Who did what, and when: by the clinic's clock."""

    at: str
    who: str
    what: str
    note: str = ""
    times: int = 1  # how often in a row: who looks five times is one line


@dataclass(frozen=True)
class Call:
    """One message to staff, and what became of it."""

    contact: str
    channel: str
    became: str
    at: str
    bad: bool


def story(happenings: Sequence[Happening], now: datetime, clock: Clock) -> list[Line]:
    """The latest first."""
    lines: list[Line] = []
    last: Happening | None = None
    for one in happenings:
        again = one.action == "viewed" and last and (last.action, last.actor) == (one.action, one.actor)
        times = lines.pop().times + 1 if again else 1
        what = labels.ACTIONS.get(one.action, one.action)
        lines.append(Line(clock.short(one.at, now), labels.actor(one.actor), what, labels.note(one), times))
        last = one
    return lines[::-1]


def calls(sendings: Sequence[Sending], now: datetime, clock: Clock) -> list[Call]:
    """Whom the chain has told, the latest first."""
    return [
        Call(
            one.contact,
            one.channel,
            labels.sending(one),
            clock.short(one.sent_at or one.due_at, now),
            one.state == "failed" or (one.state == "pending" and one.attempts > 0),
        )
        for one in reversed(sendings)
    ]


def repeated(happenings: Sequence[Happening], seen: int, actor: str, action: str, note: str) -> bool:
    """Whether the same person has done the same since the page was made: a second press on the same button.

    `seen` is the id of the last happening that the page showed.
    """
    done = {(one.actor, one.action, one.note or "") for one in happenings if one.id > seen}
    return (actor, action, note) in done
