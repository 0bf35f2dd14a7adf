"""The clinical gate, on the current model."""

from evaluation import halves
from patchline import settings
from patchline.trial import by_stratum, invariance
from patchline.trial.examine import outcome
from patchline.trial.pipeline import Pipeline

SHORT = 8  # words: a short message is outweighed most easily


def test_the_model_passes_the_clinical_gate(archive):
    pipeline = Pipeline(archive, settings.ROOT, settings.ROOT / "content")
    lines = halves.opened()
    outcomes = {line.text: outcome(pipeline.read(line.text)) for line in lines}
    found = by_stratum.failures(by_stratum.figures(lines, outcomes))
    assert not found, "\n".join([*found, "`make gate WRONG=1` shows the messages"])


def test_politeness_around_a_sign_never_switches_the_alarm_off(archive):
    """Every short warning sign of every set that is raised alone is raised with politeness around it, too. Sealed ones
    are counted and not shown."""
    pipeline = Pipeline(archive, settings.ROOT, settings.ROOT / "content")
    shown = {line.text: True for line in halves.signs(halves.MESSAGES) if line.tier != "none"}
    texts = {line.text: False for line in halves.signs(halves.UNSEEN) if line.tier != "none"} | shown
    signs = [text for text in texts if len(text.split()) <= SHORT and pipeline.read(text).tier]
    assert len(signs) > 100
    lost = [
        f"{name}: {change(text) if texts[text] else '(sealed)'}"
        for text in signs
        for name, change in invariance.POLITE.items()
        if pipeline.read(change(text)).tier is None
    ]
    assert not lost, "\n".join(lost)
