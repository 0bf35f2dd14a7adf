"""The eyes of a small model: what a message asks, how near its examples came, and the sign that is raised now."""

import numpy as np
import pytest

from patchline import safety
from patchline.nlu import encoder as encoders
from patchline.nlu.calibration import Calibration
from patchline.nlu.models import Models
from patchline.review.picking import Told, pick
from patchline.review.sight import Sight
from tests.answers import ROOT
from tests.sentences import SIGNS, TOPICS, pairs

BY_MEANING = Calibration((4.0, 0.0, 0.0, 0.0, 0.0), 0.0)  # a small model is not sure of much
BY_RULES = Calibration((0.0, 0.0, 20.0, 0.0, 0.0), -10.0)
SURE = {"intent": "faq/activity", "confidence": 0.9}


@pytest.fixture(scope="module")
def rules():
    return safety.Detector(safety.load(ROOT / "content"))


@pytest.fixture(scope="module")
def sight_of(tmp_path_factory, rules):
    """`sight_of(calibration, signs)`: the eyes of a model that was saved and loaded again."""

    def sight_of(calibration=BY_MEANING, signs=SIGNS):
        folder = tmp_path_factory.mktemp("sight")
        encoders.build(folder, cache=ROOT / ".rasa" / "encoder")
        models = Models.fit(*pairs(TOPICS, signs), encoders.Encoder(folder))
        models.calibration = calibration
        models.save(folder)
        return Sight(folder, "a model", rules)

    return sight_of


@pytest.fixture(scope="module")
def sight(sight_of):
    return sight_of()


def test_it_sees_what_a_message_asks_and_its_vector(sight):
    seen = sight.see("can i eat before")
    assert seen.understanding.topics == ("faq/eating_drinking",)
    assert np.array_equal(seen.vector, sight.vectors(["can i eat before"])[0])


def test_a_training_example_is_as_near_as_can_be_and_one_out_of_scope_is_like_none(sight):
    assert sight.see("can i eat before").nearness == pytest.approx(1, abs=1e-5)
    assert sight.see("who won the match").nearness < 0.9


@pytest.mark.parametrize(
    ("text", "sign"),
    [("my leg is numb", "clinic"), ("I can't pee at all", "emergency"), ("may I have breakfast", None)],
)
def test_it_sees_the_sign_that_is_raised_now(sight, text, sign):
    assert sight.see(text).sign == sign


def test_what_the_rules_see_is_weighed_with_it(sight_of):
    by_rules = sight_of(BY_RULES)
    assert by_rules.see("my left leg is numb").sign is not None
    assert by_rules.see("no numbness at all").sign is None


def test_spanish_and_a_model_that_knows_no_signs_are_left_to_the_rules(sight, sight_of):
    assert sight.see("no puedo orinar desde ayer").sign == "emergency"
    assert sight.see("¿puedo comer antes del procedimiento?").sign is None
    knows_none = sight_of(None, {})
    assert knows_none.see("my left leg is numb").sign == "clinic"
    assert knows_none.see("may I have breakfast").sign is None


def test_a_sign_that_nobody_was_told_of_is_worth_a_look(sight):
    seen = sight.see("my leg is numb")
    assert pick(Told("my leg is numb", SURE, "faq/activity", None), 0.9, seen.sign).reasons == ("sign",)
