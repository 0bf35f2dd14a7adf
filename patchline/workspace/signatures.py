"""Who signed what patients read, and how warning signs are told: `content/signatures.yml`. Pure on texts.

A clinician signs one text, by its sha256: another text of the same topic is unsigned. What the serving release says
already needs no new signature.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from patchline.workspace import yaml_text
from patchline.workspace.files import SIGNATURES, in_folder
from patchline.workspace.repository import Author
from patchline.workspace.validity import plain
from patchline.workspace.wording_names import wording_name

NONE = (
    "# Who signed the wording of answers, and the tiers and patterns of warning signs: a clinician, at the desk.\n"
    "# `sha256` is that of the text; a text that was changed since has to be signed again before it is promoted.\n"
    "signatures: []\n"
)
FLAGS, CONTEXT = "content/red_flags.yml", "content/context_rules.yml"
# Buttons, and what only passes on what the patient has given: nobody's health rests on how these are worded.
UNSIGNED_WORDINGS = ("form/", "option/", "note/sender", "note/sent", "note/joined", "note/left", "note/handed_back")
HEADS = ("reviewer", "reviewed")
Files = Mapping[str, bytes] | Path  # by path, or the folder that they lie in


@dataclass(frozen=True)
class Item:
    """Something that is signed, e.g. `Item("answer:faq/numbing", "The answer “Numbing”", "Your back is …")`."""

    id: str
    title: str
    text: str  # as it is signed, and shown to who signs it; "" for what was removed

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Signature:
    """`at` is UTC without a zone."""

    item: str
    sha256: str
    login: str
    name: str
    at: datetime


@dataclass(frozen=True)
class Unsigned:
    """An item that differs from what serves and has no signature; `before` is None for a new one."""

    item: Item
    before: Item | None

    @property
    def sentence(self) -> str:
        return (
            f"{self.item.title} {'is new' if self.before is None else 'was changed'} and is not signed by a clinician."
        )


def items(files: Mapping[str, bytes]) -> dict[str, Item]:
    """Everything that is signed, by its id."""
    found = [*_answers(files), *_wordings(files), *_lines(files), *_signs(files)]
    return {item.id: item for item in found}


def signatures(files: Mapping[str, bytes]) -> dict[str, Signature]:
    """By the id of what was signed; whether it is still the same text is another question (`holds`)."""
    written = plain(files[SIGNATURES]).get("signatures") if SIGNATURES in files else None
    return {
        one["item"]: Signature(one["item"], one["sha256"], one["login"], one["name"], _time(one["at"]))
        for one in written or []
    }


def holds(signature: Signature | None, item: Item) -> bool:
    return signature is not None and signature.sha256 == item.sha256


def waiting(
    files: Mapping[str, bytes], live_files: Mapping[str, bytes], later: Mapping[str, bytes] | None = None
) -> list[Unsigned]:
    """What a clinician has to sign before a release of `files` may follow one of `live_files`.

    `later`: files whose signatures count, too, e.g. the workspace's: who signs after a training need not train again.
    """
    now, live = items(files), items(live_files)
    signed = [signatures(files), signatures(later or {})]
    gone = [Item(id, item.title, "") for id, item in live.items() if id not in now]
    return [
        Unsigned(item, live.get(item.id))
        for item in [*now.values(), *gone]
        if item != live.get(item.id) and not any(holds(known.get(item.id), item) for known in signed)
    ]


def unsigned(files: Files, live_files: Files, later: Files | None = None) -> list[str]:
    """The same as sentences, e.g. "The answer “Numbing” was changed and is not signed by a clinician."."""
    given = [in_folder(one) if isinstance(one, Path) else one for one in (files, live_files, later or {})]
    return [one.sentence for one in waiting(*given)]


def with_signatures(text: str | None, signed: Iterable[Item], by: Author, at: datetime) -> str:
    """`content/signatures.yml` (None: there is none yet) with these items signed. `at` is UTC without a zone."""
    signed = list(signed)
    node = yaml_text.load(SIGNATURES, text or NONE)
    kept = [one for one in node.get("signatures") or [] if one["item"] not in {item.id for item in signed}]
    when = f"{at:%Y-%m-%dT%H:%M:%SZ}"
    node["signatures"] = [
        *kept,
        *({"item": one.id, "sha256": one.sha256, "login": by.login, "name": by.name, "at": when} for one in signed),
    ]
    return yaml_text.dump(node)


def _answers(files: Mapping[str, bytes]) -> Iterable[Item]:
    for path in sorted(files):
        if not path.startswith("data/") and path != "domain.yml":
            continue
        for name, variations in (plain(files[path]).get("responses") or {}).items():
            said = [one for one in variations if "same_as" not in (one.get("metadata") or {})]
            own = [one["text"].strip() for one in said if "wording" not in (one.get("metadata") or {})]
            others = [f"(says the wording {one['metadata']['wording']})" for one in said if one["text"] not in own
                      and "wording" in (one.get("metadata") or {})]  # fmt: skip
            if own or others:
                topic = name.removeprefix("utter_")
                title = next(
                    (one["metadata"]["title"] for one in said if (one.get("metadata") or {}).get("title")), topic
                )
                yield Item(f"answer:{topic}", f"The answer “{title}”", "\n\nor\n\n".join([*own, *others]))


def _wordings(files: Mapping[str, bytes]) -> Iterable[Item]:
    for one in plain(files["content/wordings.yml"]).get("wordings") or []:
        if not one["id"].startswith(UNSIGNED_WORDINGS):
            yield Item(f"wording:{one['id']}", f"The wording “{wording_name(one['id'])}”", one["text"].strip())


def _lines(files: Mapping[str, bytes]) -> Iterable[Item]:
    """Patients read the cited lines below an answer."""
    for section in plain(files["content/document.yml"]).get("sections") or []:
        for line in section["lines"]:
            yield Item(f"line:{line['id']}", f"The document's line “{line['id']}”", line["text"].strip())


def _signs(files: Mapping[str, bytes]) -> Iterable[Item]:
    """Every group of patterns and every rule by itself; each list of words as one."""
    for path, word in ((FLAGS, "sign"), (CONTEXT, "rule")):
        for key, value in plain(files[path]).items():
            if key in HEADS:
                continue
            if isinstance(value, list):
                for one in value:
                    title = f"The warning sign “{one['id']}”" if word == "sign" else f"The rule “{one['id']}”"
                    yield Item(f"{word}:{one['id']}", title, _as_text(one))
            else:
                yield Item(f"{word}s:{key}", f"The list “{key}” of {path.rpartition('/')[2]}", _as_text(value))


def _as_text(node: Any) -> str:
    """A node as it is signed: names of reviewers and dates left out, keys in their order."""
    if not isinstance(node, dict):
        return node.strip() if isinstance(node, str) else json.dumps(node, ensure_ascii=False, indent=1, default=str)
    kept = {key: value for key, value in node.items() if key not in HEADS}
    return "\n".join(
        f"{key}: {value}" if not isinstance(value, list) else "\n".join([f"{key}:", *(f"- {one}" for one in value)])
        for key, value in kept.items()
    )


def _time(written: Any) -> datetime:
    if isinstance(written, datetime):
        return written.replace(tzinfo=None)
    return datetime.strptime(re.sub(r"Z$", "", str(written)), "%Y-%m-%dT%H:%M:%S")
