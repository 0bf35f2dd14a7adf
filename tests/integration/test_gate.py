"""The clinical gate, on the current model."""

from evaluation import gate
from patchline import settings
from patchline.trial.pipeline import Pipeline


def test_the_model_passes_the_clinical_gate(archive):
    pipeline = Pipeline(archive, settings.ROOT, settings.ROOT / "content")
    results = gate.judge(gate.read_cases(gate.MESSAGES), pipeline.judge)
    known = gate.read_known(gate.KNOWN)
    found = gate.failures(results, known)
    assert not found, "\n".join([*found, gate.table(results), *gate.listing(results, known)])
