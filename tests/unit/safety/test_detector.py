import json

import pytest

from patchline.safety import detect
from patchline.safety.model import TIERS
from tests.unit.safety.sentences import (
    COLLOQUIAL,
    FALSE_FRIENDS,
    ORDINARY,
    PRESENT,
    PRESENT_IN_SPITE,
    SOFTENED,
    SPANISH,
    SPANISH_HARMLESS,
)


def pairs(groups):
    return [(key, sentence) for key, sentences in groups.items() for sentence in sentences]


@pytest.mark.parametrize(("expected", "sentence"), pairs(PRESENT))
def test_a_present_sign_raises_its_tier_and_category(detector, expected, sentence):
    detection = detector.detect(sentence)
    present = {flag.category for flag in detection.flags if flag.status == "present"}
    assert detection.sure_tier == expected[0]
    assert expected[1] in present
    assert not detection.what_if
    assert not detection.unclear


@pytest.mark.parametrize(("tier", "sentence"), pairs(COLLOQUIAL))
def test_dialect_euphemism_and_hurried_spelling_raise_the_tier(detector, tier, sentence):
    assert detector.detect(sentence).sure_tier == tier


@pytest.mark.parametrize(("tier", "sentence"), pairs(SPANISH))
def test_a_spanish_sign_raises_its_tier_and_is_known_as_spanish(detector, tier, sentence):
    detection = detector.detect(sentence)
    assert (detection.tier, detection.language) == (tier, "es")


@pytest.mark.parametrize("sentence", SPANISH_HARMLESS)
def test_a_harmless_spanish_message_is_not_flagged(detector, sentence):
    assert detector.detect(sentence).sure_tier is None


@pytest.mark.parametrize("sentence", ["my hed is poundin agin since the patch", "im shakin an sweatin, runnin a fever"])
def test_a_dropped_g_is_read_as_it_is_meant(detector, sentence):
    assert detector.detect(sentence).sure_tier == "clinic"


@pytest.mark.parametrize("sentence", ORDINARY)
def test_an_ordinary_message_is_neither_flagged_nor_asked_about(detector, sentence):
    detection = detector.detect(sentence)
    assert (detection.sure_tier, detection.what_if) == (None, False)


@pytest.mark.parametrize("sentence", FALSE_FRIENDS)
def test_a_false_friend_is_not_flagged(detector, sentence):
    assert detector.detect(sentence).sure_tier is None


@pytest.mark.parametrize("sentence", SOFTENED)
def test_a_sign_only_asked_about_past_or_somebody_elses_is_softened_not_silenced(detector, sentence):
    detection = detector.detect(sentence)
    assert (detection.sure_tier, detection.what_if) == (None, True)


@pytest.mark.parametrize("sentence", PRESENT_IN_SPITE)
def test_a_present_sign_counts_whatever_stands_beside_it(detector, sentence):
    assert detector.detect(sentence).tier is not None


@pytest.mark.parametrize(
    ("sentence", "tier"),
    [
        ("I have a fever and I can't pee", "emergency"),
        ("headache is back and I want to die", "crisis"),
        ("my toes tingle, and since an hour ago I can't move my legs", "emergency"),
        ("tengo fiebre y no puedo orinar", "emergency"),
    ],
)
def test_of_two_signs_the_worse_one_gives_the_tier(detector, sentence, tier):
    detection = detector.detect(sentence)
    assert detection.tier == tier
    assert len({flag.category for flag in detection.flags}) >= 2


