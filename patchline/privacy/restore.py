"""`patchline restore`: an archive's content back in place. What was there is kept beside it.

Nothing is touched before the whole archive was read and found good. Afterwards what was deleted since the backup, as
far as the replaced database knows, is deleted again, and what has expired meanwhile is purged.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from patchline import settings
from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.gateway import upkeep
from patchline.gateway.purging import Purge
from patchline.gateway.retention import Limits
from patchline.privacy import archive, replaced, staff_work
from patchline.privacy.archive import Manifest
from patchline.privacy.backup import own_secret, secret_file
from patchline.privacy.checks import check_stopped, database_errors
from patchline.privacy.errors import Refused
from patchline.privacy.present import (
    Present,
    forget_again,
    has_data,
    is_known,
    nobody_is_at_work,
    read_present,
    unresolved,
)
from patchline.privacy.purge import counted, purge_now, report
from patchline.settings import Settings
from patchline.training.progress import Progress

PREFIX = ".restore-"  # of the folder in which an archive is unpacked and checked


def run(arguments: argparse.Namespace) -> int:
    """Exit codes: 0 restored. Raises `Refused` (nothing was touched) or `Failed`."""
    chosen, progress = settings.from_environment(), Progress()
    for line in restore(chosen, Path(arguments.archive), arguments.force, progress):
        progress.say(line)
    return 0


def restore(chosen: Settings, path: Path, force: bool, progress: Progress) -> Iterator[str]:
    """Restore, and say in sentences what was done and what a person has to do now. Raises `Refused` or `Failed`."""
    url = engines.url_of(chosen)
    engine = engines.make_upkeep_engine(url)
    check_stopped(chosen, engine)
    chosen.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in chosen.var.glob(f"{PREFIX}*"):  # of a restore that was killed
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=chosen.var) as folder:
        progress.phase("reading and checking the archive")
        manifest = archive.unpack(path, Path(folder))
        _check(manifest, engine.dialect.name)
        if has_data(chosen, engine) and not force:
            raise Refused("There is data here already; nothing was touched. --force replaces it and keeps it beside.")
        before = read_present(engine)
        progress.phase("replacing the data")
        with database_errors("Nothing was replaced."):
            kept = replaced.swap(chosen, manifest, Path(folder), progress)
        staff = staff_work.put_back(chosen, Path(folder), kept)
        secret = _restore_files(chosen, Path(folder), kept)
    with database_errors(f"The archive is restored; what was there is in {kept}."):
        migrate(url)
        nobody_is_at_work(engine)
    engine.dispose()
    yield f"Restored the backup of {manifest.made_at}."
    if kept.exists():
        yield f"What was there before is in {kept}. It holds patients' words: delete it when you need it no longer."
    yield from staff
    yield from secret
    yield from _after(chosen, before, progress)


def _check(manifest: Manifest, dialect: str) -> None:
    if manifest.database != dialect:
        raise Refused(
            f"This backup is of {manifest.database}, and PATCHLINE_DATABASE_URL names {dialect}; nothing was touched."
        )
    if not is_known(manifest.version):
        raise Refused(f"This backup has tables of version {manifest.version}, made by a newer Patchline; install that.")
    wanted = archive.SQLITE if dialect == "sqlite" else archive.DUMP
    if wanted not in manifest.files:
        raise Refused(f"{archive.NOT_OURS}: {wanted} is missing.")


def _restore_files(chosen: Settings, folder: Path, kept: Path) -> Sequence[str]:
    """The spool and the secret. Warning signs that wait here already stay: they are nobody else's."""
    for path in sorted((folder / archive.SPOOL).glob("*")):
        chosen.spool.mkdir(mode=0o700, exist_ok=True)
        if not (chosen.spool / path.name).exists():
            shutil.move(path, chosen.spool / path.name)
    secret = folder / archive.SECRET
    if not secret.exists():
        return ["The secret is not in this backup: set PATCHLINE_SECRET as it was, or open chats and links end."]
    if not own_secret(chosen):
        return ["The secret of the backup was left out: PATCHLINE_SECRET or PATCHLINE_SECRET_FILE says another."]
    replaced.put(secret, secret_file(chosen), kept)
    return []


def _after(chosen: Settings, before: Present, progress: Progress) -> Iterator[str]:
    engine = engines.make_upkeep_engine(engines.url_of(chosen))
    with database_errors("The backup is restored."):
        again = forget_again(engine, before.forgotten)
        open_now = unresolved(engine)
    if again:
        yield f"Deleted again what was deleted since the backup: {counted(again, 'conversation')}."
    if not before.known:
        yield (
            "Chats that patients deleted since the backup are back: nothing here says which. They can be deleted again"
            " from the same browser, and expire by themselves."
        )
    if missing := sorted(set(before.unresolved) - set(open_now)):
        yield f"SEE TO THESE NOW: tickets that nobody had resolved and that the backup lacks: {', '.join(missing)}."
    work = Purge(chosen, upkeep.new_owner())
    progress.phase("purging what has expired since")
    counts = purge_now(work, Limits.of(chosen, now()))
    yield from report(engine, counts)
    if open_now:
        still = counted(len(open_now), "unresolved ticket")
        yield f"There {'is' if len(open_now) == 1 else 'are'} {still}; of open ones staff are told again."
    yield "Start it with `patchline run`."
    work.engine.dispose()
    engine.dispose()
