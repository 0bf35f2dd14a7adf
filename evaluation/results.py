"""Results on disk: one JSON file a set and peer in `evaluation/results/`, kept in git so that a figure has a source."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluation import peers

FOLDER = Path(__file__).parent / "results"
GATE = "strata.patchline.json"  # not a peer's result but the gate's figures, see `by_half`


@dataclass(frozen=True)
class Result:
    """What was measured for one peer on one set."""

    set: str
    peer: str
    fingerprint: str  # of the data and the peer, see `fingerprint`
    version: str  # of the peer's libraries
    epochs: int
    machine: str
    measured: str  # day, UTC
    examples: int  # trained on
    training_s: float
    memory_mb: float  # of the process that answers
    p50_ms: float  # a message
    p95_ms: float
    scores: dict[str, Any]  # see `scores.all_scores`; `strata_set.scores` for the strata


def fingerprint(data_fingerprint: str, peer: str, epochs: int) -> str:
    """Changes when the data, the peer's libraries or product code, its module here, or the epochs change."""
    sources = [Path(peers.__file__).parent / f"{peer}.py"]
    sources += sorted(path for path in (Path(peers.__file__).parent / peer).glob("*") if path.is_file())
    digest = hashlib.sha256(f"{data_fingerprint}|{peers.load(peer).version()}|{epochs}".encode())
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def path_of(set_name: str, peer: str, folder: Path = FOLDER) -> Path:
    return folder / f"{set_name}.{peer}.json"


def read(set_name: str, peer: str, folder: Path = FOLDER) -> Result | None:
    """The stored result, or None when there is none."""
    path = path_of(set_name, peer, folder)
    return Result(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def read_all(folder: Path = FOLDER) -> list[Result]:
    """Every stored result of a set and peer, by file name."""
    paths = [path for path in sorted(folder.glob("*.*.json")) if path.name != GATE]
    return [Result(**json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def write(result: Result, folder: Path = FOLDER) -> None:
    """Store a result in place of an older one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = path_of(result.set, result.peer, folder)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
