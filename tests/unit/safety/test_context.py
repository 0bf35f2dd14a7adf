import pytest


def standing(detector, sentence, category):
    return [(flag.status, flag.rule) for flag in detector.detect(sentence).flags if flag.category == category]


@pytest.mark.parametrize(
    "sentence",
    [
        "no fever",
        "I don't have a fever",
        "without any fever",
        "no chills or fever",
        "no headache, chills or fever",
        "not running a temperature",
        "I have had no fever at all",
        "she doesn't have a fever",
        "no tengo fiebre",
        "sin fiebre",
    ],
)
def test_a_denied_fever_is_silent(detector, sentence):
    detection = detector.detect(sentence)
    assert (detection.tier, detection.what_if) == (None, False)


@pytest.mark.parametrize(
    "sentence",
    [
        "no headache but my leg is numb",
        "no fever now my leg is numb",
        "no fever, my leg is numb",
        "no fever and my leg is numb",
        "no fever. numb leg",
        "no headache though my leg is numb",
        "no my leg is numb",
        "not sure why my leg is numb",
        "no idea why but my leg is numb",
        "not only my back, my leg is numb",
        "no change, my leg is numb",
        "I have no clue, my leg is numb",
        "my leg is numb, no joke",
        "I don't know why my leg is numb",
        "no fiebre pero mi leg is numb",
    ],
)
def test_a_denial_ends_at_but_though_now_and_punctuation(detector, sentence):
    assert ("present", None) in standing(detector, sentence, "numb_weak")


@pytest.mark.parametrize(
    ("sentence", "category"),
    [
        ("can't pee", "bladder_bowel"),
        ("no feeling in my foot", "numb_weak"),
        ("not able to walk", "cannot_move_legs"),
        ("haven't peed since last night", "bladder_bowel"),
        ("can't feel my toes", "numb_weak"),
        ("no pee since noon", "bladder_bowel"),
        ("my leg won't do what I say", "numb_weak"),
        ("not a drop comes out when I pee", "bladder_bowel"),
        ("the headache won't go away, patch was Monday", "headache_back"),
        ("I don't want to live", "suicidal"),
    ],
)
def test_a_denial_that_is_the_sign_itself_lowers_nothing(detector, sentence, category):
    assert ("present", None) in standing(detector, sentence, category)


@pytest.mark.parametrize(
    ("sentence", "status"),
    [
        ("no numb legs", "negated"),
        ("what if my legs go numb", "hypothetical"),
        ("if my legs went numb would you see me", "hypothetical"),
        ("in case my legs go numb", "hypothetical"),
        ("could my legs go numb", "hypothetical"),
        ("should my legs go numb, what then", "hypothetical"),
        ("would numb legs be an emergency", "hypothetical"),
        ("suppose it fails and my legs go numb", "hypothetical"),
        ("my leg was numb ten years ago", "history"),
        ("had a numb leg in 2015", "history"),
        ("my leg was numb as a child", "history"),
        ("my leg was numb but that went away", "present"),  # after "but" somebody else may be meant: better ask
        ("my leg was numb and it went away", "history"),
        ("my leg was numb during the epidural", "history"),
        ("numb legs run in the family", "other_person"),
        ("my leg is numb", "present"),
        ("my leg was numb years ago and still is numb", "present"),
    ],
)
def test_the_words_around_a_sign_give_its_status(detector, sentence, status):
    assert status in {found for found, _ in standing(detector, sentence, "numb_weak")}


def test_the_headache_of_somebody_without_a_patch_is_before_the_patch(detector):
    found = standing(detector, "no patch yet, my headache is back since this morning", "headache_back")
    assert found == [("before_patch", "no-patch-yet")]


def test_better_like_before_the_patch_means_after_the_patch(detector):
    assert detector.detect("my headache is exactly the same as before the patch").tier == "clinic"


@pytest.mark.parametrize("sentence", ["if I want to die who do I call", "what if I kill myself", "could I kill myself"])
def test_a_crisis_is_never_taken_for_a_hypothetical(detector, sentence):
    assert detector.detect(sentence).tier == "crisis"


@pytest.mark.parametrize("sentence", ["I'm not suicidal", "no suicidal thoughts"])
def test_a_denied_crisis_is_silent(detector, sentence):
    assert detector.detect(sentence).tier is None


def test_a_lowered_flag_names_the_rule(detector):
    assert standing(detector, "no fever", "fever_infection") == [("negated", "no")]
    assert standing(detector, "what if I get a fever", "fever_infection") == [("hypothetical", "what-if")]


@pytest.mark.parametrize(
    ("sentence", "tier"),
    [
        ("no fever but a stiff neck", None),
        ("fever but no stiff neck", "clinic"),
        ("fever and a stiff neck", "emergency"),
        ("what if I get a fever with a stiff neck", None),
    ],
)
def test_a_sign_of_two_parts_needs_both(detector, sentence, tier):
    assert detector.detect(sentence).tier == tier


def test_a_resolved_sign_never_cancels_a_new_one(detector):
    detection = detector.detect("my left leg was numb and it went away but now my right leg is numb")
    assert [flag.status for flag in detection.flags] == ["history", "present"]
