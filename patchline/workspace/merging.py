"""Bringing two changes of the same files together, file by file; with git's own merge of a text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ruamel.yaml.scalarstring import LiteralScalarString

from patchline.workspace import yaml_text
from patchline.workspace.errors import Conflict, WorkspaceError
from patchline.workspace.examples import sentence_of, with_examples
from patchline.workspace.git import Git
from patchline.workspace.validity import plain

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
        if clash and path.startswith("data/") and ours and others:
            merged, clash = _with_all_examples(git, path, texts, names) or (merged, clash)
        if clash or ours is None or others is None:
            found.open[path] = merged
        else:
            found.blobs[path] = git.keep(merged)
    return found


def changed(before: Blobs, after: Blobs) -> list[str]:
    """Paths that differ, sorted."""
    return sorted(path for path in {*before, *after} if before.get(path) != after.get(path))


def sides(question: Conflict) -> tuple[str | None, str | None]:
    """Both answers to a question, mine and theirs; what the two do not disagree about stands in both."""
    if question.mine is None or question.theirs is None or not any(map(_mark, question.merged.splitlines())):
        return question.mine, question.theirs
    texts: tuple[list[str], list[str]] = [], []
    side = None
    for line in question.merged.splitlines(keepends=True):
        if mark := _mark(line):
            side = {"<": 0, "|": 2, "=": 1, ">": None}[mark]
        else:
            for number in (0, 1) if side is None else {0: (0,), 1: (1,), 2: ()}[side]:
                texts[number].append(line)
    return "".join(texts[0]), "".join(texts[1])


def _mark(line: str) -> str:
    """The sign of a line with git's marks of a conflict; "" for any other line."""
    return line[0] if line.rstrip("\r\n") == "=======" or line.startswith(("<<<<<<< ", "||||||| ", ">>>>>>> ")) else ""


def _with_all_examples(
    git: Git, path: str, texts: list[bytes], names: tuple[str, str, str]
) -> tuple[bytes, bool] | None:
    """Merge a topic's file sentence by sentence: two people who add examples at its end do not disagree.

    None where the sentences are not what they clash about.
    """
    mine, base, theirs = (_examples(data) for data in texts)
    if not mine or not mine.keys() == base.keys() == theirs.keys():
        return None
    try:
        alike = [_with(path, data.decode(), theirs) for data in texts[:2]]  # the same sentences on all sides
        merged, clash = git.merge(alike[0].encode(), alike[1].encode(), texts[2], names)
        if clash:
            return None
        text = merged.decode()
        for intent, sentences in mine.items():
            gone = [one for one in base[intent] if one not in sentences]
            text = with_examples(text, intent, [one for one in sentences if one not in base[intent]], gone, path)
        return text.encode(), False
    except WorkspaceError:
        return None


def _examples(data: bytes) -> dict[str, list[str]]:
    entries = [one for one in plain(data).get("nlu") or [] if isinstance(one, dict) and "examples" in one]
    return {one["intent"]: [sentence_of(line) for line in str(one["examples"]).splitlines()] for one in entries}


def _with(path: str, text: str, sentences: Mapping[str, list[str]]) -> str:
    """A text with exactly these examples."""
    node = yaml_text.load(path, text)
    for entry in node["nlu"]:
        entry["examples"] = LiteralScalarString("".join(f"- {one}\n" for one in sentences[entry["intent"]]))
    return yaml_text.dump(node)


def _put(blobs: dict[str, str], path: str, blob: str | None) -> None:
    if blob is None:
        blobs.pop(path, None)
    else:
        blobs[path] = blob
