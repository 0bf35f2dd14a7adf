"""What the sign model sees in one message and its parts, ready for the rules' word on it."""

from __future__ import annotations

from dataclasses import dataclass

from patchline.nlu.calibration import Calibration
from patchline.nlu.decision import Seen
from patchline.nlu.sign_model import SignReading
from patchline.safety.model import TIERS, Detection

PART_DOUBT = 1.5  # log odds: a part of a long message is short, and so less certain


@dataclass(frozen=True)
class SignEvidence:
    """`whole`: the message, with and without a "yes." before it; `parts`: of a long message."""

    whole: tuple[SignReading, ...]
    parts: tuple[SignReading, ...]
    calibration: Calibration

    def seen(self, detection: Detection, question: bool = False) -> Seen:
        """What speaks for a warning sign, together with what the rules see in the message."""
        odds = [(self.calibration.odds(item, detection), item) for item in self.whole]
        odds += [(self.calibration.odds(item, detection) - PART_DOUBT, item) for item in self.parts]
        strongest, reading = max(odds, key=lambda pair: pair[0])
        return Seen(
            probability=self.calibration.as_probability(strongest),
            words=max(1 - item.none[1] for _, item in odds),
            shares={tier: reading.share(tier) for tier in TIERS},
            question=question,
        )
