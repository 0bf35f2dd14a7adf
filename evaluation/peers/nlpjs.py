"""NLP.js 4 (AXA), installed from its lock file into the cache and run by Node."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation.peers import Answer, Options
from evaluation.scores import OUT

ABOUT = "NLP.js with its own settings; score = 1 - the score of `None`, or the best intent's score"
FOLDER = Path(__file__).parent / "nlpjs"
UNCLEAR = "nlu_fallback"  # examples of unclear messages ("well", "the other one") cost NLP.js a third of its accuracy
NONE = "None"  # what NLP.js answers when no intent is likely enough
ANSWER = "=> "  # begins the lines that run.mjs means for us


class NodeMissing(Exception):
    """Node.js or npm is not installed."""


def version() -> str:
    lock = json.loads((FOLDER / "package-lock.json").read_text())
    return f"@nlpjs/basic {lock['packages']['node_modules/@nlpjs/basic']['version']}"


def train(texts: Sequence[str], labels: Sequence[str], options: Options) -> NlpJs:
    """Start Node, train and read the training's seconds. Raises `NodeMissing`."""
    modules = install(options.cache / "nlpjs")
    process = subprocess.Popen(
        ["node", str(FOLDER / "run.mjs")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=options.work
    )
    predictor = NlpJs(process)
    predictor.send({"modules": str(modules), "out": options.out})
    predictor.send([pair for pair in zip(texts, labels, strict=True) if pair[1] != UNCLEAR])
    predictor.seconds = predictor.receive()
    return predictor


@dataclass
class NlpJs:
    """A Node process that has been trained; it answers one list of messages and ends."""

    process: subprocess.Popen[str]
    seconds: float = 0.0
    megabytes: float = 0.0

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        self.send(list(texts))
        answers = [
            Answer(OUT if label == NONE else label, float(score), float(ms)) for label, score, ms in self.receive()
        ]
        self.megabytes = self.receive()
        self.process.stdin.close()
        self.process.wait(timeout=60)
        return answers

    def memory_mb(self) -> float:
        return self.megabytes

    def training_seconds(self) -> float | None:
        return self.seconds

    def send(self, value: object) -> None:
        self.process.stdin.write(json.dumps(value) + "\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        for line in self.process.stdout:
            if line.startswith(ANSWER):
                return json.loads(line.removeprefix(ANSWER))
            sys.stderr.write(line)  # NLP.js's log of its epochs
        raise RuntimeError(f"NLP.js ended with code {self.process.wait()} before it answered")


def install(folder: Path) -> Path:
    """`npm ci` into `folder`, unless the same lock is installed there already; the file to resolve modules from."""
    if not (shutil.which("node") and shutil.which("npm")):
        raise NodeMissing("NLP.js needs Node.js 18 or later and npm")
    lock = (FOLDER / "package-lock.json").read_bytes()
    stamp = folder / "installed.json"
    if not stamp.exists() or stamp.read_bytes() != lock:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / name, folder / name)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        stamp.write_bytes(lock)
    return folder / "package.json"
