"""What short questions mean after an answer: rules are written as people write them, and nothing else is touched."""

import difflib

import pytest

from patchline.settings import Settings
from patchline.workspace import Invalid, validity
from patchline.workspace import follow_ups as F
from patchline.workspace.files import installed

FILES = installed(Settings())


def lines(edits, path=F.RULES):
    """The lines that went and came."""
    diff = list(difflib.ndiff(FILES[path].decode().splitlines(), edits[path].splitlines()))
    return [line[2:] for line in diff if line[0] == "-"], [line[2:] for line in diff if line[0] == "+"]


def meaning(edits, topic):
    files = {**FILES, **{path: text.encode() for path, text in edits.items()}}
    validity.check(files, list(edits))
    return {one.question: one.topic for one in F.follow_ups(files, topic)}


def test_the_kinds_of_short_questions_are_known_with_what_they_get_anywhere():
    found = F.questions(FILES)
    asked = ["ask_how_long", "ask_why", "ask_if_it_hurts", "ask_more", "ask_how_much", "ask_when", "ask_if_normal"]
    assert sorted(found) == sorted(asked)
    assert (found["ask_how_much"], found["ask_when"]) == ("not_covered/cost", "request_appointment")


def test_follow_ups_say_what_short_questions_mean_after_an_answer():
    found = {one.question: one.topic for one in F.follow_ups(FILES, "faq/ride_home")}
    assert found["ask_how_long"] == "faq/activity"


def test_a_rule_is_changed_in_its_place():
    edits = F.with_follow_ups(FILES, "faq/relief", {"ask_when": "faq/recovery"})
    assert lines(edits) == (
        ["- rule: '\"when?\" after relief: relief'", "  - action: utter_again_relief"],
        ["- rule: '\"when?\" after relief: recovery'", "  - action: utter_again_recovery"],
    )
    assert list(edits) == [F.RULES]


def test_a_new_rule_stands_before_what_holds_anywhere_and_its_answer_gets_a_name_where_it_has_none():
    edits = F.with_follow_ups(FILES, "faq/clothing", {"ask_more": "not_covered/risks"})
    gone, new = lines(edits)
    assert gone == []
    assert sorted(new) == sorted(
        [
            "- rule: '\"tell me more\" after clothing: not covered risks'",
            "  condition:",
            "  - slot_was_set:",
            "    - topic: faq/clothing",
            "  steps:",
            "  - intent: ask_more",
            "  - action: utter_again_not_covered_risks",
        ]
    )
    text = edits[F.RULES]
    assert text.index("after clothing") < text.index('"tell me more" after anything else')
    assert lines(edits, F.ANSWERED)[0] == []
    assert meaning(edits, "faq/clothing") == {"ask_more": "not_covered/risks"}


def test_an_answer_of_small_talk_needs_no_other_name():
    edits = F.with_follow_ups(FILES, "faq/clothing", {"ask_why": "talk_to_person"})
    assert "  - action: utter_talk_to_person" in lines(edits)[1]
    assert list(edits) == [F.RULES]
    assert meaning(edits, "faq/clothing") == {"ask_why": "talk_to_person"}


def test_nothing_special_takes_the_rule_away_and_what_stands_around_it_stays():
    noted = (
        FILES[F.RULES]
        .decode()
        .replace('- rule: \'"how long?" after relief', '# a note\n\n- rule: \'"how long?" after relief')
    )
    files = {**FILES, F.RULES: noted.encode()}
    text = F.with_follow_ups(files, "faq/duration", {"ask_how_long": ""})[F.RULES]
    assert text == noted.replace(
        noted[noted.index('- rule: \'"how long?" after duration') : noted.index("# a note")], ""
    )


def test_what_is_wanted_already_changes_nothing():
    now = {one.question: one.topic for one in F.follow_ups(FILES, "faq/lie_flat")}
    assert F.with_follow_ups(FILES, "faq/lie_flat", now) == {}
    assert F.with_follow_ups(FILES, "faq/clothing", {"ask_why": ""}) == {}


def test_an_engineers_rule_is_shown_and_never_changed():
    rule = (
        "- rule: two\n  condition:\n  - slot_was_set:\n    - topic: faq/clothing\n    - language: en\n"
        "  steps:\n  - intent: ask_why\n  - action: utter_again_relief\n"
    )
    files = {**FILES, F.RULES: FILES[F.RULES] + rule.encode()}
    assert F.follow_ups(files, "faq/clothing") == [F.FollowUp("ask_why", "faq/relief", None)]
    edits = F.with_follow_ups(files, "faq/clothing", {"ask_when": "faq/relief"})
    assert edits[F.RULES].endswith(rule)


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        ("faq/clothing", {"greet": "faq/relief"}),
        ("faq/clothing", {"ask_why": "faq/nothing"}),
        ("faq/clothing", {"ask_why": "../x"}),
        ("greet", {"ask_why": "faq/relief"}),
    ],
)
def test_a_question_or_a_topic_that_there_is_not_is_refused(topic, wanted):
    with pytest.raises(Invalid):
        F.with_follow_ups(FILES, topic, wanted)
