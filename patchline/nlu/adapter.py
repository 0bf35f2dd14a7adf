"""What the sentence encoder has learnt of this clinic's patients: low-rank changes to the published weights.

`adapter.safetensors` beside this module is made by `patchline adapt` (patchline/training/adapt.py) and is about a
megabyte. For a weight W of shape (out, in) it holds `<name>.down` (rank, in) and `<name>.up` (out, rank), and the
adapted weight is W + up @ down (LoRA: Hu et al. 2021, arXiv 2106.09685).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

ADAPTER = Path(__file__).with_name("adapter.safetensors")
DOWN, UP = ".down", ".up"


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


def write(changes: dict[str, np.ndarray], about: dict[str, str], path: Path = ADAPTER) -> None:
    """Store `<name>.down` and `<name>.up` in half precision, with `about` (how it was made) in the file's header."""
    save_file({name: value.astype(np.float16) for name, value in changes.items()}, path, metadata=about)
