"""`patchline review`: look for new messages, take the inbox out as CSV, and bring the decisions back."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa
from alembic.util import CommandError

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.review import acts, inbox, sheet, teaching
from patchline.review.acts import DISCARD, NOT_OURS, RIGHT, SIGN, NotDone
from patchline.review.scan import Busy, scan
from patchline.review.sheet import BadSheet, Row
from patchline.settings import Settings
from patchline.training.model import ModelError
from patchline.training.progress import Progress
from patchline.workspace import Author, Workspace, WorkspaceError, permissions


def run(arguments: argparse.Namespace, settings: Settings) -> int:
    """Exit codes: 0 done, 1 refused or failed; then nothing was done, and standard error says why."""
    url = engines.url_of(settings)
    engine = engines.make_upkeep_engine(url)
    try:
        migrate(url)
        COMMANDS[arguments.what](arguments, settings, engine)
    except BadSheet as error:
        print(f"patchline: nothing was imported from {arguments.file}:", *error.faults, sep="\n  ", file=sys.stderr)
        return 1
    except Busy:
        return _refused("another process is looking for new messages just now; try again when it is done")
    except ModelError as error:
        return _refused(f"there is no model to compare with: {error}")
    except (NotDone, WorkspaceError) as error:
        return _refused(str(error))
    except OSError as error:
        return _refused(f"{error.filename or arguments.file}: {error.strerror}")
    except CommandError:
        return _refused("the tables are of a newer version than this code; install a newer one")
    except sa.exc.SQLAlchemyError as error:
        return _refused(f"the database does not answer ({type(error).__name__})")
    finally:
        engine.dispose()
    return 0


def _scan(arguments: argparse.Namespace, settings: Settings, engine: sa.engine.Engine) -> None:
    progress = Progress(sys.stderr)
    counts = scan(settings, progress.phase)
    progress.end()
    print(f"{counts.seen} messages looked at, {counts.new} new in the inbox.")


def _export(arguments: argparse.Namespace, settings: Settings, engine: sa.engine.Engine) -> None:
    if not arguments.no_scan:
        progress = Progress(sys.stderr)
        scan(settings, progress.phase)
        progress.end()
    groups = inbox.waiting(engine)
    titles = {topic.id: topic.title for topic in teaching.topics_of(Workspace(settings).open().files())}
    table = "\ufeff" + sheet.table(groups, titles, lambda at: f"{at:%Y-%m-%d %H:%M} UTC")
    if arguments.file == "-":
        sys.stdout.write(table)
        return
    path = Path(arguments.file)
    with open(path, "w", encoding="utf-8", newline="") as file:
        path.chmod(0o600)  # what patients wrote
        file.write(table)
    print(f"{len(groups)} lines in {path}. Fill in the column {sheet.DECISION!r}; then: patchline review import {path}")


def _import(arguments: argparse.Namespace, settings: Settings, engine: sa.engine.Engine) -> None:
    groups, workspace = inbox.waiting(engine), Workspace(settings).open()
    files = workspace.files()
    topics = {topic.id: topic.title for topic in teaching.choices(files)}
    rows = sheet.read(Path(arguments.file).read_bytes(), groups, topics)
    if not rows:
        print(f"No line has a {sheet.DECISION}; nothing was done.")
        return
    rows = _masked(rows)
    _check(rows, files)
    if arguments.dry_run:
        print(f"{_said(rows)} Nothing was done: this was a dry run.")
        return
    author = Author("command", arguments.name, permissions.SERVER)
    done = acts.decide(engine, workspace, [row.wanted for row in rows], author, now())
    print(_said(rows))
    if done.change:
        print(f"In the history: {done.change.title}")


def _masked(rows: Sequence[Row]) -> list[Row]:
    """Somebody may have typed a name into a cell."""
    from patchline.masking import mask

    return [replace(row, sentence=mask(row.sentence)) for row in rows]


def _check(rows: Sequence[Row], files: Mapping[str, bytes]) -> None:
    """Every line by itself, so that each fault names its line. Raises `BadSheet`."""
    faults = []
    for row in rows:
        wanted = row.wanted
        try:
            if wanted.topic and (wanted.examples or wanted.tests):
                teaching.edits(files, wanted.topic, wanted.examples, wanted.tests)
        except teaching.NotTaught as error:
            faults.append(f"Line {row.line}: {error}")
    if faults:
        raise BadSheet(faults)


def _said(rows: Sequence[Row]) -> str:
    """What was done, in a sentence.

    >>> _said(rows)
    '5 lines: 3 taught, 1 kept as a test, 1 discarded; 12 messages.'
    """
    names = {RIGHT: "right", DISCARD: "discarded", NOT_OURS: "not for us", SIGN: "warning signs"}
    counts = Counter("kept as a test" if row.test else names.get(row.act, "taught") for row in rows)
    messages = sum(len(row.group.items) for row in rows)
    parts = ", ".join(f"{count} {name}" for name, count in counts.items())
    return f"{len(rows)} line{'s' * (len(rows) != 1)}: {parts}; {messages} message{'s' * (messages != 1)}."


def _refused(sentence: str) -> int:
    print(f"patchline: {sentence}", file=sys.stderr)
    return 1


COMMANDS: dict[str, Callable[[argparse.Namespace, Settings, sa.engine.Engine], None]] = {
    "scan": _scan,
    "export": _export,
    "import": _import,
}
