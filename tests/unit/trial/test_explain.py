"""What is gathered about one message, and how long somebody waits without a word."""

import io
import time

import numpy as np
import pytest

from patchline.nlu.calibration import Calibration
from patchline.nlu.sign_evidence import SignEvidence
from patchline.nlu.sign_model import SignReading
from patchline.safety.model import Detection
from patchline.trial import explain
from patchline.trial.explain import insight, nearest, saying
from patchline.trial.insight import Neighbour
from patchline.trial.pipeline import Steps

CALIBRATION = Calibration((1.0, 0.0, 0.0, 0.0, 0.0), 0.0)  # the view by meaning decides
WHOLE = SignReading((0.2, 0.6, 0.15, 0.05), (0.3, 0.6, 0.05, 0.05))
BARE = SignReading((0.1, 0.9, 0.0, 0.0), (0.6, 0.4, 0.0, 0.0))


def steps(*readings, language="en", **changes):
    evidence = SignEvidence(readings, (), CALIBRATION) if readings else None
    found = {"intent": "faq", "ranking": (("faq/symptoms", 0.9),), "topics": ("faq/symptoms",), "left_out": ()}
    decided = {"outcome": "raise", "reasons": ("sure",), "tier": "clinic", "answer": "red_flag/clinic"}
    return Steps(Detection("clinic", language=language), **found | decided | changes, evidence=evidence)


def told_of(found, text="my leg is numb"):
    return insight(text, (["Message:  …"], "by rules"), found, [])


def test_one_reading_is_told_as_the_models_have_it():
    signs = told_of(steps(WHOLE)).signs
    assert (signs.meaning, signs.words) == pytest.approx((0.8, 0.7))
    assert signs.together == pytest.approx(0.8)
    assert signs.shares == pytest.approx({"clinic": 0.75, "emergency": 0.1875, "crisis": 0.0625})


def test_the_same_reading_twice_is_one():
    assert told_of(steps(WHOLE, WHOLE)).signs.readings == 1


def test_of_several_readings_the_strongest_counts():
    signs = told_of(steps(WHOLE, BARE)).signs
    assert (signs.meaning, signs.words, signs.together) == pytest.approx((0.9, 0.7, 0.9))
    assert signs.shares["clinic"] == 1
    assert signs.readings == 2


def test_in_spanish_and_without_a_sign_model_nobody_else_has_a_word():
    spanish, unlearnt = told_of(steps(WHOLE, language="es")), told_of(steps())
    assert (spanish.signs, unlearnt.signs) == (None, None)
    assert "Spanish" in spanish.unseen
    assert "has learnt no warning signs" in unlearnt.unseen


def test_the_nearest_examples_come_nearest_first():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6]], np.float32)
    sentences = [("a", "faq/a"), ("b", "faq/b"), ("c", "faq/c"), ("d", "faq/d")]
    near = nearest(np.array([1, 0], np.float32), vectors, sentences)
    assert [item.text for item in near] == ["a", "d", "c"]
    assert near[1] == Neighbour("d", "faq/d", pytest.approx(0.8))


def test_what_takes_long_is_said_once_and_what_is_quick_is_not():
    out = io.StringIO()
    with saying("loading the model", out, patience=0.01):
        time.sleep(0.2)
    with saying("reading", out, patience=5):
        pass
    assert out.getvalue() == "loading the model …\n"


class Pipeline:
    """Stands in for a model: knows the encoders that it is given, and says the same of every message."""

    detector = None

    def __init__(self, archive, files, content, encoder):
        encoder(archive)

    def steps(self, text):
        return steps(WHOLE)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """The texts that each encoder saw: the one that remembers, and the other."""
    seen = {"kept": [], "typed": []}

    def encoder(name):
        class Encoder:
            def __init__(self, *_):
                pass

            def encode(self, texts):
                seen[name] += texts
                return np.ones((len(texts), 1), np.float32)

            def keep(self):
                seen[name].append("KEPT")

        return Encoder

    monkeypatch.setattr("patchline.nlu.vectors.KeptVectors", encoder("kept"))
    monkeypatch.setattr("patchline.nlu.encoder.Encoder", encoder("typed"))
    monkeypatch.setattr(explain, "Pipeline", Pipeline)
    monkeypatch.setattr(explain, "current", lambda settings: tmp_path)
    monkeypatch.setattr(explain, "parts", lambda text, detector: ([f"Message:  {text}"], "by rules"))
    monkeypatch.setattr(
        explain.sources, "sentences", lambda root: [("numb leg", "red_flag/clinic"), ("hola", "spanish")]
    )
    return seen


@pytest.fixture
def settings(tmp_path):
    return explain.Settings(var=tmp_path, models=tmp_path)


def test_the_encoder_that_remembers_never_sees_what_is_typed(asked, settings):
    told = explain.explainer(settings)("hi, my foot is numb")
    assert asked == {"kept": ["numb leg", "KEPT"], "typed": ["my foot is numb"]}
    assert '1.00  red_flag/clinic  "numb leg"' in told


def test_rasa_is_made_ready_where_there_is_a_model_and_not_for_the_rules(asked, settings, monkeypatch):
    called = []
    explain.explainer(settings, before_loading=lambda: called.append(1))
    monkeypatch.setattr(explain, "_ByRules", lambda *_: None)
    explain.explainer(settings, rules=True, before_loading=lambda: called.append(2))
    assert called == [1]


def test_a_slash_in_front_is_no_command_and_nothing_else_is_explained_by_the_rules(asked, settings):
    told = explain.explainer(settings)
    assert told("/faq/lie_flat").startswith("Message:  faq/lie_flat\n")
    assert "by the rules alone: there is nothing else to read." in told(" / ")
