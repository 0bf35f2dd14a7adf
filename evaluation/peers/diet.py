"""Rasa's default NLU pipeline (DIET) on the same sentences, trained and asked through Rasa's own interface.

The training runs in a process of its own, so that the memory of the process that answers is a server's and not a
trainer's. Two parts are left out: ResponseSelector answers nothing that is asked here, FallbackClassifier hides the
score.
"""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from evaluation.peers import Answer, Options

ABOUT = "Rasa's default pipeline; score = DIET's confidence in the likeliest topic"
LEFT_OUT = ("ResponseSelector", "FallbackClassifier")
MODEL = "diet"


def version() -> str:
    from importlib.metadata import version as installed

    return f"rasa {installed('rasa')}, tensorflow {installed('tensorflow-cpu')}"


def train(texts: Sequence[str], labels: Sequence[str], options: Options) -> Diet:
    names = write_project(options.work, texts, labels, options.epochs)
    start = time.perf_counter()
    subprocess.run([sys.executable, "-m", "evaluation.peers.diet", str(options.work)], check=True)
    seconds = time.perf_counter() - start

    from rasa.core.agent import Agent

    agent = Agent.load(str(options.work / f"{MODEL}.tar.gz"))
    return Diet(agent, names, options.out, seconds)


@dataclass
class Diet:
    """A loaded Rasa model; `names` maps Rasa's intent names back to labels."""

    agent: Any
    names: dict[str, str]
    out: str | None
    seconds: float

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        return asyncio.run(self._predict(texts))

    async def _predict(self, texts: Sequence[str]) -> list[Answer]:
        answers = []
        for text in texts:
            start = time.perf_counter()
            parsed = await self.agent.parse_message(text)
            ms = (time.perf_counter() - start) * 1000
            ranking = [(self.names.get(item["name"], ""), item["confidence"]) for item in parsed["intent_ranking"]]
            score = next((confidence for name, confidence in ranking if name != self.out), 0.0)
            answers.append(Answer(ranking[0][0] if ranking else "", float(score), ms))
        return answers

    def memory_mb(self) -> float:
        return psutil.Process().memory_info().rss / 1e6

    def training_seconds(self) -> float | None:
        return self.seconds


def write_project(folder: Path, texts: Sequence[str], labels: Sequence[str], epochs: int) -> dict[str, str]:
    """Write config.yml, domain.yml and nlu.yml; return Rasa's intent names with the labels that they stand for.

    A "/" in an intent name would make it a retrieval intent, which DIET sees without its second half; so labels get
    plain names here, and DIET is asked the whole question.
    """
    from ruamel.yaml import YAML

    known = {label: f"intent_{number}" for number, label in enumerate(dict.fromkeys(labels))}
    groups: dict[str, list[dict[str, str]]] = {name: [] for name in known.values()}
    for text, label in zip(texts, labels, strict=True):
        groups[known[label]].append({"text": one_line(text)})
    pipeline = [part for part in default_config(epochs)["pipeline"] if part["name"] not in LEFT_OUT]
    yaml = YAML()
    for name, data in {
        "config.yml": {"recipe": "default.v1", "assistant_id": MODEL, "language": "en", "pipeline": pipeline},
        "domain.yml": {"version": "3.1", "intents": list(groups)},
        "nlu.yml": {"version": "3.1", "nlu": [{"intent": n, "examples": e} for n, e in groups.items()]},
    }.items():
        with (folder / name).open("w", encoding="utf-8") as file:
            yaml.dump(data, file)
    return {name: label for label, name in known.items()}


def default_config(epochs: int = 100) -> dict[str, Any]:
    """The pipeline and policies that Rasa itself takes when a project names none, with other epochs on request."""
    from ruamel.yaml import YAML

    package = importlib.util.find_spec("rasa").submodule_search_locations[0]
    config = YAML(typ="safe").load(Path(package, "engine/recipes/config_files/default_config.yml"))
    for part in config["pipeline"] + config["policies"]:
        if "epochs" in part:
            part["epochs"] = epochs
    return config


def one_line(text: str) -> str:
    """A message as Rasa's training format can hold it: no line breaks and no entity marks."""
    return " ".join(text.split()).replace("[", "(").replace("]", ")") or "-"


def train_project(folder: Path) -> None:
    """Train the project that `write_project` wrote; Rasa shows the epochs on standard error."""
    from rasa.model_training import train_nlu

    train_nlu(
        str(folder / "config.yml"),
        str(folder / "nlu.yml"),
        str(folder),
        fixed_model_name=MODEL,
        domain=str(folder / "domain.yml"),
    )


if __name__ == "__main__":
    train_project(Path(sys.argv[1]))
