"""Bringing two changes of the same files together, file by file. Pure but for git's own merge of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from patchline.workspace.git import Git

Blobs = Mapping[str, str]  # path -> git's name of the bytes


@dataclass
class Merge:
    """What became of a merge: `blobs` without the paths that are open, and `open` with both sides' markers."""

    blobs: dict[str, str]
    open: dict[str, bytes] = field(default_factory=dict)


def merge(git: Git, mine: Blobs, base: Blobs, theirs: Blobs, names: tuple[str, str, str]) -> Merge:
    """Three-way merge of whole folders. `names` label the three sides in a text with conflict markers.

    One side's change wins where the other left the file as it was. A file that one side removed and the other changed
    is open.
    """
    found = Merge(dict(theirs))
    for path in sorted({*mine, *base, *theirs}):
        ours, old, others = mine.get(path), base.get(path), theirs.get(path)
        if ours in (old, others):
            continue  # theirs holds all
        if others == old:
            _put(found.blobs, path, ours)
            continue
        texts = [git.bytes_of([blob])[0] if blob else b"" for blob in (ours, old, others)]
        merged, clash = git.merge(texts[0], texts[1], texts[2], names)
        if clash or ours is None or others is None:
            found.open[path] = merged
        else:
            found.blobs[path] = git.keep(merged)
    return found


def changed(before: Blobs, after: Blobs) -> list[str]:
    """Paths that differ, sorted."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def _put(blobs: dict[str, str], path: str, blob: str | None) -> None:
    if blob is None:
        blobs.pop(path, None)
    else:
        blobs[path] = blob
