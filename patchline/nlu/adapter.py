"""What the sentence encoder has learnt of this clinic's patients: low-rank changes to the published weights.

`adapter.safetensors` beside this module is made by `patchline adapt` (patchline/training/adapt.py) and is about a
megabyte. For a weight W of shape (out, in) it holds `<name>.down` (rank, in) and `<name>.up` (out, rank), and the
adapted weight is W + up @ down (LoRA: Hu et al. 2021, arXiv 2106.09685).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from patchline.nlu.heads import Head

ADAPTER = Path(__file__).with_name("adapter.safetensors")
DOWN, UP = ".down", ".up"
HEAD = "head."


def merge(weights: dict[str, np.ndarray], adapter: Path = ADAPTER) -> dict[str, np.ndarray]:
    """The weights with the adapter's changes. Raises `KeyError` for a weight that is not there."""
    changes = load_file(adapter)
    merged = dict(weights)
    for key in changes:
        if key.endswith(DOWN):
            name = key.removesuffix(DOWN)
            change = changes[name + UP].astype(np.float32) @ changes[key].astype(np.float32)
            merged[name] = weights[name].astype(np.float32) + change
    return merged


def head(name: str, adapter: Path = ADAPTER) -> Head | None:
    """The head of this name that was learnt together with the changes; None where there is none."""
    with safe_open(adapter, "numpy") as file:  # type: ignore[attr-defined]  # its stub leaves out that it has these
        if f"{HEAD}{name}.weight" not in file.keys():  # noqa: SIM118 (not a dict)
            return None
        weight, bias = (file.get_tensor(f"{HEAD}{name}.{part}").astype(np.float32) for part in ("weight", "bias"))
        return Head(json.loads(file.metadata()[f"{HEAD}{name}"]), weight, bias)


def write(changes: dict[str, np.ndarray], heads: dict[str, Head], about: dict[str, str], path: Path = ADAPTER) -> None:
    """Store `<name>.down` and `<name>.up` and the heads in half precision, with `about` (how it was made) in the file's
    header.
    """
    stored = dict(changes)
    about = dict(about)
    for name, item in heads.items():
        stored |= {f"{HEAD}{name}.weight": item.weight, f"{HEAD}{name}.bias": item.bias}
        about[f"{HEAD}{name}"] = json.dumps(item.names)
    save_file({name: value.astype(np.float16) for name, value in stored.items()}, path, metadata=about)
