"""Seals: what a release is made of, by its hashes, and a signature that only this installation can make.

The key comes from the installation's secret. Whoever can read the secret can make seals; whoever can only write files
cannot turn a failed release into a passed one.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PURPOSE = b"patchline release\0"  # the secret signs other things, too


def signature(sealed: Mapping[str, Any], secret: str) -> str:
    """The HMAC-SHA256, in hexadecimal, of plain values (as JSON with sorted keys)."""
    data = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    return hmac.new(secret.encode(), PURPOSE + data, hashlib.sha256).hexdigest()


def holds(sealed: Mapping[str, Any], found: str, secret: str) -> bool:
    """Whether a signature is that of these values."""
    return hmac.compare_digest(signature(sealed, secret), found)


def hash_of_file(path: Path) -> str | None:
    """The sha256 of a file; None where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def hash_of_folder(folder: Path) -> str:
    """The sha256 over the names and bytes of all files below a folder, hidden ones too; a link counts as its target.

    Independent of times and of where the folder lies.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        # The length goes first, so that no bytes can move from one file to the next unseen.
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()