@pytest.mark.parametrize(
    ("sentence", "relative"),
    [
        ("my wife's leg is numb", True),
        ("he can't pee", True),
        ("mi esposo no puede orinar", True),
        ("numb legs, my husband, since noon", True),
        ("my leg is numb", False),
        ("my husband says it's nothing but my leg is numb", False),
        ("numb legs", False),
        ("101.4 this morning, my husband says it's just a cold", False),
        ("my sister thinks I am silly but my toes tingle", False),
        ("my roommate says his balls are numb", True),
        ("I can't move my legs, can't even wiggle them", False),
        ("I nearly threw her at the wall", False),
        ("shook him a little, then I stopped", False),
        ("my wife says she wants to hurt the baby", True),
        ("me duele el pecho", False),
        ("no he podido orinar", False),
        ("mi hijo no puede respirar", True),
        ("sí, tengo fiebre ahora", False),
    ],
)
def test_a_message_for_somebody_else_is_known_as_such(detector, sentence, relative):
    detection = detector.detect(sentence)
    assert detection.tier
    assert detection.relative is relative


@pytest.mark.parametrize("sentence", ["fever", "Numb.", "help me please", "something isn't right", "I don't feel well"])
def test_alarming_but_vague_words_are_unclear_and_have_no_tier_of_their_own(detector, sentence):
    detection = detector.detect(sentence)
    assert detection.unclear or detection.tier == "clinic"


@pytest.mark.parametrize("sentence", ["numb", "please help me", "something feels very wrong"])
def test_a_vague_message_is_unclear(detector, sentence):
    detection = detector.detect(sentence)
    assert (detection.sure_tier, detection.unclear) == (None, True)


def test_unclear_is_not_said_beside_a_tier(detector):
    assert not detector.detect("something isn't right, my legs are numb").unclear


@pytest.mark.parametrize(
    "sentence",
    ["102.3", "temp 101", "fever of 39", "38,4 C", "103 and she is cold", "100.4 F", "it says 39.1 degrees", "39º"],
)
def test_a_fever_is_known_by_its_number(detector, sentence):
    assert detector.detect(sentence).tier == "clinic"


@pytest.mark.parametrize(
    "sentence",
    [
        "98.6",
        "my temp is 99.1",
        "38.5 weeks pregnant",
        "the bill was 103 dollars",
        "room 104",
        "I am 39",
        "101 questions",
    ],
)
def test_a_number_below_fever_or_with_another_unit_is_none(detector, sentence):
    assert detector.detect(sentence).sure_tier is None


@pytest.mark.parametrize(
    ("sentence", "tier"),
    [
        ("worst headache ever when I sit up, no patch yet", None),
        ("my head is splitting when I stand, better flat, had an epidural on Monday", None),
        ("stiff neck and nausea since the spinal tap, no patch yet", None),
        ("the headache is back, patch was Monday", "clinic"),
        ("worst headache ever, it came on suddenly", "emergency"),
        ("sudden worst headache of my life, no patch yet", "emergency"),
        ("no patch yet but my legs are numb", "clinic"),
    ],
)
def test_the_typical_spinal_headache_before_a_patch_is_no_flag_and_everything_else_is(detector, sentence, tier):
    assert detector.detect(sentence).sure_tier == tier


@pytest.mark.parametrize(
    "sentence",
    [
        "NUMB LEGS",
        "n\u200bu\u200bm\u200bb legs",
        "\u202enumb legs",
        "ｎｕｍｂ ｌｅｇｓ",
        "nυmb lеgs",  # Greek upsilon, Cyrillic e
        "<b>numb</b> legs",
        "/inform{numb legs}",
        "numb-legs!!!",
        "*numb* _legs_",
        "n\u0336umb\u0336 legs",
        "numb   \n\t legs",
    ],
)
def test_look_alikes_markup_and_invisible_characters_hide_nothing(detector, sentence):
    assert detector.detect(sentence).tier == "clinic"


@pytest.mark.parametrize(
    "sentence",
    [
        "i have feaver",
        "my toes are numbb",
        "tingeling in my foot",
        "hard to urinat",
        "my leg is tingeling",
        "i had a siezure",
        "im sucidal",
        "cant breath",
        "my headacke is back",
        "baaaaack again my headache is baaack",
        "shiverring all night",
        "my legs are paralised",
    ],
)
def test_misspellings_are_read_as_what_was_meant(detector, sentence):
    assert detector.detect(sentence).tier


