"""The data sets: training and test messages of each, in one shape.

`dev` is ours: trained on `data/`, tested on `evaluation/dev/questions.yml`; so is `strata`, tested on the messages of
`evaluation/strata_set.py`. The others are public and are read from the folder that PATCHLINE_BENCHMARKS names; a set
that needs it is skipped with a sentence when it is missing.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation import strata_set
from evaluation.messages import Message, questions, training_examples
from evaluation.scores import OUT
from patchline.nlu.labels import learnt

ROOT = Path(__file__).resolve().parent.parent
DEV = "dev"
DEV_SMALL = "dev25"  # the same questions after training on few examples: DIET's 100 epochs take minutes, not hours
SMALL = 25  # examples a topic, the fewest that we ask of staff
STRATA = "strata"
FEW_SHOT = {"banking77": "BANKING77", "clinc150": "CLINC150", "hwu64": "HWU64"}  # 10 examples an intent
HINT3 = ("curekart", "powerplay11", "sofmattress")  # version 1, full training set
TITLES = {
    DEV: "development set",
    DEV_SMALL: f"development set, {SMALL} examples a topic",
    **FEW_SHOT,
    **{name: f"HINT3 {name}" for name in HINT3},
    STRATA: "messages by stratum",
}
BY_RULE = ("several_questions", "spanish")  # recognised by rules; the product does not train on their examples either
NOT_IN_SCOPE = "NO_NODES_DETECTED"  # HINT3's label of a message that no intent answers


class SetMissing(Exception):
    """A set cannot be read here; the message says which and why."""


@dataclass(frozen=True)
class DataSet:
    """Messages to train on and messages to answer; `OUT` marks what is out of scope."""

    name: str
    train: tuple[Message, ...]
    test: tuple[Message, ...]

    @property
    def trained_out(self) -> bool:
        """True when out of scope is a label that peers are trained on (only our own data has examples of it)."""
        return any(message.label == OUT for message in self.train)

    @property
    def fingerprint(self) -> str:
        """Changes when any message or label changes, or their order."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def to_json(self) -> str:
        """Everything, for `from_json` in another process."""
        parts = {part: [[m.text, m.label] for m in getattr(self, part)] for part in ("train", "test")}
        return json.dumps({"name": self.name, **parts})


def from_json(text: str) -> DataSet:
    """What `DataSet.to_json` wrote."""
    data = json.loads(text)
    return DataSet(data["name"], *(tuple(Message(*pair) for pair in data[part]) for part in ("train", "test")))


def benchmarks_folder(env: Mapping[str, str] | None = None) -> Path:
    """Where the public sets are: PATCHLINE_BENCHMARKS, else ``../shared/benchmarks`` beside the checkout."""
    env = os.environ if env is None else env
    return Path(env.get("PATCHLINE_BENCHMARKS") or ROOT.parent / "shared" / "benchmarks")


def load(name: str, root: Path = ROOT, benchmarks: Path | None = None) -> DataSet:
    """One set by its name in `TITLES`. Raises `SetMissing`."""
    folder = benchmarks or benchmarks_folder()
    if name in (DEV, DEV_SMALL):
        train = _ours(name, root)
        chosen = fewest(train) if name == DEV_SMALL else train
        return DataSet(name, tuple(chosen), tuple(questions(root / "evaluation/dev/questions.yml")))
    try:
        if name == STRATA:
            return DataSet(name, tuple(_ours(name, root)), tuple(strata_set.messages(folder)))
        return _few_shot(name, folder) if name in FEW_SHOT else _hint3(name, folder)
    except FileNotFoundError as error:
        raise SetMissing(
            f"{TITLES[name]}: {error.filename} is missing; PATCHLINE_BENCHMARKS names the folder of the public sets"
        ) from error


def for_peer(data: DataSet, peer: str) -> DataSet:
    """The set as this peer is given it: few of the examples where all of them would take it days."""
    few = data.name == STRATA and peer in strata_set.FEW
    return replace(data, train=tuple(fewest(data.train))) if few else data


def peers_of(name: str, wanted: Sequence[str]) -> list[str]:
    """Those of the wanted peers that are measured on this set."""
    return [peer for peer in wanted if name != STRATA or peer in strata_set.PEERS]


def fewest(examples: Sequence[Message]) -> list[Message]:
    """`SMALL` examples of each topic, picked by the hash of their text, so that the choice is arbitrary but stays."""
    picked: dict[str, list[Message]] = {}
    for example in sorted(examples, key=lambda item: hashlib.sha256(item.text.encode()).digest()):
        picked.setdefault(example.label, []).append(example)
    return [example for group in picked.values() for example in group[:SMALL]]


def _ours(name: str, root: Path) -> list[Message]:
    """Our training examples, but those of messages that are recognised by rules and the words on buttons."""
    found = training_examples(root / "data")
    train = [example for example in found if example.label not in BY_RULE and learnt(example.label)]
    if not train:
        raise SetMissing(f"{TITLES[name]}: no training examples below {root / 'data'}")
    return train


def _few_shot(name: str, folder: Path) -> DataSet:
    """Sentences and labels in parallel files (the splits of Few-Shot-Intent-Detection).

    BANKING77 and CLINC150 hold the same 1,000 out-of-scope messages (CLINC150's); HWU64 has none, so the same are used.
    """
    base = folder / "fewshot" / FEW_SHOT[name]
    outside = base / "oos" if (base / "oos").is_dir() else folder / "fewshot" / "CLINC150" / "oos"
    test = _parallel_files(base / "test")
    test += [Message(message.text, OUT) for message in _parallel_files(outside / "test")]
    return DataSet(name, tuple(_parallel_files(base / "train_10")), tuple(test))


def _parallel_files(folder: Path) -> list[Message]:
    texts = (folder / "seq.in").read_text(encoding="utf-8").splitlines()
    labels = (folder / "label").read_text(encoding="utf-8").splitlines()
    return [Message(text.strip(), label.strip()) for text, label in zip(texts, labels, strict=True)]


def _hint3(name: str, folder: Path) -> DataSet:
    """Three shops' customers in their own words (Arora et al. 2020); most test messages are out of scope."""
    base = folder / "hint3" / "v1"
    train = _csv(base / "train" / f"{name}_train.csv")
    test = _csv(base / "test" / f"{name}_test.csv")
    return DataSet(name, tuple(train), tuple(test))


def _csv(path: Path) -> list[Message]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Message(row["sentence"], OUT if row["label"] == NOT_IN_SCOPE else row["label"]) for row in rows]
