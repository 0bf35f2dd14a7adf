"""The archive of a backup: one file, readable by its owner alone, with a list of its content and checksums inside.

manifest.json     when and of what it was made, and for each other file its size and SHA-256
patchline.db      the database (SQLite), and beside it Rasa's
rasa.db
database.dump     or both of them (PostgreSQL), as `pg_dump --format=custom` writes it
spool/…           warning signs that wait for the database
workspace.bundle  what staff edited, with its history, as a git bundle
releases.tar      the releases made of it, and which one serves
secret            that signs tokens and links, where the installation has made it by itself
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from patchline.privacy.errors import Refused

MANIFEST, SQLITE, RASA, DUMP = "manifest.json", "patchline.db", "rasa.db", "database.dump"
SPOOL, SECRET = "spool", "secret"
FORMAT = 1
KNOWN = re.compile(r"patchline\.db|rasa\.db|database\.dump|workspace\.bundle|releases\.tar|secret|spool/\w[\w.-]*")
CHUNK = 1024 * 1024
NOT_OURS = "This is not a backup of Patchline, or it is damaged"


@dataclass(frozen=True)
class Part:
    """One file of the archive."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    format: int
    made_at: str  # UTC, "2026-11-22T21:40:10Z"
    database: str  # sqlite | postgresql
    version: str  # of the tables
    files: Mapping[str, Part]
    not_here: list[str]  # what else an installation needs, in words

    def to_json(self) -> bytes:
        return json.dumps(asdict(self), indent=1).encode()

    @classmethod
    def from_json(cls, text: bytes) -> Manifest:
        """Raises `Refused` for anything else."""
        try:
            data = json.loads(text)
            if data["format"] != FORMAT:
                raise Refused(f"This backup has the format {data['format']}; this version of Patchline reads {FORMAT}.")
            files = {name: Part(**part) for name, part in data.pop("files").items()}
            return cls(**data, files=files)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(f"{NOT_OURS}: it has no list of what is in it.") from None


def pack(folder: Path, target: Path, about: Mapping[str, Any]) -> Manifest:
    """Write all files under `folder` into a new archive, on the disk when this returns.

    `target` appears whole or not at all, and is never overwritten (`Refused`).
    """
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    files = {name: Part(path.stat().st_size, _sha256(path)) for name, path in paths.items()}
    manifest = Manifest(FORMAT, files=files, **about)
    part = folder.parent / "archive"
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive:
            _add(archive, MANIFEST, BytesIO(manifest.to_json()), len(manifest.to_json()))
            for name, path in paths.items():
                with path.open("rb") as content:
                    _add(archive, name, content, files[name].bytes)
        file.flush()
        os.fsync(file.fileno())
    check_free(target)
    os.rename(part, target)
    _sync_folder(target.parent)
    return manifest


def check_free(target: Path) -> None:
    if target.exists():
        raise Refused(f"{target} is there already; a backup never overwrites anything.")


def unpack(archive: Path, folder: Path) -> Manifest:
    """Put an archive's files into `folder`, each checked against its size and checksum.

    Raises `Refused` for an archive that is not one, is damaged, or holds what does not belong into it.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            manifest = Manifest.from_json(_first(tar))
            left = dict(manifest.files)
            while member := tar.next():
                part = left.pop(member.name, None)
                if part is None or not member.isreg() or not KNOWN.fullmatch(member.name):
                    raise Refused(f"{NOT_OURS}: {member.name[:80]!r} does not belong into it.")
                _extract(tar, member, folder / PurePosixPath(member.name), part)
    except FileNotFoundError:
        raise Refused(f"There is no file {archive}.") from None
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise Refused(f"{NOT_OURS}: {archive} ends or breaks off where it should not.") from None
    if left:
        raise Refused(f"{NOT_OURS}: {', '.join(sorted(left)[:3])} is missing.")
    return manifest


def _first(tar: tarfile.TarFile) -> bytes:
    member = tar.next()
    if member is None or not member.isreg() or member.name != MANIFEST or member.size > 50 * CHUNK:
        raise Refused(f"{NOT_OURS}: it has no list of what is in it.")
    return cast(IO[bytes], tar.extractfile(member)).read()  # a regular file has one


def _extract(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, part: Part) -> None:
    target.parent.mkdir(mode=0o700, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    content = cast(IO[bytes], tar.extractfile(member))  # a regular file has one
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        while chunk := content.read(CHUNK):
            size += len(chunk)
            if size > part.bytes:  # more than the list says; it is not written out to its end
                break
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (part.bytes, part.sha256):
        raise Refused(f"{NOT_OURS}: the checksum of {member.name} does not fit.")


def _add(archive: tarfile.TarFile, name: str, content: Any, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    archive.addfile(info, content)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    """Until then, a crash of the machine may undo the renaming."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
