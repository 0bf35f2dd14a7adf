"""Weighs the evidence for warning signs on the open halves of the strata, at the end of every training."""

from __future__ import annotations

from pathlib import Path

from patchline import safety
from patchline.nlu import calibration, strata
from patchline.nlu.models import Models
from patchline.safety.courtesies import without_courtesies
from patchline.safety.text import clean
from patchline.settings import ROOT

STRATA = ROOT / "evaluation" / "strata"


def calibrate(models: Models, content: Path, folder: Path = STRATA) -> None:
    """Set `models.calibration`; nothing to do without a sign model. Raises `ValueError` for a broken stratum."""
    if models.signs is None:
        return
    lines = [line for name in calibration.TRAFFIC for line in strata.read(folder, name) if line.tier != strata.VAGUE]
    detector = safety.Detector(safety.load(content))
    texts = [clean(line.text) for line in lines]
    readings = models.read([without_courtesies(text, answers=True) for text in texts])
    evidence = [
        calibration.features(reading.sign, detector.detect(text))
        for text, reading in zip(texts, readings, strict=True)
        if reading.sign
    ]
    models.calibration = calibration.learn(
        evidence, [line.tier != strata.NONE for line in lines], [line.stratum for line in lines]
    )
