"""What lies between two sets of files, as staff know it: an answer, its buttons, a sentence, a wording. Pure.

What has no form of its own (the clinic's facts, patterns, comments) is shown as the text of its file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from patchline.desk.editing.diffs import FileDiff, of_texts
from patchline.workspace import SIGNATURES, WorkspaceError
from patchline.workspace import topics as T
from patchline.workspace.document import DOCUMENT, WORDINGS, sections
from patchline.workspace.signatures import items, signatures
from patchline.workspace.topics import Topic
from patchline.workspace.validity import plain
from patchline.workspace.wording_names import wording_name

Files = Mapping[str, bytes]


def changes(before: Files, after: Files, paths: Collection[str], names: Mapping[str, str]) -> list[FileDiff]:
    """Every change in `paths`; a diff's `path` is its title, e.g. "Numbing and pain during it: the answer".

    `names` are what files are called by people.
    """
    found: list[FileDiff] = []
    topics = _try(lambda: list(_topics(before, after)))
    for path in sorted(paths):
        told = [diff for file, diff in topics if file == path]
        told += _try(lambda path=path: list(_content(path, before, after)))
        found += told or [_raw(path, before, after, names)]
    return found


def _try(read) -> list:
    """Files of another time may not be what the forms of today read: then their text is shown."""
    try:
        return read()
    except (WorkspaceError, KeyError, TypeError):
        return []


def _raw(path: str, before: Files, after: Files, names: Mapping[str, str]) -> FileDiff:
    old, new = (files.get(path, b"").decode(errors="replace") for files in (before, after))
    return of_texts(old, new, names.get(path, path))


def _topics(before: Files, after: Files) -> Iterator[tuple[str, FileDiff]]:
    """(the file that it stands in, what differs) for each part of each topic."""
    old, new = ({topic.id: topic for topic in T.topics_of(files)} for files in (before, after))
    titles = {topic.id: topic.title for topic in (*old.values(), *new.values())}
    lines = _lines(before) | _lines(after)
    for id in dict.fromkeys((*new, *old)):
        parts = [_parts(topic, titles, lines) if topic else {} for topic in (old.get(id), new.get(id))]
        there = new.get(id) or old[id]
        for part in dict.fromkeys((*parts[1], *parts[0])):
            texts = [side.get(part, "") for side in parts]
            if texts[0] != texts[1]:
                file = there.file if part == "how patients ask" else there.answer_file or there.file
                yield file, of_texts(texts[0], texts[1], f"{there.title}: {part}")


def _parts(topic: Topic, titles: Mapping[str, str], lines: Mapping[str, str]) -> dict[str, str]:
    return {
        "the title": topic.title if topic.answer else "",
        "the answer": topic.answer,
        "the cited lines": "\n".join(lines.get(one, one) for one in topic.sources),
        "the buttons": "\n".join(titles.get(one, one) for one in topic.next),
        "how patients ask": "\n".join(topic.examples),
    }


def _lines(files: Files) -> dict[str, str]:
    return {id: text for part in sections(files) for id, text in part.lines}


def _content(path: str, before: Files, after: Files) -> Iterator[FileDiff]:
    """The wordings, the document and the signatures."""
    read = {WORDINGS: _wordings, DOCUMENT: _document, SIGNATURES: _signed}.get(path)
    if read is None:
        return
    old, new = (read(files) if path in files else {} for files in (before, after))
    for title in dict.fromkeys((*new, *old)):
        if old.get(title) != new.get(title):
            yield of_texts(old.get(title, ""), new.get(title, ""), title)


def _wordings(files: Files) -> dict[str, str]:
    return {f"Wording: {wording_name(one['id'])}": one["text"] for one in plain(files[WORDINGS])["wordings"]}


def _document(files: Files) -> dict[str, str]:
    return {f"The document: {part.title}": "\n".join(text for _, text in part.lines) for part in sections(files)}


def _signed(files: Files) -> dict[str, str]:
    named = items(files)
    return {
        f"Signed: {named[id].title if id in named else id}": f"{one.name}, {one.at:%Y-%m-%d %H:%M} UTC: {one.sha256}"
        for id, one in signatures(files).items()
    }
