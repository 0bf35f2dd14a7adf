"""Custom actions, run as the action server runs them."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.answer_each import AnswerEach
from actions.did_you_mean import DidYouMean, choices

DOMAIN = {
    "responses": {
        "utter_faq/relief": [{"text": "…", "metadata": {"title": "How soon it helps"}}],
        "utter_faq/activity": [{"text": "…", "metadata": {"title": "Rest and activity"}}],
        "utter_greet": [{"text": "Hello"}],
    }
}
UNCLEAR = [{"event": "user"}, {"event": "action", "name": "action_did_you_mean"}]


def tracker(events=(), ranking=(), entities=()):
    message = {"intent_ranking": [{"name": name, "confidence": 0.1} for name in ranking], "entities": list(entities)}
    return Tracker("c1", {}, message, [*events, {"event": "user"}], False, None, {}, "action_listen")


def run(action, **state):
    dispatcher = CollectingDispatcher()
    action.run(dispatcher, tracker(**state), DOMAIN)
    return dispatcher.messages


def test_an_unclear_message_gets_the_nearest_topics_as_buttons_with_human_titles():
    (message,) = run(DidYouMean(), ranking=["faq/relief", "greet", "faq/activity"])
    assert message["response"] == "utter_did_you_mean"
    assert message["buttons"] == [
        {"title": "How soon it helps", "payload": "/faq/relief"},
        {"title": "Rest and activity", "payload": "/faq/activity"},
    ]


def test_the_second_unclear_message_in_a_row_gets_a_person():
    (message,) = run(DidYouMean(), events=UNCLEAR, ranking=["faq/relief"])
    assert message["response"] == "utter_not_understood"


def test_an_unclear_message_after_an_answer_gets_choices_again():
    answered = [{"event": "user"}, {"event": "action", "name": "utter_faq"}]
    (message,) = run(DidYouMean(), events=[*UNCLEAR, *answered], ranking=["faq/relief"])
    assert message["response"] == "utter_did_you_mean"


@pytest.mark.parametrize("ranking", [[], [{"name": "unknown", "confidence": 1}]])
def test_topics_without_a_title_are_never_offered(ranking):
    assert choices(ranking, DOMAIN["responses"]) == []


def test_each_question_gets_its_answer_in_the_order_of_asking():
    asked = [{"entity": "topic", "value": "faq/relief"}, {"entity": "topic", "value": "faq/activity"}]
    assert [item["response"] for item in run(AnswerEach(), entities=asked)] == [
        "utter_faq/relief",
        "utter_faq/activity",
    ]
