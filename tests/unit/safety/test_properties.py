"""Whatever stands around a present sign and however it is typed, it is never silenced; no text is an error."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from patchline.safety.model import TIERS

FIXTURE_IS_FINE = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
SIGNS = st.sampled_from(
    [
        "my leg is numb",
        "I have a fever of 101",
        "I can't pee",
        "the headache came back after the patch",
        "my back pain is getting worse",
        "his speech is slurred",
        "I can't breathe",
        "I want to die",
        "numb between my legs",
        "no puedo mover las piernas",
    ]
)
HARMLESS = st.lists(
    st.sampled_from(
        [
            "Hello there",
            "Where can I park",
            "I have no fever of any kind",
            "What if it rains on Tuesday",
            "My mother had the same procedure years ago",
            "When can I shower",
            "Not to worry",
            "The nurse was kind",
            "Thank you so much",
            "Is that normal",
            "We run a small bakery",
            "My cousin is a patient of yours",
            "The headache is gone",
            "It was nothing",
            "Gracias",
            "If only I had known",
            "I never complain",
        ]
    ),
    max_size=4,
)
INVISIBLE = st.sampled_from(["", "\u200b", "\u200d", "\u00ad", "\u2060", "\ufeff", "\u202e"])
ENDS = st.sampled_from([". ", "! ", "? ", "... ", "; "])


@FIXTURE_IS_FINE
@given(sign=SIGNS, before=HARMLESS, after=HARMLESS, end=ENDS)
def test_harmless_sentences_around_a_present_sign_never_silence_it(detector, sign, before, after, end):
    message = end.join([*before, sign, *after])
    alone, among = detector.detect(sign).tier, detector.detect(message).tier
    assert alone
    assert among
    assert TIERS.index(among) >= TIERS.index(alone)


@FIXTURE_IS_FINE
@given(sign=SIGNS, data=st.data())
def test_case_and_invisible_characters_never_silence_a_sign(detector, sign, data):
    typed = "".join(
        data.draw(INVISIBLE) + (letter.upper() if data.draw(st.booleans()) else letter.lower()) for letter in sign
    )
    assert detector.detect(typed).tier == detector.detect(sign).tier


@FIXTURE_IS_FINE
@given(st.text(st.characters(codec=None, categories=None), max_size=300))
@example("my leg is numb " * 60)
@example("\ud800" * 50)
@example("'" * 300)
@example("1" * 300)
def test_no_text_makes_it_fall_over_and_every_span_lies_in_the_text(detector, text):
    reading = detector.read(text)
    for flag in reading.detection.flags:
        assert reading.text[slice(*flag.span)] == flag.words
        assert flag.words
