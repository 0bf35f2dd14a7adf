"""Messages that mean the same, by the model's own encoder. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

SAME = 0.68  # cosine from which two messages ask the same, or nearly; docs/review.md has figures
KEPT = np.float16


def grouped(new: Sequence[tuple[int, np.ndarray]], leaders: Mapping[int, np.ndarray]) -> dict[int, int]:
    """The group of each new message (id, unit vector): that of the leader that it is nearest to, if it is near enough,
    else one of its own, whose leader it is. Compared with leaders alone, so that a chain of small steps from one
    meaning to another makes no group.
    """
    ids, vectors = list(leaders), list(leaders.values())
    found: dict[int, int] = {}
    for message, vector in new:
        nearness = np.array(vectors) @ vector if vectors else np.zeros(0)
        if len(nearness) and nearness.max() >= SAME:
            found[message] = ids[int(nearness.argmax())]
        else:
            ids.append(message)
            vectors.append(vector)
            found[message] = message
    return found


def kept(vector: np.ndarray) -> bytes:
    """A vector as a table keeps it."""
    return vector.astype(KEPT).tobytes()


def unkept(data: bytes) -> np.ndarray:
    """The reverse of `kept`, float32."""
    return np.frombuffer(data, KEPT).astype(np.float32)
