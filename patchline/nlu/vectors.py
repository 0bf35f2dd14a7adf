"""Sentence vectors that are kept between trainings: the sentence that is new is encoded, the other 18,000 are read.

A vector depends on its sentence and the encoder alone (sentences are encoded one by one), so a kept one is the same,
bit by bit. The file is named after the encoder's graph, so another encoder never finds it. It holds training sentences
and messages of the tests as SHA-256, never what patients wrote: whoever asks about that does not `keep`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime

from patchline.nlu.encoder import CORES, GRAPH, MAX_TOKENS, WIDTH, Encoder

MOST = 60_000  # sentences in the file (about 95 MB); beyond, those that were not asked for this time are left out
DIGEST = 32  # bytes
PART = 200  # sentences that one core takes at a time


class KeptVectors:
    """An `Encoder` that remembers. `folder` holds the encoder's files, `cache` the remembered vectors.

    >>> encoder = KeptVectors(folder, Path(".rasa/encoder"))
    >>> encoder.encode(sentences).shape
    (18166, 384)
    >>> encoder.keep()
    """

    def __init__(self, folder: Path, cache: Path) -> None:
        self._encoder = Encoder(folder)
        self._path = cache / f"vectors.{version(folder)}.npz"
        self._known = _read(self._path)
        self._kept = len(self._known)
        self._asked: set[bytes] = set()

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        """As `Encoder.encode`: unit vectors, float32, shape (sentences, 384)."""
        digests = [hashlib.sha256(sentence.encode()).digest() for sentence in sentences]
        new = {key: text for key, text in zip(digests, sentences, strict=True) if key not in self._known}
        if new:
            self._known.update(zip(new, self._encoded(list(new.values())), strict=True))
        self._asked.update(digests)
        return np.array([self._known[key] for key in digests], np.float32).reshape(len(digests), WIDTH)

    def _encoded(self, sentences: list[str]) -> np.ndarray:
        parts = [sentences[start : start + PART] for start in range(0, len(sentences), PART)]
        with ThreadPoolExecutor(CORES) as pool:  # the encoder runs outside of Python's lock
            return np.concatenate(list(pool.map(self._encoder.encode, parts)))

    def keep(self) -> None:
        """Write what is remembered by now, in one step. Without room on the disk the next training takes longer."""
        if len(self._known) == self._kept:
            return
        known = self._known
        if len(known) > MOST:
            known = {key: vector for key, vector in known.items() if key in self._asked}
        partial = self._path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with open(partial, "wb") as file:
                    keys = np.frombuffer(b"".join(known), np.uint8).reshape(-1, DIGEST)
                    np.savez(file, keys=keys, vectors=np.array(list(known.values()), np.float32))
                partial.replace(self._path)
                self._kept = len(self._known)
            finally:
                partial.unlink(missing_ok=True)


def version(folder: Path) -> str:
    """Changes with everything that a vector depends on besides the sentence."""
    digest = hashlib.sha256((folder / GRAPH).read_bytes())
    digest.update(f"{onnxruntime.__version__} {MAX_TOKENS}".encode())
    return digest.hexdigest()[:12]


def _read(path: Path) -> dict[bytes, np.ndarray]:
    """What an earlier training has kept; nothing where the file is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            keys, vectors = stored["keys"], stored["vectors"]
        if vectors.shape != (len(keys), WIDTH) or vectors.dtype != np.float32:
            return {}
        return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}
