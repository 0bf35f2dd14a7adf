"""Reads the answers of the Rasa project for the tests: every response with the file that it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from patchline import content

ROOT = Path(__file__).parent.parent
WORDINGS = content.read_wordings(ROOT / "content" / "wordings.yml")


@dataclass(frozen=True)
class Answer:
    topic: str
    file: str
    text: str
    metadata: dict


def files() -> list[Path]:
    return [ROOT / "domain.yml", *sorted((ROOT / "data").rglob("*.yml"))]


def answers() -> list[Answer]:
    """Every response of the project, one per variation; aliases (`same_as`) have no wording of their own."""
    found = []
    for file in files():
        responses = YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("responses") or {}
        for name, variations in responses.items():
            for variation in variations:
                metadata = variation.get("metadata") or {}
                if "same_as" not in metadata:
                    text = WORDINGS[metadata["wording"]] if "wording" in metadata else variation["text"]
                    topic = name.removeprefix("utter_")
                    found.append(Answer(topic, str(file.relative_to(ROOT)), text, metadata))
    return found


def examples() -> dict[str, list[str]]:
    """Training sentences by full intent."""
    found: dict[str, list[str]] = {}
    for file in files():
        for item in YAML(typ="safe").load(file.read_text(encoding="utf-8")).get("nlu") or []:
            lines = [line.removeprefix("- ").strip() for line in item["examples"].splitlines() if line.strip()]
            found.setdefault(item["intent"], []).extend(lines)
    return found
