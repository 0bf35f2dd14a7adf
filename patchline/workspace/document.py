"""The clinic's document and the wordings, changed line by line. Pure on texts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ruamel.yaml.comments import CommentedMap

from patchline.workspace import yaml_text
from patchline.workspace.errors import Invalid
from patchline.workspace.validity import plain

DOCUMENT, WORDINGS = "content/document.yml", "content/wordings.yml"


@dataclass(frozen=True)
class Section:
    """A section of the document: (id, text) of its lines."""

    id: str
    title: str
    lines: tuple[tuple[str, str], ...]


def sections(files: Mapping[str, bytes]) -> list[Section]:
    return [
        Section(part["id"], part["title"], tuple((line["id"], line["text"]) for line in part["lines"]))
        for part in plain(files[DOCUMENT])["sections"]
    ]


def with_lines(
    text: str, changed: Mapping[str, str], gone: Collection[str] = (), new: Mapping[str, str] | None = None
) -> str:
    """The document with other texts of its lines (by id), without those that are `gone`, and with a new line at the
    end of a section (`new`: section's id -> text). Raises `Invalid`.
    """
    node = yaml_text.load(DOCUMENT, text)
    taken = {line["id"] for part in node["sections"] for line in part["lines"]}
    for part in node["sections"]:
        for line in list(part["lines"]):
            wanted = yaml_text.one_line(changed.get(line["id"], line["text"]))
            if not wanted:
                raise Invalid(DOCUMENT, line.lc.line + 1, "a line has no words; remove it instead")
            if line["id"] in gone:
                part["lines"].remove(line)
            elif wanted != line["text"]:
                line["text"] = yaml_text.block(wanted, like=line["text"])
        if added := yaml_text.one_line((new or {}).get(part["id"], "")):
            number = next(count for count in range(1, 10_000) if f"{part['id']}-{count}" not in taken)
            part["lines"].append(CommentedMap({"id": f"{part['id']}-{number}", "text": added}))
    return yaml_text.dump(node)


def with_wording(text: str, id: str, wording: str) -> str:
    """`wordings.yml` with another text of one wording. Raises `Invalid`."""
    node = yaml_text.load(WORDINGS, text)
    for one in node["wordings"]:
        if one["id"] == id:
            if wording.strip() != str(one["text"]).strip():
                one["text"] = yaml_text.block(wording, like=one["text"])
            return yaml_text.dump(node)
    raise Invalid(WORDINGS, None, f"there is no wording {id!r}")
