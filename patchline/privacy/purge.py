"""`patchline purge`: delete what is older than it may be, or say what would be deleted."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from patchline import settings
from patchline.database.schema import now
from patchline.gateway import upkeep
from patchline.gateway.purging import Purge, Stopped, claimed
from patchline.gateway.retention import AUDIT, KINDS, TICKETS, TRANSCRIPTS, Found, Limits, held, strays
from patchline.gateway.tables import forget
from patchline.privacy.checks import check_tables, database_errors
from patchline.privacy.errors import Failed, Refused
from patchline.settings import Settings
from patchline.training.progress import Progress

NAMES = {  # of one, and of several
    TRANSCRIPTS.name: ("transcript", "transcripts"),
    TICKETS.name: ("ticket", "tickets"),
    AUDIT.name: ("line of the desk's audit log", "lines of the desk's audit log"),
    "rasa_alone": ("conversation that only Rasa still kept", "conversations that only Rasa still kept"),
}
UNFINISHED = "What was deleted by then stays deleted; run it again."


def run(arguments: argparse.Namespace) -> int:
    """Exit codes: 0 done, also with nothing to do. Raises `Refused` or `Failed`."""
    chosen, progress = settings.from_environment(), Progress()
    work = Purge(chosen, upkeep.new_owner(), lambda what, count: progress.phase(f"deleting {NAMES[what][1]}: {count}"))
    check_tables(work.engine)
    limits = Limits.of(chosen, now(), arguments.older_than)
    if arguments.dry_run:
        with database_errors("Nothing was deleted."):
            for line in plan(work, chosen, limits, arguments.older_than):
                print(line)
        print("Nothing was deleted: this was a dry run.")
        return 0
    counts = purge_now(work, limits)
    progress.end()
    for line in report(work.engine, counts):
        print(line)
    return 0


def purge_now(work: Purge, limits: Limits) -> dict[str, int]:
    """The counts by name. Raises `Refused` while another process purges, and `Failed`."""
    with database_errors(UNFINISHED):
        try:
            counts = claimed(work, limits)
        except Stopped:
            raise Failed(f"Another process has taken the purge over. {UNFINISHED}") from None
        if counts is None:
            other = upkeep.last(work.engine, upkeep.PURGE)
            raise Refused(f"A purge is under way ({other.owner}); it ends by itself.")
    return counts


def plan(work: Purge, chosen: Settings, limits: Limits, days: int | None = None) -> Iterator[str]:
    """What would be deleted now."""
    heads = {
        TRANSCRIPTS.name: f"Transcripts without a message for {days or chosen.keep_transcripts_days} days",
        TICKETS.name: f"Tickets resolved more than {chosen.keep_tickets_days} days ago",
        AUDIT.name: f"Lines of the desk's audit log older than {chosen.keep_tickets_days} days",
    }
    for kind in KINDS:
        found = kind.found(work.engine, limits)
        before = limits.transcripts if kind is TRANSCRIPTS else limits.tickets
        yield f"{heads[kind.name]} (before {_date(before)}): {_count(found)}"
        if kind is TRANSCRIPTS and (waiting := held(work.engine, limits)).count:
            yield f"  More that stay until their tickets are resolved: {waiting.count}."
    alone = sum(len(ids) for ids in strays(work.engine, work.rasa, limits))
    yield f"Conversations that only Rasa still keeps: {_count(Found(alone, None))}"


def report(engine: sa.engine.Engine, counts: dict[str, int]) -> Iterator[str]:
    """What was deleted."""
    deleted = [counted(counts[name], *NAMES[name]) for name in NAMES if counts.get(name)]
    yield f"Deleted: {', '.join(deleted)}." if deleted else "There was nothing to delete."
    with database_errors(UNFINISHED), engine.connect() as db:
        waiting = db.execute(sa.select(sa.func.count()).select_from(forget)).scalar_one()
    if waiting:
        yield f"Rasa still has to forget {counted(waiting, 'conversation')}; it does so while Patchline runs."


def counted(count: int, one: str, many: str = "") -> str:
    """
    >>> counted(1, "ticket"), counted(2, "ticket")
    ('1 ticket', '2 tickets')
    """
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def _count(found: Found) -> str:
    oldest = f", the oldest of {_date(found.oldest)}" if found.oldest else ""
    return f"{found.count or 'none'}{oldest}."


def _date(at: datetime) -> str:
    return at.strftime("%Y-%m-%d")
