"""The sign model: is there a warning sign now, and of which tier?"""

import numpy as np
import pytest

from patchline.nlu.heads import Head
from patchline.nlu.labels import SIGNS, is_topic, learnt, sign_shares
from patchline.nlu.sign_model import SignModel, SignReading
from patchline.nlu.sparse import Words
from tests.sentences import OTHERS, TOPICS, pairs
from tests.sentences import SIGNS as TAUGHT

TEXTS, INTENTS = pairs(TOPICS, TAUGHT, {"check": OTHERS["check"]})


def trained(encoder, texts, intents, start=None):
    words = Words.learn(texts)
    model = SignModel.fit(texts, intents, encoder.encode(texts), words, start)
    return lambda *said: model.read(encoder.encode(said), [words.features(text) for text in said])


@pytest.fixture(scope="module")
def read(encoder):
    return trained(encoder, TEXTS, INTENTS)


def test_both_views_tell_a_sign_from_a_question(read):
    leg, lunch = read("my left leg is numb", "may I have lunch before it")
    assert max(leg.none) < 0.5 < min(lunch.none)


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("my left leg is numb", "clinic"),
        ("I cannot pee", "emergency"),
        ("I would rather be dead, I want to die", "crisis"),
    ],
)
def test_the_largest_share_is_that_of_its_tier(read, text, tier):
    (found,) = read(text)
    assert max(SIGNS[1:], key=found.share) == tier
    assert sum(found.share(name) for name in SIGNS[1:]) == pytest.approx(1)


def test_each_view_has_a_probability_of_every_class_that_sum_to_one(read):
    for found in read("my leg", "zzz qqq", ""):
        for view in (found.meaning, found.words):
            assert len(view) == len(SIGNS)
            assert sum(view) == pytest.approx(1, abs=1e-5)


def test_a_share_is_by_meaning_of_what_speaks_for_a_sign():
    found = SignReading((0.6, 0.3, 0.1, 0.0), (0.0, 0.0, 0.0, 1.0))
    assert [found.share(tier) for tier in SIGNS[1:]] == pytest.approx([0.75, 0.25, 0])
    assert found.none == (0.6, 0.0)


def test_where_nothing_speaks_for_a_sign_no_tier_has_a_share():
    assert SignReading((1.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)).share("clinic") == 0


def test_a_vague_sentence_is_half_a_sign_by_meaning_and_teaches_the_words_nothing(encoder):
    vague = ["something is not right", "I feel odd", "it seems strange", "this is weird", "hmm not good"]
    texts, intents = pairs(TOPICS, TAUGHT)
    words = Words.learn([*texts, *vague])
    more = [*texts, *vague], [*intents, *["check"] * 5]
    without, with_vague = (
        SignModel.fit(*taught, encoder.encode(taught[0]), words, None) for taught in ((texts, intents), more)
    )
    vectors = encoder.encode(vague)
    before, after = (model.head.probabilities(vectors)[:, 0].mean() for model in (without, with_vague))
    assert abs(after - 0.5) < abs(before - 0.5)
    assert np.array_equal(with_vague.sparse.weight, without.sparse.weight)


def test_it_goes_on_from_the_head_that_the_encoder_was_taught_with(encoder):
    weight = np.zeros((384, 2))
    weight[:, 0] = 2 * encoder.encode(["there is a ringing in my ears"])[0]
    start = Head(["emergency", "none"], weight, np.zeros(2))
    said = "there is a ringing in my ears"
    (known,), (anew,) = trained(encoder, TEXTS, INTENTS, start)(said), trained(encoder, TEXTS, INTENTS)(said)
    assert known.share("emergency") > anew.share("emergency")


def test_a_clinic_that_has_kept_one_tier_can_be_trained(encoder):
    texts, intents = pairs(TOPICS, {"red_flag/clinic": TAUGHT["red_flag/clinic"]})
    leg, lunch = trained(encoder, texts, intents)("my leg is numb", "can i eat before")
    assert leg.none[1] < 0.5 < lunch.none[1]


@pytest.mark.parametrize(
    ("intent", "shares"),
    [
        ("red_flag/clinic", [0, 1, 0, 0]),
        ("red_flag/emergency", [0, 0, 1, 0]),
        ("faq/lie_flat", [1, 0, 0, 0]),
        ("several_questions", [1, 0, 0, 0]),
        ("what_if", [1, 0, 0, 0]),
        ("check", [0.5, 0.35, 0.15, 0]),
    ],
)
def test_every_intent_says_how_much_of_a_sign_it_is(intent, shares):
    assert sign_shares(intent) == shares


def test_signs_vague_messages_and_several_questions_teach_no_topic_and_spanish_and_buttons_nothing():
    assert [name for name in (*TOPICS, *TAUGHT, *OTHERS) if is_topic(name)] == list(TOPICS)
    assert [name for name in OTHERS if learnt(name)] == ["check", "several_questions"]
