"""What a contact is told. Pure.

Mail, chat rooms and telephones show a message to whoever is near, so it says no more than the tier and where to look;
a channel that only the contact reads (`private`) also says what triggered and whom to call.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from patchline.escalation.case import Case
from patchline.escalation.channels.channel import Notice

WHAT = {
    "crisis": "CRISIS: a patient needs a person now",
    "emergency": "EMERGENCY: a patient describes an emergency sign",
    "clinic": "A patient describes a warning sign and was told to call today",
    "callback": "A patient would like a call back",
    "appointment": "A patient would like an appointment",
    "question": "A patient has a question for a person",
}


def compose(
    case: Case, delivery: int, contact: str, calls: int, link: str, private: bool, now: datetime, others: int = 0
) -> Notice:
    """The message of one delivery; `calls` is how often somebody was called about the ticket, this time included.

    `others`: how many more tickets wait that nobody is called about one by one.
    """
    what = WHAT[case.tier or case.kind]
    lines = [f"{what}.", f"Ticket {case.reference}, waiting for {_minutes(case.waited_s(now))}."]
    if calls > 1:
        lines.append(f"Nobody has acknowledged it yet; this is call {calls}.")
    if others:
        lines.append(f"Unusually many come in: {others} more open, not called one by one. Look at the desk.")
    if private:
        lines += _private(case)
    lines += [f"For: {contact}", f"Open and acknowledge: {link}"]
    facts = {
        "event": "notice",
        "delivery": delivery,
        "reference": case.reference,
        "kind": case.kind,
        "tier": case.tier,
        "contact": contact,
        "call": calls,
        "others": others,
        "opened_at": f"{case.opened_at.isoformat(timespec='seconds')}Z",
        "link": link,
    }
    title = f"{what} ({case.reference})"
    return Notice(delivery, title, "\n".join(lines), facts | (_private_facts(case) if private else {}))


def _minutes(seconds: float) -> str:
    """
    >>> _minutes(30), _minutes(60), _minutes(7260)
    ('less than a minute', '1 minute', '2 hours')
    """
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    number, unit = (minutes, "minute") if minutes < 120 else (minutes // 60, "hour")
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _private(case: Case) -> list[str]:
    said = [f"Written: {'; '.join(case.triggers)}"] if case.triggers else []
    given = (("Name", case.name), ("Telephone", case.phone), ("Best time", case.best_time), ("About", case.details))
    return said + [f"{label}: {value}" for label, value in given if value]


def _private_facts(case: Case) -> dict[str, Any]:
    return {
        "triggers": list(case.triggers),
        "categories": list(case.categories or ()),
        "name": case.name,
        "phone": case.phone,
        "best_time": case.best_time,
        "details": case.details,
    }
