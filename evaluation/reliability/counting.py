"""Counts what is lost, doubled, undelivered and acknowledged by itself. Pure: records in, numbers and faults out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from evaluation.reliability.records import Down, Exchange, Key, Request, Spoken, Ticket

PATIENCE_S = 8.0  # a patient has an answer or the clinic line by then
WALK_S = 9.0  # for so long after it was sent, the death of a gateway may have taken a message with it
SLACK_S = 1.0  # the clocks of patients and of whoever kills are read a moment apart


@dataclass(frozen=True)
class Counts:
    """The numbers of one run; `faults` says in sentences what must not be."""

    spoken: dict[str, int]  # messages by kind
    once: int  # of the flagged ones, sent once by a patient who left before the reply
    never_arrived: int  # of these, neither in the journal nor on record, and the gateway was killed within the moment
    once_each: int  # flagged messages with exactly one ticket
    late: int  # of these, found after the reply
    missing: list[str]
    doubled: list[str]
    unasked: list[str]  # tickets of harmless messages, and of messages that nobody sent
    acknowledged: list[str]
    delivered: int  # tickets that the receiver has
    undelivered: list[str]
    requests: int
    answers: dict[str, int]  # what the receiver did with them
    duplicates: int  # messages to staff that the receiver got again although it had taken them
    overlaps: int
    unsigned: int
    statuses: dict[str, int]  # what patients saw, by HTTP status or "connection failed"
    unexplained: int  # connections that failed although no gateway had been killed
    too_late: int
    longest_s: float
    empty: int  # replies without a text
    numberless: int  # replies to a warning sign without a telephone number
    gave_up: int  # patients who never got a reply, and wanted one
    others: list[str] = field(default_factory=list)  # faults that somebody saw on the way

    @property
    def flagged(self) -> int:
        return sum(count for kind, count in self.spoken.items() if kind != "harmless")

    @property
    def faults(self) -> list[str]:
        """What must not be; [] when nothing was lost."""
        lists = {
            "flagged messages without a ticket": self.missing,
            "messages with two tickets": self.doubled,
            "tickets that nobody's message asked for": self.unasked,
            "tickets acknowledged though nobody did": self.acknowledged,
            "tickets that never reached the receiver": self.undelivered,
        }
        numbers = {
            "requests for a delivery while another one was under way": self.overlaps,
            "requests with a wrong signature": self.unsigned,
            "connections that failed without a killed gateway": self.unexplained,
            f"answers that took more than {PATIENCE_S:.0f} s": self.too_late,
            "empty answers": self.empty,
            "answers to a warning sign without a number": self.numberless,
            "patients who never got an answer": self.gave_up,
            "answers with an unexpected status": sum(
                count for status, count in self.statuses.items() if status not in ("200", "201", "503", FAILED)
            ),
        }
        found = [f"{what}: {len(names)} ({', '.join(names[:5])})" for what, names in lists.items() if names]
        return found + [f"{what}: {count}" for what, count in numbers.items() if count] + self.others


FAILED = "connection failed"


def count(
    spoken: Sequence[Spoken],
    exchanges: Sequence[Exchange],
    tickets: Sequence[Ticket],
    requests: Sequence[Request],
    downs: Sequence[Down] = (),
    others: Sequence[str] = (),
    journal: Collection[Key] = (),
) -> Counts:
    """Everything of one run, after it was drained. `journal`: the messages that did arrive, whoever saw an answer."""
    on_record = Counter(ticket.key for ticket in tickets)
    flagged = [item for item in spoken if item.flagged]
    absent = [item for item in flagged if not on_record[item.key]]
    lost_on_the_way = [item for item in absent if item.once and item.key not in journal]
    excused = [item for item in lost_on_the_way if _down(downs, item.began, item.began + WALK_S)]
    late = {ticket.key for ticket in tickets if ticket.late}
    once_each = {item.key for item in flagged if on_record[item.key] == 1}
    asked, said = {item.key for item in flagged}, {item.key: item.text for item in spoken}
    taken = [request for request in requests if request.taken and request.signed]
    reached = {request.reference for request in taken}
    failed = [item for item in exchanges if item.status is None]
    seen = [item for item in exchanges if item.status is not None]
    return Counts(
        spoken=dict(Counter(item.kind for item in spoken)),
        once=sum(item.once for item in flagged),
        never_arrived=len(excused),
        once_each=len(once_each),
        late=len(once_each & late),
        missing=[f"{item.kind} {item.message} {item.text!r}" for item in absent if item not in excused],
        doubled=[key[1] for key, number in on_record.items() if number > 1],
        unasked=[f"{ticket.reference} {said.get(ticket.key)!r}" for ticket in tickets if ticket.key not in asked],
        acknowledged=[item.reference for item in tickets if item.state != "open" or item.acknowledged_by],
        delivered=sum(ticket.reference in reached for ticket in tickets),
        undelivered=[ticket.reference for ticket in tickets if ticket.reference not in reached],
        requests=len(requests),
        answers=dict(Counter(request.answer for request in requests)),
        duplicates=sum(number - 1 for number in Counter(request.delivery for request in taken).values()),
        overlaps=overlaps(requests),
        unsigned=sum(not request.signed for request in requests),
        statuses=dict(Counter(FAILED if item.status is None else str(item.status) for item in exchanges)),
        unexplained=sum(not _down(downs, item.began, item.began + item.seconds) for item in failed),
        too_late=sum(item.seconds > PATIENCE_S for item in seen),
        longest_s=max((item.seconds for item in seen), default=0.0),
        empty=sum(not item.said for item in seen),
        numberless=sum(not item.number for item in seen if item.kind != "harmless" or item.status != 200),
        gave_up=sum(not item.answered and not item.once for item in spoken),
        others=list(others),
    )


def overlaps(requests: Iterable[Request]) -> int:
    """How many requests began while another one for the same delivery was under way.

    >>> overlaps([Request(1, "PL-A", "a", 0, 2, "204", True), Request(1, "PL-A", "a", 1, 3, "204", True)])
    1
    """
    found = 0
    by_delivery: dict[int, list[Request]] = defaultdict(list)
    for request in requests:
        by_delivery[request.delivery].append(request)
    for same in by_delivery.values():
        free_at = float("-inf")
        for request in sorted(same, key=lambda request: request.began):
            found += request.began < free_at
            free_at = max(free_at, request.ended)
    return found


def _down(downs: Iterable[Down], began: float, ended: float) -> bool:
    """Whether there was no gateway at some moment between the two."""
    return any(down.began - SLACK_S <= ended and began <= down.ended + SLACK_S for down in downs)
