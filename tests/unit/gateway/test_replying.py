"""Which tier and which words a message gets, by what the rules and Rasa say of it."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from patchline.database.schema import now
from patchline.escalation.parsed import RAISED
from patchline.gateway.dialogue import Answer, Utterance
from patchline.gateway.hearing import Heard
from patchline.gateway.messages import Messages
from patchline.gateway.records import Entry
from patchline.gateway.replying import Outcome, draft
from patchline.safety.model import Detection, Flag

MONDAY_NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
SUNDAY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
FAQ = Utterance("You will lie flat for a while.", "faq/lie_flat")


def detected(tier=None, weak=False, language="en", relative=False):
    flags = (Flag("some-sign", tier, "numb_weak", (0, 4), "numb", weak=weak),) if tier else ()
    return Detection(tier, flags, language=language, relative=relative)


def heard(detection=None, **more):
    detection = detection or detected()
    return Heard(Entry("m1", "text", None, now(), tier=detection.tier), detection, {"text": "text"}, **more)


def pressed(choice, tier, **more):
    return Heard(Entry("m1", "Yes", choice, now(), tier=tier), asked={"choice": choice}, **more)


def said(topic, text="Rasa's words.", looked=None):
    """`looked`: what both nets made of it; None for a model that knows nothing of warning signs."""
    return Outcome("answered", Answer((Utterance(text, topic),), {RAISED: looked}))


@pytest.fixture
def reply(content):
    def reply(heard, outcome, before=(), at=MONDAY_NOON):
        found = draft(heard, outcome, before, Messages(content), at)
        text = "\n".join(message["text"] for message in found.messages)
        hrefs = [link["href"] for message in found.messages for link in message["links"]]
        return SimpleNamespace(tier=found.tier, topic=found.topic, text=text, hrefs=hrefs, count=len(found.messages))

    return reply


@pytest.mark.parametrize(
    ("rules", "wording"),
    [("clinic", "red_flag/clinic/es"), ("clinic", "red_flag/emergency/they"), (None, "red_flag/crisis")],
)
def test_rasas_wording_stays_where_it_is_high_enough(reply, content, rules, wording):
    topic = "/".join(wording.split("/")[:2])
    found = reply(heard(detected(rules)), said(topic, content.wordings[wording]))
    assert (found.text, found.tier) == (content.wordings[wording], topic.partition("/")[2])


@pytest.mark.parametrize("rules", ["clinic", None])
@pytest.mark.parametrize("wording", ["red_flag/clinic", None])
def test_other_words_under_the_topic_of_a_warning_sign_are_replaced(reply, content, rules, wording):
    words = content.wordings[wording] if wording else "Two coffees for the price of one."
    found = reply(heard(detected(rules)), said("red_flag/emergency", words))
    assert (found.text, found.tier) == (content.wordings["red_flag/emergency"], "emergency")
    assert found.hrefs == ["tel:911", "tel:+12025550142"]


def test_rasas_wording_stays_also_while_the_clinic_is_closed(reply, content):
    closed = content.wording("red_flag/clinic/es", SUNDAY)
    assert closed != content.wordings["red_flag/clinic/es"]
    assert reply(heard(detected("clinic")), said("red_flag/clinic", closed), at=SUNDAY).text == closed


@pytest.mark.parametrize(
    ("rules", "topic"),
    [("emergency", "faq/lie_flat"), ("emergency", "red_flag/clinic"), ("crisis", "fallback"), ("clinic", None)],
)
def test_a_sign_of_the_rules_that_a_wrong_model_does_not_know_gets_its_wording_here(reply, rules, topic, content):
    found = reply(heard(detected(rules)), said(topic))
    assert (found.tier, found.topic) == (rules, f"red_flag/{rules}")
    assert found.text == content.wordings[f"red_flag/{rules}"]


def test_where_both_nets_have_looked_what_they_made_of_it_together_counts(reply):
    harmless = said("faq/lie_flat", looked={"tier": None, "source": None})
    assert reply(heard(detected("clinic")), harmless).tier is None
    raised = said("fallback", looked={"tier": "emergency", "source": "model"})
    assert reply(heard(), raised).topic == "red_flag/emergency"


@pytest.mark.parametrize(
    "text",
    ["my l<b>eg</b> is numb", "my leg is n&#117;mb", "my lеg is numb", "my l3g is numb", "n u m b leg", "ᴍʏ ʟᴇɢ"],
)
def test_in_a_text_that_the_model_cannot_read_the_rules_count_alone(reply, text):
    disguised = heard(detected("clinic"))
    disguised = replace(disguised, entry=replace(disguised.entry, text=text))
    assert reply(disguised, said("out_of_scope", looked={"tier": None, "source": None})).tier == "clinic"
    assert reply(disguised, said("fallback", looked={"tier": "emergency", "source": "model"})).tier == "emergency"


@pytest.mark.parametrize("text", ["my leg is numb 😢!?", "L4-L5, 7.5 mg, 10 am & more <3", "¿y mañana? – ça va"])
def test_plain_writing_is_legible(reply, text):
    plain = heard(detected("clinic"))
    plain = replace(plain, entry=replace(plain.entry, text=text))
    assert reply(plain, said("out_of_scope", looked={"tier": None, "source": None})).tier is None


@pytest.mark.parametrize("weak", [True, False])
def test_where_nobody_else_could_look_every_word_of_the_rules_counts(reply, weak):
    for outcome in (*map(Outcome, ("timeout", "refused", "error", "empty")), said("faq/lie_flat")):
        found = reply(heard(detected("clinic", weak=weak)), outcome)
        assert (found.tier, found.topic) == ("clinic", "red_flag/clinic")


def test_without_rasa_and_without_a_sign_there_is_the_line_in_the_patients_language(reply):
    english, spanish = reply(heard(), Outcome("timeout")), reply(heard(detected(language="es")), Outcome("refused"))
    assert english.text.startswith("Sorry, I can't answer")
    assert spanish.text.startswith("Lo siento")
    assert "tel:+12025550142" in english.hrefs
    assert "tel:+12025550142" in spanish.hrefs


@pytest.mark.parametrize(
    ("language", "relative", "key"),
    [("en", True, "/they"), ("es", False, "/es"), ("es", True, "/es/they")],
)
def test_the_wording_is_for_who_writes_and_in_their_language(reply, content, language, relative, key):
    found = reply(heard(detected("emergency", language=language, relative=relative)), Outcome("timeout"))
    assert found.text == content.wordings[f"red_flag/emergency{key}"]


def test_while_the_clinic_is_closed_the_wording_says_so(reply):
    opened = reply(heard(detected("clinic")), Outcome("timeout"))
    closed = reply(heard(detected("clinic")), Outcome("timeout"), at=SUNDAY)
    assert "closed" not in opened.text
    assert "closed" in closed.text


@pytest.mark.parametrize(
    ("before", "now_", "worded"),
    [
        ({"emergency"}, "clinic", "emergency"),
        ({"clinic"}, "emergency", "emergency"),
        ({"crisis"}, "clinic", "clinic"),
        ({"crisis"}, "emergency", "emergency"),
        ({"crisis", "emergency"}, "clinic", "emergency"),
        ({"emergency"}, "crisis", "crisis"),
    ],
)
def test_the_tier_never_falls_and_a_crisis_stands_for_itself(reply, before, now_, worded):
    for outcome in (said(f"red_flag/{now_}"), Outcome("timeout")):
        found = reply(heard(detected(now_)), outcome, before)
        assert (found.tier, found.topic) == (worded, f"red_flag/{worded}")
        if "crisis" in before:
            assert "tel:988" in found.hrefs


@pytest.mark.parametrize(
    ("before", "hrefs"),
    [
        ((), []),
        ({"clinic"}, ["tel:+12025550142"]),
        ({"emergency"}, ["tel:911", "tel:+12025550142"]),
        ({"crisis"}, ["tel:988", "tel:+12025550142"]),
        ({"crisis", "emergency"}, ["tel:988", "tel:911", "tel:+12025550142"]),
    ],
)
def test_after_an_escalation_every_reply_has_the_links_that_dial(reply, before, hrefs):
    assert reply(heard(), said("faq/lie_flat"), before).hrefs == hrefs


def test_the_number_to_call_first_is_the_first_link(reply):
    assert reply(heard(detected("emergency")), Outcome("timeout")).hrefs[0] == "tel:911"
    assert reply(heard(detected("crisis")), Outcome("timeout")).hrefs[0] == "tel:988"
    assert reply(heard(detected("clinic")), Outcome("timeout")).hrefs[0] == "tel:+12025550142"


def test_no_link_stands_twice(reply):
    found = reply(heard(detected("emergency")), Outcome("timeout"), {"emergency", "crisis"})
    assert len(found.hrefs) == len(set(found.hrefs))


def test_a_button_for_a_sign_is_one_also_when_it_has_expired_or_rasa_is_away(reply, content):
    for message, outcome in (
        (pressed("red_flag/emergency", "emergency"), Outcome("timeout")),
        (pressed("red_flag/emergency", "emergency", wording="choice_expired"), Outcome("local")),
    ):
        assert reply(message, outcome).text == content.wordings["red_flag/emergency"]
    assert reply(pressed("faq/x", None, wording="choice_expired"), Outcome("local")).tier is None


def test_a_flagged_message_that_is_too_long_gets_the_wording_first(reply, content):
    found = reply(heard(detected("clinic"), wording="too_long"), Outcome("local"))
    assert found.text.startswith(content.wordings["red_flag/clinic"])
    assert found.count == 2
    assert "too long" in found.text
