"""Shares of right answers with their interval, and percentiles; plain figures, no files."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """So many of so many were right. `low` and `high` bound the true share (95 %, Wilson).

    >>> Share(9, 10).share, round(Share(9, 10).low, 3)
    (0.9, 0.596)
    """

    right: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1; 1 where nothing was asked, since nothing was wrong."""
        return self.right / self.of if self.of else 1.0

    @property
    def low(self) -> float:
        return wilson(self.share, self.of)[0]

    @property
    def high(self) -> float:
        return wilson(self.share, self.of)[1]


def wilson(share: float, count: int, z: float = 1.959964) -> tuple[float, float]:
    """95 % interval of a share seen in `count` trials (Wilson 1927).

    >>> [round(bound, 3) for bound in wilson(0.9, 10)]
    [0.596, 0.982]
    """
    if count == 0:
        return 0.0, 1.0
    middle = share + z * z / (2 * count)
    spread = z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    base = 1 + z * z / count
    return max(0.0, (middle - spread) / base), min(1.0, (middle + spread) / base)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of the values do not exceed (nearest rank).

    >>> percentile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered) - 1e-9) - 1)]
