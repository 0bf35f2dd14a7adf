"""Whether files may be saved: YAML that holds what Patchline and Rasa will look for. Raises `Invalid` with the line.

What only a training can tell (conflicts between topics, scores) is not looked for here.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from patchline import content
from patchline.content import visit
from patchline.safety import loading
from patchline.wordings import own_placeholders
from patchline.workspace.errors import Invalid
from patchline.workspace.files import STAFF_TESTS

LARGEST = 2_000_000  # bytes of one file
RULES = ("content/red_flags.yml", "content/context_rules.yml")
CONTENT = ("content/clinic.yml", "content/document.yml", "content/wordings.yml")
OF_TRAINING = {"version", "nlu", "responses", "rules", "stories", "forms", "actions", "slots", "intents", "entities",
               "session_config", "e2e_actions"}  # fmt: skip
ANSWERS = ("faq/", "not_covered/", "clinic/")  # whose texts may hold the clinic's facts and nothing else
_PLACE = re.compile(r"(?:content/)?(\w+\.yml)(?: line (\d+))?(?:, [^:]*)?: (.*)", re.DOTALL)


def check(files: Mapping[str, bytes], changed: Iterable[str], kept: Mapping[str, bytes] | None = None) -> None:
    """Check the `changed` ones of `files`, which are all files as they are to be. `kept`: what was shipped.

    Raises `Invalid` for the first mistake.
    """
    for path in (*CONTENT, *RULES, "domain.yml", "config.yml"):
        if path not in files:
            raise Invalid(path, None, "the file is needed and is missing")
    given = list(changed)
    changed = [path for path in given if path in files]
    for path in changed:
        node = read(path, files[path])
        if path.startswith("data/") or path == "domain.yml":
            _check_training_file(path, node)
        if path == STAFF_TESTS:
            _check_staff_tests(path, node)
    if any(path in (*CONTENT, *RULES) for path in changed):
        _check_content(files, rules=any(path in RULES for path in changed))
    if "content/wordings.yml" in changed and kept:
        _check_wordings_stay(files["content/wordings.yml"], kept["content/wordings.yml"])
    if "content/document.yml" in changed or len(changed) < len(given):
        changed = list(files)  # what they cite or offer may be gone
    _check_answers(files, [path for path in changed if path.startswith("data/") or path == "domain.yml"])


def read(path: str, data: bytes) -> Any:
    """One file as ruamel's nodes, which know their lines. Raises `Invalid`."""
    if len(data) > LARGEST:
        raise Invalid(path, None, f"the file is too long ({len(data) / 1e6:.1f} MB)")
    text = text_of(path, data)
    if found := re.search(r"^(<{7} |={7}$|>{7} |\|{7} )", text, re.MULTILINE):
        raise Invalid(path, text.count("\n", 0, found.start()) + 1, "marks of an unfinished merge stand here")
    try:
        node = YAML().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context == "while scanning a simple key":  # it is noticed on the line after
            mark = error.context_mark
        raise Invalid(path, mark.line + 1 if mark else None, f"not valid YAML: {error.problem}") from None
    except YAMLError as error:
        raise Invalid(path, None, f"not valid YAML: {error}") from None
    if not isinstance(node, CommentedMap):
        raise Invalid(path, 1, "expected fields like 'version:'")
    return node


def text_of(path: str, data: bytes) -> str:
    """The file's text. Raises `Invalid` for bytes that are none."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(path, data.count(b"\n", 0, error.start) + 1, "not text in UTF-8") from None


@lru_cache(maxsize=1024)
def plain(data: bytes) -> Any:
    """A file that is known to be YAML, as plain dicts and lists; not to be changed. {} for an empty or a broken one."""
    try:
        return YAML(typ="safe").load(data.decode("utf-8")) or {}
    except (YAMLError, UnicodeDecodeError):
        return {}


def examples(node: CommentedMap) -> Iterator[tuple[int, str]]:
    """(line of the file, text as it stands there) of an entry's examples, blank lines left out."""
    first = node.lc.value("examples")[0] + 1
    first += not _plain_style(node["examples"])
    for number, line in enumerate(str(node["examples"]).splitlines()):
        if line.strip():
            yield first + number, line


def _plain_style(value: Any) -> bool:
    return type(value) is str


