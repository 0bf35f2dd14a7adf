"""Rasa's default project with Patchline's training data: what a clinic would have that follows Rasa's own start page.

Pipeline and policies are the ones that Rasa takes by itself; intents, examples, responses, rules and stories are ours.
The custom actions are replaced by a plain response, so that no action server slows this project down.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from evaluation.peers.diet import default_config
from patchline import content

STAND_IN = "utter_help"  # answers in place of a custom action


def write(root: Path, folder: Path, epochs: int) -> str:
    """Write the project to `folder`; return its fingerprint (files and Rasa's version)."""
    words = content.load(root / "content").clinic.placeholders
    (folder / "data").mkdir(parents=True, exist_ok=True)
    custom = set(_read(root / "domain.yml").get("actions", []))
    _dump(
        folder / "config.yml",
        {"recipe": "default.v1", "assistant_id": "default", "language": "en"}
        | {key: default_config(epochs)[key] for key in ("pipeline", "policies")},
    )
    _dump(folder / "domain.yml", plain_domain(_read(root / "domain.yml"), words))
    for path in sorted((root / "data").rglob("*.yml")):
        name = path.relative_to(root / "data").as_posix().replace("/", "_")
        _dump(folder / "data" / name, plain_data(_read(path), words, custom))
    (folder / "credentials.yml").write_text("rest:\n")
    (folder / "endpoints.yml").write_text("")
    digest = hashlib.sha256(f"rasa {version('rasa')}".encode())
    for path in sorted(folder.rglob("*.yml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def plain_domain(domain: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """The domain without custom actions and with the clinic's facts in the responses."""
    return {key: value for key, value in plain_data(domain, words, set()).items() if key != "actions"}


def plain_data(data: Mapping[str, Any], words: Mapping[str, str], custom: set[str]) -> dict[str, Any]:
    """A training file whose responses Rasa can send as they stand and whose rules and stories use no custom action."""
    plain = dict(data or {})
    if "responses" in plain:
        plain["responses"] = {
            name: [_plain_response(variant, words) for variant in variants]
            for name, variants in plain["responses"].items()
        }
    for kind in ("rules", "stories"):
        if kind in plain:
            plain[kind] = [
                {**item, "steps": [_plain_step(step, custom) for step in item["steps"]]} for item in plain[kind]
            ]
    return plain


def _plain_response(variant: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    """Text and buttons only: the REST channel sends no metadata."""
    kept = {key: value for key, value in variant.items() if key != "metadata"}
    return kept | ({"text": content.fill(kept["text"], words)} if "text" in kept else {})


def _plain_step(step: Mapping[str, Any], custom: set[str]) -> dict[str, Any]:
    return {**step, "action": STAND_IN} if step.get("action") in custom else dict(step)


def _read(path: Path) -> dict[str, Any]:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8")) or {}


def _dump(path: Path, data: Mapping[str, Any]) -> None:
    yaml = YAML()
    yaml.default_flow_style = False
    yaml.width = 4096
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(dict(data), file)
