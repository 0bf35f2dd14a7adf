"""Answers as patients read them: facts filled in, buttons titled, numbers that dial."""

import pytest
from rasa.shared.core.domain import Domain

from patchline.nlu.nlg import ContentNLG

DOMAIN = Domain.from_dict(
    {
        "responses": {
            "utter_faq/relief": [
                {"text": "Call {line} or {emergency}.\n", "metadata": {"title": "Relief", "sources": ["after-1"]}}
            ],
            "utter_greet": [{"text": "Hello from {clinic}", "metadata": {"next": ["faq/relief"]}}],
            "utter_again_relief": [{"text": "-", "metadata": {"same_as": "faq/relief"}}],
            "utter_hurt": [{"text": "You said {word}, {unknown}", "metadata": {"topic": "fallback"}}],
        }
    }
)


@pytest.fixture
def nlg(monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    return ContentNLG(domain=DOMAIN)


def said(nlg, name, **slots):
    return nlg.generate_from_slots(name, slots, "patchline")


def test_the_clinics_facts_are_filled_in(nlg):
    assert said(nlg, "utter_greet")["text"] == "Hello from Parkview Spine & Pain"


def test_every_number_in_a_text_is_also_a_link_that_dials(nlg):
    assert [link["href"] for link in said(nlg, "utter_faq/relief")["metadata"]["links"]] == [
        "tel:+12025550142",
        "tel:911",
    ]


def test_topics_offered_next_are_buttons_with_their_human_titles(nlg):
    assert said(nlg, "utter_greet")["buttons"] == [{"title": "Relief", "payload": "/faq/relief"}]


def test_the_topic_is_the_responses_name_unless_it_is_given(nlg):
    assert said(nlg, "utter_faq/relief")["metadata"]["topic"] == "faq/relief"
    assert said(nlg, "utter_hurt", word="x")["metadata"]["topic"] == "fallback"


def test_a_follow_up_answer_is_the_answer_of_its_topic(nlg):
    assert said(nlg, "utter_again_relief") == said(nlg, "utter_faq/relief")


def test_a_slot_with_curly_brackets_is_not_read_as_a_placeholder(nlg):
    assert said(nlg, "utter_hurt", word="{line}")["text"] == "You said {line}, {unknown}"


def test_an_unknown_response_is_nothing(nlg):
    assert said(nlg, "utter_nothing") is None