@pytest.mark.parametrize(
    "sentence", ["it will never happen", "next week", "forever grateful", "I will be back", "the numbing"]
)
def test_common_words_are_not_taken_for_misspellings(detector, sentence):
    assert detector.detect(sentence).flags == ()


def test_the_span_of_a_flag_stands_on_its_words(detector):
    detection = detector.detect("hello\u200b,   my  leg is numb today")
    flag = detection.flags[0]
    assert flag.words == "leg is numb"
    assert "hello, my leg is numb today"[slice(*flag.span)] == flag.words


def test_the_record_of_a_detection_holds_no_word_of_the_patient(detector):
    record = detector.detect("my zebra leg is numb, what if I get a fever").to_json()
    assert "zebra" not in json.dumps(record)
    assert "words" not in json.dumps(record)
    assert record["tier"] == "clinic"
    assert {flag["status"] for flag in record["flags"]} == {"present", "hypothetical"}


@pytest.mark.parametrize("text", ["", " ", "?", "😢", "\u200b", "🙂🙂", "...", "1", "\x00", "…"])
def test_nothing_to_read_is_nothing_found(detector, text):
    detection = detector.detect(text)
    assert (detection.tier, detection.flags, detection.what_if, detection.unclear) == (None, (), False, False)


def test_the_shared_detector_reads_the_installed_content(detector):
    assert detect("my leg is numb") == detector.detect("my leg is numb")


def test_the_tiers_rise():
    assert TIERS == ("clinic", "emergency", "crisis")


@pytest.mark.parametrize(
    "sentence",
    [
        "n u m b l e g s",
        "my l-e-g-s are n.u.m.b",
        "n u m b   l e g s 😢",
        "nu<b>mb</b> legs",
        "numb<br>legs",
        "<p>numb</p><p>legs</p>",
        "<span style='color:white'>numb legs</span>",
        "numb&nbsp;legs",
        "n&#117;mb l&#x65;gs",
        "&lt;b&gt;numb legs&lt;/b&gt;",
        "<!-- hello -->numb legs",
        "ɴᴜᴍʙ ʟᴇɢꜱ",
        "n\u200eum\u200fb le\u2067gs",
        "😢numb🦵legs😢",
        "𝐧𝐮𝐦𝐛 𝓵𝓮𝓰𝓼",
        "ⓝⓤⓜⓑ legs",
        "numb l3gs",
    ],
)
def test_markup_entities_and_letters_spaced_out_hide_nothing(detector, sentence):
    detection = detector.detect(sentence)
    assert detection.sure_tier == "clinic"
    assert all(flag.words for flag in detection.flags)


@pytest.mark.parametrize("sign", ["my leg is numb", "I can't pee", "I want to die", "no puedo orinar"])
@pytest.mark.parametrize("noise", ["lorem ipsum dolor sit amet ", "🙂 ", "a1b2 ", "<i>x</i> ", "&amp; ", "???? ", "z "])
def test_a_thousand_characters_of_noise_around_a_sign_hide_nothing(detector, sign, noise):
    half = (noise * 500)[:490]
    alone = detector.detect(sign).sure_tier
    assert alone
    assert detector.detect(f"{half}. {sign}. {half}").sure_tier == alone


@pytest.mark.parametrize("sentence", ["I <3 you", "a < b & c > d", "R&B", "A B C D E F G", "1 < 2", "&&&", "<", "&#;"])
def test_what_only_looks_like_markup_is_read_as_it_stands(detector, sentence):
    assert detector.detect(sentence).tier is None


def test_the_words_of_a_flag_under_markup_are_the_text_as_it_was_written(detector):
    flag = detector.detect("so, nu<b>mb</b> legs today").flags[0]
    assert flag.words == "nu<b>mb</b> legs"
