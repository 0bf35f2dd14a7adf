"""The spool: what the database could not take, one file for each message, until it can.

A full disk is what often keeps the database from taking it. So the spool holds room in reserve, and gives it up then.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, overload

from patchline.escalation.escalation import Escalation

PART, UNREADABLE = ".part", ".unreadable"
RESERVE, RESERVE_BYTES = ".reserve", 4 * 1024 * 1024  # room for some thousand files
FULL = (errno.ENOSPC, errno.EDQUOT)


class Item(Protocol):
    """What is kept of a message: an escalation, or the message itself."""

    @property
    def key(self) -> tuple[str, str]:
        """(conversation id, message id)"""

    def to_json(self) -> dict[str, Any]: ...


T = TypeVar("T", bound=Item)


class Spool(Generic[T]):
    """A folder of items; the files hold patients' words. Blocking; raises `OSError` where the disk cannot.

    `read` is the reverse of the items' `to_json`; it raises `ValueError`, `KeyError` or `TypeError` for anything else.
    """

    @overload
    def __init__(self: Spool[Escalation], folder: Path) -> None: ...

    @overload
    def __init__(self, folder: Path, read: Callable[[Mapping[str, Any]], T]) -> None: ...

    def __init__(self, folder: Path, read: Callable[[Mapping[str, Any]], Any] = Escalation.from_json) -> None:
        self.folder = folder
        self.read: Callable[[Mapping[str, Any]], T] = read

    def reserve(self) -> None:
        """Take the room that `keep` gives up on a full disk, unless it is there already."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / RESERVE
        if path.exists():
            return
        part = path.with_suffix(f".{secrets.token_hex(4)}{PART}")
        try:
            with part.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, RESERVE_BYTES)
            part.replace(path)
        except OSError:
            _remove(part)
            raise

    def keep(self, item: T) -> None:
        """Write it down; it is on the disk when this returns. One file a message: a later call replaces it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            self._write(item)
        except OSError as error:
            reserve = self.folder / RESERVE
            if error.errno not in FULL or not reserve.exists():
                raise
            reserve.unlink(missing_ok=True)
            self._write(item)

    def drop(self, item: T) -> None:
        """Forget one that the database has."""
        self._path(item).unlink(missing_ok=True)

    def waiting(self) -> list[T]:
        """All that are kept, oldest first. A file that cannot be read is set aside under another name, for a person."""
        found = []
        for part in self.folder.glob(f"*{PART}"):  # of a run that ended while it wrote
            _remove(part)
        for path in sorted(self.folder.glob("*.json"), key=_age):
            try:
                found.append(self.read(json.loads(path.read_text(encoding="utf-8"))))
            except (ValueError, KeyError, TypeError, AttributeError):
                with contextlib.suppress(OSError):
                    path.rename(path.with_suffix(UNREADABLE))
        return found

    def unreadable(self) -> int:
        """How many files were set aside."""
        return len(list(self.folder.glob(f"*{UNREADABLE}")))

    def _write(self, item: T) -> None:
        path = self._path(item)
        part = path.with_suffix(f".{secrets.token_hex(4)}{PART}")  # of this call alone
        try:
            with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                json.dump(item.to_json(), file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, path)
        except OSError:
            _remove(part)  # half of a patient's words are of no use to anybody
            raise
        self._sync_folder()

    def _path(self, item: T) -> Path:
        name = hashlib.sha256("/".join(item.key).encode()).hexdigest()[:32]
        return self.folder / f"{name}.json"

    def _sync_folder(self) -> None:
        """Until then, a crash of the machine may undo the renaming."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
