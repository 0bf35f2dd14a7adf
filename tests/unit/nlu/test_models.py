"""Both models on one encoder: what is read, and that an archive gives it back."""

import json

import numpy as np
import pytest

from patchline.nlu.calibration import Calibration
from patchline.nlu.heads import SIGN_HEAD, TOPIC_HEAD, Head
from patchline.nlu.labels import SIGNS as CLASSES
from patchline.nlu.models import ARRAYS, FILE, Models
from tests.sentences import OTHERS, SIGNS, TOPICS, pairs

LEARNT = {name: texts for name, texts in OTHERS.items() if name in ("check", "several_questions")}
SAID = ("can i eat", "my left leg is numb", "I feel odd", "zzz qqq", "")


@pytest.fixture(scope="module")
def models(encoder):
    made = Models.fit(*pairs(TOPICS, SIGNS, LEARNT), encoder)
    made.calibration = Calibration((0.7, 0.3, 2.0, 0.5, -1.0), -0.4)
    return made


def test_a_warning_sign_is_no_topic_and_a_question_no_sign(models):
    assert models.topics.intents == sorted(TOPICS)
    leg, lunch = models.read(["my left leg is numb", "may I have lunch"])
    assert leg.sign.none[0] < 0.5 < lunch.sign.none[0]
    assert lunch.topic.intent == "faq/eating_drinking"


def test_several_texts_are_read_as_each_alone_and_in_their_order(models):
    for text, found in zip(SAID, models.read(SAID), strict=True):
        (alone,) = models.read([text])
        assert dict(found.topic.ranking) == pytest.approx(dict(alone.topic.ranking))
        assert found.sign.meaning == pytest.approx(alone.sign.meaning)
        assert found.sign.words == pytest.approx(alone.sign.words)


def test_several_texts_are_encoded_once(models, monkeypatch):
    asked, encode = [], models.topics.encoder.encode
    monkeypatch.setattr(models.topics.encoder, "encode", lambda texts: asked.append(list(texts)) or encode(texts))
    models.read(["a leg", "a lunch"])
    assert asked == [["a leg", "a lunch"]]


def test_a_button_may_name_every_topic_every_tier_the_check_and_several_questions(models, encoder):
    assert models.intents == {*TOPICS, *SIGNS, "check", "several_questions"}
    assert not any(name.startswith("red_flag/") for name in Models.fit(*pairs(TOPICS), encoder).intents)


def test_a_saved_model_reads_exactly_as_before(models, encoder, tmp_path):
    models.save(tmp_path / "new folder")
    again = Models.load(tmp_path / "new folder", encoder)
    for before, after in zip(models.read(SAID), again.read(SAID), strict=True):
        assert [name for name, _ in after.topic.ranking] == [name for name, _ in before.topic.ranking]
        assert dict(after.topic.ranking) == pytest.approx(dict(before.topic.ranking), abs=1e-6)
        assert after.topic.score == pytest.approx(before.topic.score, abs=1e-6)
        assert after.sign.meaning == pytest.approx(before.sign.meaning, abs=1e-6)
        assert after.sign.words == pytest.approx(before.sign.words, abs=1e-6)
    assert again.calibration == models.calibration
    assert again.intents == models.intents


def test_what_was_loaded_can_be_saved_again(models, encoder, tmp_path):
    models.save(tmp_path / "first")
    Models.load(tmp_path / "first", encoder).save(tmp_path / "second")
    first, second = (json.loads((tmp_path / name / FILE).read_text()) for name in ("first", "second"))
    assert first == second


def test_models_without_warning_signs_come_back_without(encoder, tmp_path):
    models = Models.fit(*pairs(TOPICS), encoder)
    models.save(tmp_path)
    again = Models.load(tmp_path, encoder)
    assert (again.signs, again.calibration) == (None, None)
    assert [item.sign for item in again.read(["my leg is numb", "can i eat"])] == [None, None]


def test_a_saved_model_holds_no_pickle_and_not_the_encoder(models, tmp_path):
    models.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [FILE, ARRAYS]
    with np.load(tmp_path / ARRAYS, allow_pickle=False) as stored:
        assert all(stored[name].dtype != object for name in stored.files)


def test_both_models_go_on_from_the_heads_that_the_encoder_was_taught_with(models, encoder):
    vector = encoder.encode(["a ringing in my ears"])[0]
    heads = {}
    for name, classes, mine in ((SIGN_HEAD, list(CLASSES), "emergency"), (TOPIC_HEAD, sorted(TOPICS), "faq/clothing")):
        weight = np.zeros((384, len(classes)))
        weight[:, classes.index(mine)] = 2 * vector
        heads[name] = Head(classes, weight, np.zeros(len(classes)))
    (found,) = Models.fit(*pairs(TOPICS, SIGNS), encoder, heads).read(["a ringing in my ears"])
    (before,) = models.read(["a ringing in my ears"])
    assert found.sign.share("emergency") > before.sign.share("emergency")
    assert dict(found.topic.ranking)["faq/clothing"] > dict(before.topic.ranking)["faq/clothing"]
