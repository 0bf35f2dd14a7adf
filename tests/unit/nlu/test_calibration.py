"""From what both views and the rules say to one probability."""

import math

import numpy as np
import pytest

from patchline.nlu import calibrating, calibration, strata
from patchline.nlu.calibration import PRIOR, TRAFFIC, Calibration, features, learn
from patchline.nlu.models import Models
from patchline.nlu.sign_evidence import PART_DOUBT, SignEvidence
from patchline.nlu.sign_model import SignReading
from patchline.safety.model import Detection, Flag
from tests.answers import ROOT
from tests.sentences import SIGNS, TOPICS, pairs

PLAIN = Calibration((1.0, 0.0, 0.0, 0.0, 0.0), 0.0)  # the view by meaning decides
NOTHING = Detection(None)


def flag(status="present", weak=False, tier="clinic"):
    return Flag("leg-numb", tier, "numb_weak", (0, 1), "x", status, None, weak)


def detection(*flags):
    present = [item.tier for item in flags if item.status == "present"]
    return Detection(present[0] if present else None, flags)


def reading(sign, words=0.5, tier="clinic"):
    """How likely each view sees a sign, all of it of one tier."""
    rest = [sign if name == tier else 0.0 for name in ("clinic", "emergency", "crisis")]
    return SignReading((1 - sign, *rest), (1 - words, words, 0.0, 0.0))


def test_the_evidence_is_the_log_odds_of_both_views_and_what_the_rules_see():
    odds = features(reading(0.8, 0.2), detection(flag()))
    assert odds == pytest.approx([math.log(4), -math.log(4), 1, 0, 0])


@pytest.mark.parametrize(
    ("flags", "rules"),
    [
        ([], [0, 0, 0]),
        ([flag()], [1, 0, 0]),
        ([flag(weak=True)], [0, 1, 0]),
        ([flag(), flag(weak=True)], [1, 0, 0]),
        ([flag("negated")], [0, 0, 1]),
        ([flag("hypothetical")], [0, 0, 1]),
        ([flag("history")], [0, 0, 1]),
        ([flag("other_person")], [0, 0, 1]),
        ([flag("before_patch")], [0, 0, 1]),
        ([flag("negated"), flag()], [1, 0, 0]),
    ],
)
def test_rules_are_sure_or_weak_or_lowered_or_silent(flags, rules):
    assert features(reading(0.5), detection(*flags))[2:] == rules


def test_no_view_is_ever_quite_sure():
    certain, never = features(reading(1.0, 0.0), NOTHING)[:2]
    assert 9 < certain < 10
    assert never == pytest.approx(-certain)


def test_the_weights_and_the_bias_make_one_probability():
    weighed = Calibration((1.0, 0.5, 2.0, 1.0, -1.0), -1.0)
    odds = math.log(4) + 0.5 * math.log(3) + 2 - 1
    assert weighed.probability(reading(0.8, 0.75), detection(flag())) == pytest.approx(1 / (1 + math.exp(-odds)))


def learnt(signs, harmless=400, sharp=0.9):
    """Learnt on messages of which the views are `sharp`, and wrong in one of eight; of every stratum the same share."""
    evidence = [features(reading(sharp if number % 8 else 1 - sharp), NOTHING) for number in range(signs)]
    evidence += [features(reading(1 - sharp if number % 8 else sharp), NOTHING) for number in range(harmless)]
    said = [list(TRAFFIC)[number % len(TRAFFIC)] for number in range(signs + harmless)]
    return learn(evidence, [True] * signs + [False] * harmless, said)


def test_a_sign_is_as_seldom_as_in_patients_messages_however_many_the_strata_have():
    few, many = learnt(signs=40), learnt(signs=400)
    said = reading(0.9)
    assert few.probability(said, NOTHING) == pytest.approx(many.probability(said, NOTHING), abs=0.01)
    # seven of eight signs and one of eight harmless messages look like this one
    assert few.probability(said, NOTHING) == pytest.approx(PRIOR * 7 / (PRIOR * 7 + (1 - PRIOR)), abs=0.05)


