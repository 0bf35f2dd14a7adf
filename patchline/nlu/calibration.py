"""One probability of a warning sign, from what the sign model and the rules say.

The training folder is full of warning signs, and a model has its own sentences by heart: what it says of them says
nothing about patients. So messages that nothing was learnt from weigh the evidence (the open halves of
evaluation/strata), counted as messages come: of a hundred, about two tell of a warning sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from patchline.nlu.sign_model import SignReading
from patchline.safety.model import SOFT, Detection

PRIOR = 0.02  # of messages that tell of a warning sign; see the aims of docs/decisions/0010
# How harmless messages are made up: most ask, many react, few are near to a sign.
TRAFFIC = {"plain": 0.25, "real": 0.35, "everyday": 0.25, "forms": 0.05, "pairs": 0.1}
STRENGTH = 1.0  # inverse regularisation
FEATURES = ("meaning", "words", "rules", "weak rules", "lowered")
LEAST = 1e-4  # a view is never quite sure


@dataclass(frozen=True)
class Calibration:
    """`weights` of `FEATURES` and the `bias`, in natural log odds."""

    weights: tuple[float, ...]
    bias: float

    def probability(self, reading: SignReading, detection: Detection) -> float:
        """How likely a message tells of a warning sign that is there now."""
        return self.as_probability(self.odds(reading, detection))

    @staticmethod
    def as_probability(odds: float) -> float:
        """
        >>> Calibration.as_probability(0.0)
        0.5
        """
        return 1 / (1 + float(np.exp(-odds)))

    def odds(self, reading: SignReading, detection: Detection) -> float:
        return float(np.dot(self.weights, features(reading, detection)) + self.bias)


def features(reading: SignReading, detection: Detection) -> list[float]:
    """The evidence in the order of `FEATURES`: log odds of both views, and what the rules see."""
    weak = detection.sure_tier is None and detection.tier is not None
    present = detection.tier is not None
    lowered = not present and any(flag.status in (*SOFT, "negated", "before_patch") for flag in detection.flags)
    return [*map(_log_odds, reading.none), float(detection.sure_tier is not None), float(weak), float(lowered)]


def _log_odds(none: float) -> float:
    none = min(max(none, LEAST), 1 - LEAST)
    return float(np.log((1 - none) / none))


def learn(evidence: Sequence[Sequence[float]], signs: Sequence[bool], strata: Sequence[str]) -> Calibration:
    """Weigh the evidence. `strata`: of each message, for its share of the traffic."""
    truth = np.array(signs)
    weights = np.empty(len(truth))
    for stratum in set(strata):
        rows = np.array([item == stratum for item in strata]) & ~truth
        weights[rows] = (1 - PRIOR) * TRAFFIC[stratum] / max(1, rows.sum())
    weights[truth] = PRIOR / max(1, truth.sum())
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit(
        np.array(evidence), truth, sample_weight=weights * len(truth)
    )
    return Calibration(tuple(map(float, fitted.coef_[0])), float(fitted.intercept_[0]))
