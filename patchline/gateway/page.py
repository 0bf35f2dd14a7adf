"""The first page: the clinic's document with the chat beside it, made once from the content."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from patchline.content import Content, Line, hours_in_words

STATIC = Path(__file__).parent / "static"


def templates(folder: Path) -> Environment:
    """The templates of a folder: what is filled in is escaped, and a name that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(content: Content) -> str:
    """The page as HTML. Everything from the content is escaped."""
    environment = templates(STATIC)
    sections = [(title, list(lines)) for title, lines in groupby(content.lines.values(), lambda line: line.section)]
    return environment.get_template("index.html").render(
        title=content.document_title,
        clinic=content.clinic,
        hours=hours_in_words(content.clinic.hours),
        line_title=content.clinic.line.link["title"],
        sections=[(title, blocks(lines)) for title, lines in sections],
    )


def blocks(lines: Sequence[Line]) -> list[tuple[Line, list[Line]]]:
    """A section's lines as paragraphs, each with the list items that it introduces.

    A lead line introduces the lines below it, up to the next lead line.
    """
    found: list[tuple[Line, list[Line]]] = []
    for line in lines:
        if line.lead or not found or not found[-1][0].lead:
            found.append((line, []))
        else:
            found[-1][1].append(line)
    return found
