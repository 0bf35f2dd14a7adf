"""What staff made, in a backup: the workspace as a git bundle, the releases with the models that may have to serve."""

from __future__ import annotations

import contextlib
import shutil
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, cast

from patchline.privacy.errors import Failed, Refused
from patchline.releases import serving
from patchline.releases.store import Releases
from patchline.settings import Settings
from patchline.training.progress import Progress
from patchline.workspace.bundle import read_bundle, write_bundle
from patchline.workspace.errors import WorkspaceError

BUNDLE, RELEASES = "workspace.bundle", "releases.tar"
FOLDER, SERVING = "releases", "serving.json"  # in releases.tar


def copy(chosen: Settings, folder: Path, progress: Progress) -> None:
    """Into the folder of an archive, where there is any. Raises `Refused` when it cannot be read."""
    try:
        progress.phase("copying what staff edited")
        write_bundle(chosen.workspace, folder / BUNDLE)
        if chosen.releases.exists():
            progress.phase("copying the releases")
            _pack_releases(chosen, folder / RELEASES)
    except (WorkspaceError, serving.ServingError) as error:
        raise Refused(f"What staff edited cannot be backed up: {error}.") from error


def _pack_releases(chosen: Settings, target: Path) -> None:
    """Everything of finished releases but the models that nobody would go back to: those can be trained anew."""
    now = serving.read(chosen)  # first: a release that serves from now on is in the folder already
    wanted = {now.serving.release, now.back_to, now.standby.release if now.standby else None}
    with tarfile.open(target, "w") as tar:
        if serving.path_of(chosen).exists():
            _add(tar, serving.path_of(chosen), SERVING)
        for path in sorted(chosen.releases.glob("*.jsonl")):
            _add(tar, path, f"{FOLDER}/{path.name}")
        for release in Releases(chosen).all():
            if release.state in ("building", "interrupted"):
                continue
            for path in sorted(release.folder.rglob("*")):
                if path.is_file() and (path != release.archive or release.number in wanted):
                    _add(tar, path, f"{FOLDER}/{path.relative_to(chosen.releases).as_posix()}")


def _add(tar: tarfile.TarFile, path: Path, name: str) -> None:
    with contextlib.suppress(FileNotFoundError):  # an old model that has just been removed
        info = tar.gettarinfo(path, name)
        info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
        with path.open("rb") as file:
            tar.addfile(info, file)


def put_back(chosen: Settings, folder: Path, kept: Path) -> list[str]:
    """From an unpacked archive; what was there is kept beside. Returns what a person has to know.

    What an archive does not hold stays as it is here. Raises `Failed`.
    """
    said = []
    if (folder / BUNDLE).exists():
        _aside([chosen.workspace], kept)
        try:
            read_bundle(folder / BUNDLE, chosen.workspace)
        except WorkspaceError as error:
            raise Failed(f"The database is restored; what staff edited is not: {error}.") from error
        said.append("What staff edited is back, with its history.")
    if (folder / RELEASES).exists():
        _aside([chosen.releases, serving.path_of(chosen)], kept)
        chosen.releases.mkdir(mode=0o700, parents=True)
        with tarfile.open(folder / RELEASES) as tar:
            for member in tar:
                place = _place(chosen, member.name)
                if place is not None and member.isreg():
                    _extract(tar, member, place)
        said.append("The releases are back. `patchline models` lists them; the next start serves the one that served.")
    return said


def _place(chosen: Settings, name: str) -> Path | None:
    """Where a member belongs; None for a name that does not belong here."""
    if name == SERVING:
        return serving.path_of(chosen)
    parts = Path(name).parts
    inside = parts[0] == FOLDER and len(parts) > 1 and ".." not in parts and not name.startswith("/")
    return chosen.releases.joinpath(*parts[1:]) if inside else None


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with cast(IO[bytes], tar.extractfile(member)) as source, place.open("wb") as target:
        shutil.copyfileobj(source, target)
    place.chmod(0o600)


def _aside(paths: Sequence[Path], kept: Path) -> None:
    for path in paths:
        if path.exists():
            kept.mkdir(mode=0o700, exist_ok=True)
            shutil.move(path, kept / path.name)