def test_harmless_messages_count_as_they_make_up_the_traffic():
    """Messages that look like signs: seldom ones raise the probability less than everyday ones."""
    quiet, loud = features(reading(0.1), NOTHING), features(reading(0.9), NOTHING)
    truth = [True] * 50 + [False] * 100
    often, seldom = (
        learn([loud] * 100 + [quiet] * 50, truth, ["forms"] * 50 + [first] * 50 + [second] * 50)
        for first, second in (("everyday", "forms"), ("forms", "everyday"))
    )
    assert seldom.probability(reading(0.9), NOTHING) > often.probability(reading(0.9), NOTHING)


def test_the_shares_of_the_traffic_are_of_strata_and_sum_to_one():
    assert sum(TRAFFIC.values()) == pytest.approx(1)
    assert set(TRAFFIC) <= set(strata.NAMES)


def test_of_several_readings_the_strongest_counts_and_its_tier():
    whole = reading(0.3), reading(0.9, tier="emergency")
    seen = SignEvidence(whole, (), PLAIN).seen(NOTHING)
    assert seen.probability == pytest.approx(0.9)
    assert seen.shares == pytest.approx({"clinic": 0, "emergency": 1, "crisis": 0})


def test_a_part_of_a_long_message_is_believed_less_than_the_whole():
    seen = SignEvidence((reading(0.1),), (reading(0.9),), PLAIN).seen(NOTHING)
    assert seen.probability == pytest.approx(1 / (1 + math.exp(PART_DOUBT - math.log(9))))
    assert 0.1 < seen.probability < 0.9


def test_the_words_of_any_reading_are_evidence():
    assert SignEvidence((reading(0.9, 0.1), reading(0.2, 0.4)), (), PLAIN).seen(NOTHING).words == pytest.approx(0.4)
    assert SignEvidence((reading(0.9, 0.1),), (reading(0.2, 0.6),), PLAIN).seen(NOTHING).words == pytest.approx(0.6)


def test_whether_a_message_asks_is_passed_on():
    evidence = SignEvidence((reading(0.2),), (), PLAIN)
    assert evidence.seen(NOTHING, question=True).question
    assert not evidence.seen(NOTHING).question


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Strata of a message or two each."""
    said = {
        "plain": ["none\tfaq/eating_drinking\t\tmay I drink tea before"],
        "real": ["none\tfaq/clothing\t\thello, do i wear my own shirt?", "clinic\t\t\tHi, my leg is numb"],
        "everyday": ["none\tthanks\t\tthanks a lot", "check\t\t\tsomething is not right"],
        "pairs": ["emergency\t\t\tyes. I can't pee at all", "none\t\t\tno numbness, I can pee"],
        "forms": ["none\t\tname\tCarol Jones"],
    }
    for name, rows in said.items():
        (tmp_path / f"{name}.tsv").write_text("\n".join([strata.HEADER, *rows]) + "\n")
    return tmp_path


def test_a_training_is_calibrated_on_the_open_strata_without_vague_messages_and_politeness(
    encoder, folder, monkeypatch
):
    models = Models.fit(*pairs(TOPICS, SIGNS), encoder)
    read, texts, truths = models.read, [], []
    monkeypatch.setattr(models, "read", lambda said: texts.extend(said) or read(said))
    learning = calibration.learn
    monkeypatch.setattr(calibration, "learn", lambda *given: truths.extend(given[1]) or learning(*given))
    calibrating.calibrate(models, ROOT / "content", folder)
    assert {"my leg is numb", "I can't pee at all", "Carol Jones"} < set(texts)
    assert not any("not right" in text for text in texts)
    assert truths == [text in ("my leg is numb", "I can't pee at all") for text in texts]
    assert len(models.calibration.weights) == len(calibration.FEATURES)
    assert np.isfinite([*models.calibration.weights, models.calibration.bias]).all()


def test_without_a_sign_model_there_is_nothing_to_calibrate(encoder, tmp_path):
    models = Models.fit(*pairs(TOPICS), encoder)
    calibrating.calibrate(models, ROOT / "content", tmp_path / "no such folder")
    assert models.calibration is None


def test_a_broken_stratum_stops_the_training_with_file_and_line(encoder, folder):
    (folder / "pairs.tsv").write_text(f"{strata.HEADER}\nnone\tonly three\tcolumns\n")
    with pytest.raises(ValueError, match=r"pairs\.tsv line 2"):
        calibrating.calibrate(Models.fit(*pairs(TOPICS, SIGNS), encoder), ROOT / "content", folder)
