"""`patchline backup`: everything that an installation needs to be back on another machine, while it runs."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from patchline import settings
from patchline.database import engines, trackers
from patchline.database.schema import now
from patchline.database.version import versions
from patchline.escalation.spool import UNREADABLE
from patchline.gateway import upkeep
from patchline.privacy import archive, postgres_client, sqlite_copy, staff_work
from patchline.privacy.checks import database_errors, file_of, is_made
from patchline.privacy.errors import Refused
from patchline.settings import ROOT, Settings
from patchline.training.progress import Progress

PREFIX = ".patchline-backup-"  # of the folder beside the target in which an archive is made
LEFT_S = 86_400.0  # such a folder of a backup that was killed is removed after a day


def run(arguments: argparse.Namespace) -> int:
    """Exit codes: 0 made. Raises `Refused` or `Failed`."""
    chosen, progress = settings.from_environment(), Progress()
    target, manifest = backup(chosen, Path(arguments.target), progress)
    progress.say(f"Backup: {target} ({target.stat().st_size / 1e6:.1f} MB, checked)")
    print("It holds patients' words: keep it where only you can read it, and no longer than transcripts are kept.")
    print("Not in it:")
    for line in manifest.not_here:
        print(f"- {line}")
    return 0


def backup(chosen: Settings, target: Path, progress: Progress) -> tuple[Path, archive.Manifest]:
    """Make the archive `target`, or one named by the time in the folder `target`. Raises `Refused` or `Failed`."""
    made_at = datetime.now(UTC)
    target = _file(target, made_at)
    archive.check_free(target)
    _remove_left(target.parent)
    engine = engines.make_upkeep_engine(engines.url_of(chosen))
    version = _version(engine)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=target.parent) as folder:
        content = Path(folder, "content")
        content.mkdir(mode=0o700)
        # The spool first: a warning sign that goes from there into the database meanwhile is then in both, not in none.
        _copy_spool(chosen.spool, content / archive.SPOOL)
        _copy_databases(chosen, engine, content, progress)
        staff_work.copy(chosen, content, progress)
        if own_secret(chosen):
            shutil.copyfile(secret_file(chosen), content / archive.SECRET)
        progress.phase("writing the archive")
        about = {
            "made_at": made_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "database": engine.dialect.name,
            "version": version,
            "not_here": not_here(chosen, os.environ),
        }
        manifest = archive.pack(content, target, about)
    with contextlib.suppress(sa.exc.SQLAlchemyError):  # the archive is made; `doctor` asks for the date alone
        upkeep.done(engine, upkeep.BACKUP, now(), {"bytes": target.stat().st_size})
    return target, manifest


def secret_file(chosen: Settings) -> Path:
    """Where an installation keeps the secret that it has made by itself."""
    return chosen.var / "secret"


def own_secret(chosen: Settings) -> bool:
    """Whether that is the one in use; else it comes from a variable or a file of the clinic's own."""
    path = secret_file(chosen)
    return path.exists() and path.read_text().strip() == chosen.secret


def not_here(chosen: Settings, env: dict[str, str] | os._Environ[str]) -> list[str]:
    """What else the installation needs, in words."""
    lines = ["the code, content/ and data/, which are in your repository; the model is trained anew from them"]
    if chosen.content != ROOT / "content":
        lines.append(f"the clinic's content in {chosen.content}")
    if not own_secret(chosen):
        lines.append("the secret of PATCHLINE_SECRET or PATCHLINE_SECRET_FILE; without it open chats and links end")
    if chosen.channels:
        lines.append(f"the channels' addresses and passwords in {chosen.channels}")
    if names := sorted(name for name in env if name.startswith("PATCHLINE_")):
        lines.append(f"the settings: {', '.join(names)}")
    return lines


def _file(target: Path, made_at: datetime) -> Path:
    if target.is_dir():
        return target / f"patchline-{made_at:%Y-%m-%dT%H%M%SZ}.tar.gz"
    if not target.parent.is_dir():
        raise Refused(f"There is no folder {target.parent}.")
    return target


def _version(engine: sa.engine.Engine) -> str:
    if not is_made(engine):
        raise Refused(f"There is nothing to back up yet: {file_of(engine)} is not there.")
    with database_errors("No backup was made."):
        found, _ = versions(engine)
    if found is None:
        raise Refused("There is nothing to back up yet: the database has no tables.")
    return found


def _copy_spool(spool: Path, target: Path) -> None:
    for path in sorted([*spool.glob("*.json"), *spool.glob(f"*{UNREADABLE}")]):
        target.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):  # it has just gone into the database
            shutil.copyfile(path, target / path.name)


def _copy_databases(chosen: Settings, engine: sa.engine.Engine, folder: Path, progress: Progress) -> None:
    if engine.dialect.name != "sqlite":
        progress.phase("pg_dump copies the database")
        postgres_client.dump(engines.url_of(chosen), folder / archive.DUMP, progress.tick)
        return
    # Rasa's first: of a chat that is deleted in between, what is left is found by the next purge.
    for source, name in ((chosen.var / trackers.FILE, archive.RASA), (file_of(engine), archive.SQLITE)):
        if source is not None and source.exists():
            progress.phase(f"copying {source.name}")
            sqlite_copy.copy(source, folder / name, partial(_told, progress, source))


def _told(progress: Progress, source: Path, percent: int) -> None:
    if progress.live:  # a line for each would fill a file
        progress.phase(f"copying {source.name}: {percent} %")


def _remove_left(folder: Path) -> None:
    """What a backup that was killed has left lying holds patients' words."""
    for path in folder.glob(f"{PREFIX}*"):
        if time.time() - path.stat().st_mtime > LEFT_S:
            shutil.rmtree(path, ignore_errors=True)