def _check_training_file(path: str, node: CommentedMap) -> None:
    for key in node:
        if key not in OF_TRAINING:
            raise _invalid(path, node, key, f"unknown field {key!r}")
    for entry in _list_of(path, node, "nlu"):
        _check_examples(path, entry)
    responses = node.get("responses") or CommentedMap()
    if not isinstance(responses, CommentedMap):
        raise _invalid(path, node, "responses", "expected answers like 'utter_faq/numbing:'")
    for name, variations in responses.items():
        if not str(name).startswith("utter_"):
            raise _invalid(path, responses, name, f"an answer's name begins with 'utter_', not {name!r}")
        if not isinstance(variations, CommentedSeq) or not variations:
            raise _invalid(path, responses, name, "an answer is a list that begins with '- text:'")
        for one in variations:
            if not isinstance(one, CommentedMap) or not isinstance(one.get("text"), str) or not one["text"].strip():
                raise _invalid(path, responses, name, "the answer has no text")


def _check_examples(path: str, entry: Any) -> None:
    if not isinstance(entry, CommentedMap) or not isinstance(entry.get("intent"), str):
        raise _invalid(path, entry, None, "expected '- intent: ...' with its 'examples: |'")
    if not isinstance(entry.get("examples"), str):
        raise _invalid(path, entry, "intent", "the examples are missing: write 'examples: |' and a line for each")
    for line, text in examples(entry):
        if not re.match(r"\s*- \s*\S", text):
            raise Invalid(path, line, "each example stands on a line of its own that begins with '- '")


def _check_staff_tests(path: str, node: CommentedMap) -> None:
    for one in _list_of(path, node, "messages"):
        if not isinstance(one, CommentedMap) or {key for key in one if isinstance(one[key], str)} != {"text", "topic"}:
            raise _invalid(path, one, None, "a test has a 'text' and a 'topic'")


def _list_of(path: str, node: CommentedMap, key: str) -> list[Any]:
    value = node.get(key)
    if value is not None and not isinstance(value, CommentedSeq):
        raise _invalid(path, node, key, f"expected a list under {key!r}")
    return value or []


def _check_content(files: Mapping[str, bytes], rules: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, data in files.items():
            if path in (*CONTENT, *RULES):
                (folder / Path(path).name).write_bytes(data)
        try:
            content.load(folder)
            if rules:
                loading.load(folder)
        except content.ContentError as error:
            raise _of_content(error) from None
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Invalid("content", None, f"not what the file has to hold ({type(error).__name__}: {error})") from None


def _of_content(error: content.ContentError) -> Invalid:
    found = _PLACE.fullmatch(str(error))
    if not found:
        return Invalid("content", None, str(error))
    return Invalid(f"content/{found[1]}", int(found[2]) if found[2] else None, found[3])


def _check_wordings_stay(now: bytes, shipped: bytes) -> None:
    there = {item["id"] for item in plain(now).get("wordings", [])}
    for item in plain(shipped).get("wordings", []):
        if item["id"] not in there:
            raise Invalid("content/wordings.yml", None, f"the wording {item['id']!r} is needed and is missing")


def _check_answers(files: Mapping[str, bytes], paths: list[str]) -> None:
    """Cited lines, topics that are offered, and placeholders exist."""
    if not paths:
        return
    lines = {line["id"] for part in plain(files["content/document.yml"])["sections"] for line in part["lines"]}
    everywhere = [path for path in files if path.startswith("data/") or path == "domain.yml"]
    topics = {name.removeprefix("utter_") for path in everywhere for name in plain(files[path]).get("responses") or {}}
    known = _placeholders(files)
    for path in paths:
        for name, variations in (plain(files[path]).get("responses") or {}).items():
            for one in variations:
                about = one.get("metadata") or {}
                for source in about.get("sources") or []:
                    if source not in lines:
                        raise Invalid(path, None, f"{name} cites {source!r}, which is no line of the document")
                for topic in about.get("next") or []:
                    if topic not in topics:
                        raise Invalid(path, None, f"{name} offers {topic!r} as a button, which is no topic")
                if name.removeprefix("utter_").startswith(ANSWERS) and "text" in one:
                    _check_placeholders(path, one["text"], known)


def _placeholders(files: Mapping[str, bytes]) -> dict[str, str]:
    clinic = plain(files["content/clinic.yml"])
    own = [name for item in ("closed", "after/") for name in own_placeholders(item)]
    names = {"clinic", "line", "address", "hours", "closed", "chat_days", *(clinic.get("emergency") or {})}
    names |= {*visit.FACTS, *visit.OPENING, visit.MAP}
    return dict.fromkeys(names - set(own), "")


def _check_placeholders(path: str, text: str, known: dict[str, str]) -> None:
    try:
        content.fill(text, known, "the answer")
    except content.ContentError as error:
        raise Invalid(path, None, str(error)) from None


def _invalid(path: str, node: Any, key: Any, sentence: str) -> Invalid:
    marks = getattr(node, "lc", None)
    if marks is None or marks.line is None:
        return Invalid(path, None, sentence)
    line = marks.key(key)[0] if key is not None and marks.data and key in marks.data else marks.line
    return Invalid(path, line + 1, sentence)
