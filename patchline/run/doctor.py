"""`patchline doctor`: what is wrong with this installation, in plain words, and what to do about it.

It asks and mends nothing; only `--send` sends a test message over every channel of the chain.
"""

from __future__ import annotations

import argparse
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import sqlalchemy as sa

from patchline import content as contents
from patchline import health
from patchline import settings as environment
from patchline.chain import LOG
from patchline.content import Content, ContentError
from patchline.database import engines
from patchline.database.schema import now
from patchline.database.version import versions
from patchline.desk.accounts import somebody_can_sign_in
from patchline.escalation.channels.book import check_book, read_book
from patchline.escalation.channels.channel import Channel, Notice, SendError
from patchline.escalation.health import read_health
from patchline.escalation.spool import Spool
from patchline.gateway import upkeep
from patchline.gateway.tables import conversations
from patchline.releases.errors import ReleaseError
from patchline.releases.release import Release
from patchline.releases.serving import INSTALLED, ServingError
from patchline.releases.starting import serving_settings
from patchline.releases.store import Releases
from patchline.run.checks import StartError, check_disk, check_folder, free
from patchline.settings import Settings, SettingsError
from patchline.workspace import Workspace, WorkspaceError
from patchline.workspace.git import NO_GIT

LATE = timedelta(days=2)  # for what should happen once a day


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `do`: what helps, where something is wrong."""

    level: Literal["ok", "warning", "problem"]
    says: str
    do: str = ""


def ok(says: str) -> Finding:
    return Finding("ok", says)


def warning(says: str, do: str) -> Finding:
    return Finding("warning", says, do)


def problem(says: str, do: str = "") -> Finding:
    return Finding("problem", says, do)


def run(arguments: argparse.Namespace) -> int:
    """Prints what it finds; exit code 0 without a problem (warnings are none), else 1."""
    worst = 0
    for finding in findings(send=arguments.send):
        mark = {"ok": "ok      ", "warning": "warning ", "problem": "PROBLEM "}[finding.level]
        print(mark + finding.says)
        if finding.do:
            print(f"        {finding.do}")
        worst = max(worst, finding.level == "problem")
    return worst


def findings(send: bool = False) -> Iterator[Finding]:
    """Everything that is looked at, in the order in which a person would mend it."""
    try:
        chosen = serving_settings(environment.from_environment())
        content = contents.load(chosen.content, chosen.max_characters)
        yield ok(f"Settings and content of {content.clinic.name} are readable.")
    except (SettingsError, ContentError, ServingError, ReleaseError, OSError) as error:
        yield problem(f"{error}.", "Mend it first: without it nothing else can be looked at.")
        return
    yield from _machine(chosen)
    yield from _clinic(chosen, content)
    yield from _workspace(environment.from_environment())
    yield from _channels(chosen, content, send)
    yield from _database(chosen)
    yield from _processes(chosen)


def _machine(chosen: Settings) -> Iterator[Finding]:
    try:
        check_folder(chosen.var)
        check_disk(chosen.var, free)
        yield ok(f"{chosen.var} can be written and has room.")
    except StartError as error:
        yield problem(f"{error}.", "Patients' messages cannot be kept without it.")
    if chosen.var.exists() and _readable_by_others(chosen.var):
        yield warning(f"{chosen.var} holds patients' words, and other accounts can look into it.", "chmod 700 it.")
    spool = Spool(chosen.spool)
    if waiting := len(spool.waiting()):
        what = "1 warning sign waits" if waiting == 1 else f"{waiting} warning signs wait"
        yield problem(f"{what} in {chosen.spool} for the database.", "See to the database first.")
    if behind := len(list(chosen.backlog.glob("*.json"))):
        what = "1 message of a patient waits" if behind == 1 else f"{behind} messages of patients wait"
        yield problem(f"{what} in {chosen.backlog} for the database.", "See to the database first.")
    if unreadable := spool.unreadable():
        do = f"Open them in {chosen.spool} and call the patients; then move them away."
        what = "1 file with a warning sign" if unreadable == 1 else f"{unreadable} files with warning signs"
        yield problem(f"{what} cannot be read.", do)


def _clinic(chosen: Settings, content: Content) -> Iterator[Finding]:
    demo = [phone.label for phone in content.clinic.all_phones if phone.demo]
    if demo:
        say = problem if chosen.production else warning
        yield say(f"Patients are shown a demo number: {', '.join(demo)}.", "Write the real one in clinic.yml.")
    if not chosen.public_url:
        do = "Set PATCHLINE_PUBLIC_URL to the address under which staff reach this server."
        yield warning(f"Links in messages to staff lead to {chosen.address}, which only this machine may reach.", do)
    if not chosen.heartbeat_url:
        do = "Set PATCHLINE_HEARTBEAT_URL to an address of a monitor such as Healthchecks."
        yield warning("Nobody outside notices when this machine is down.", do)


def _workspace(settings: Settings) -> Iterator[Finding]:
    """Whether staff can edit answers. It only looks: the desk makes the folder, and takes in edits by hand."""
    do = "Until then nobody can edit, review or train at the desk; patients are answered as before."
    if shutil.which("git") is None:
        yield problem(f"{NO_GIT[:1].upper()}{NO_GIT[1:]}.", do)
        return
    workspace = Workspace(settings)
    if not workspace.folder.exists():
        yield ok("git is there; the desk makes the folder of staff's edits when somebody first opens it.")
        return
    try:
        changes, broken = workspace.history(limit=1), workspace.broken()
    except (WorkspaceError, OSError) as error:
        yield problem(f"Staff's edits in {workspace.folder} cannot be opened: {error}.", do)
        return
    yield ok(f"Staff's edits can be opened; the last one is of {changes[0].at:%Y-%m-%d}.")
    for one in broken:
        do = "Mend the file in the folder of staff's edits; until then what was saved before it is used."
        yield problem(f"Somebody edited a file by hand, and it does not hold: {one}.", do)


def _channels(chosen: Settings, content: Content, send: bool) -> Iterator[Finding]:
    chain = content.clinic.chain
    try:
        check_book(chain, chosen.channels)
        book = read_book(chosen.channels, lambda *_, **__: None)
    except ContentError as error:
        yield problem(f"{error}.", "The delivery worker does not start like this.")
        return
    used = dict.fromkeys(name for contact in chain.contacts for name in contact.channels)
    if set(used) == {LOG}:
        say = problem if chosen.production else warning
        do = (
            "Describe channels in a file, name it in PATCHLINE_CHANNELS, and use them in clinic.yml under `escalation`."
        )
        yield say("Staff are told by the log alone: somebody would have to watch it.", do)
    else:
        yield ok(f"{len(chain.contacts)} contacts by {len(used)} channels: {', '.join(used)}.")
    if chosen.channels and _readable_by_others(chosen.channels):
        yield warning(f"{chosen.channels} holds passwords and others on this machine can read it.", "chmod 600 it.")
    if send:
        yield from (_sent(book[name]) for name in used if name != LOG)


def _sent(channel: Channel) -> Finding:
    text = "This is a test of the messages to staff. There is no patient, and nothing to do."
    notice = Notice(0, "Patchline: test", text, {"event": "test", "delivery": 0})
    try:
        channel.send(notice, now())
    except SendError as error:
        do = "It will never work like this." if error.permanent else "It may work later; the worker would try again."
        return problem(f"A test message by {channel.name} did not go out: {error.code}.", do)
    return ok(f"A test message went out by {channel.name}; see whether it arrived.")


def _database(chosen: Settings) -> Iterator[Finding]:
    engine = engines.make_engine(engines.url_of(chosen))
    kind = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}.get(engine.dialect.name, engine.dialect.name)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
            yield warning(f"The database {engine.url.database} is not there yet.", "`patchline run` makes it.")
            return
        found, wanted = versions(engine)
        if found != wanted:
            do = (
                "Start Patchline: it brings them up to date."
                if found is None or found < wanted
                else "Install a newer one."
            )
            yield problem(f"The tables are of version {found}, the code of {wanted}.", do)
            return
        yield ok(f"{kind} answers and has the tables of this version.")
        yield from _tickets(engine)
        yield from _desk(chosen, engine)
        yield from _upkeep(engine)
    except sa.exc.SQLAlchemyError as error:
        yield problem(f"{kind} does not answer ({type(error).__name__}).", "Patients get the clinic line meanwhile.")
    finally:
        engine.dispose()


def _tickets(engine: sa.engine.Engine) -> Iterator[Finding]:
    state = read_health(engine, now())
    for says in state.problems:
        names = f" ({', '.join(state.failing)})" if says.startswith("Channels") else ""
        yield problem(says.rstrip(".") + names + ".", "The clinic may not know of patients who need it: see to it now.")
    if not state.problems:
        yield ok(f"Staff are told of tickets; {state.open} wait for somebody to acknowledge them.")
    if state.retrying:
        yield warning(f"{state.retrying} messages to staff failed and are tried again.", "The worker's log says why.")


def _desk(chosen: Settings, engine: sa.engine.Engine) -> Iterator[Finding]:
    if not somebody_can_sign_in(engine):
        say = problem if chosen.production else warning
        do = '`patchline staff add --admin ana --name "Ana López"` makes the first account, for an admin.'
        yield say("Nobody of the staff can sign in at the desk yet.", do)


def _upkeep(engine: sa.engine.Engine) -> Iterator[Finding]:
    """Only what should have happened and did not; whoever makes no backups with Patchline is not told of any."""
    purge, backup = upkeep.last(engine, upkeep.PURGE), upkeep.last(engine, upkeep.BACKUP)
    with engine.connect() as db:
        first = db.execute(sa.select(sa.func.min(conversations.c.created_at))).scalar()
    since = purge.done_at or first
    if since and since < now() - LATE:
        do = "The gateway's log says why (`purge_failed`); `patchline purge` does it now."
        yield warning(f"Old transcripts have not been deleted since {since:%Y-%m-%d}.", do)
    if backup.done_at and backup.done_at < now() - LATE:
        yield warning(f"The last backup is of {backup.done_at:%Y-%m-%d}.", "`patchline backup FOLDER` makes one.")


def _processes(chosen: Settings) -> Iterator[Finding]:
    releases = Releases(environment.from_environment())
    release = releases.get(releases.serving().serving.release)
    if reasons := releases.cannot_serve(release.number):
        yield problem(f"What serves ({release.name}) could not be started again: {' '.join(reasons)}")
    else:
        yield ok(f"Patients are answered {_served(release)}.")
    if health.ready(chosen):
        yield ok(f"Patchline answers at {health.address(chosen)}.")
    elif health.live(chosen):
        yield problem(
            "The gateway is up, but no model answers; patients get the clinic line.",
            f"See rasa_{releases.serving().serving.slot}.log in {chosen.var / 'logs'}.",
        )
    else:
        yield problem(f"Nothing answers at {health.address(chosen)}.", "`patchline run` starts it.")


def _served(release: Release) -> str:
    return "as installed" if release.number == INSTALLED else f"with release {release.number} of {release.by}"


def _readable_by_others(path: Path) -> bool:
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))
