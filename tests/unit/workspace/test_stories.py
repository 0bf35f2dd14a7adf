"""Conversations: what the form can say is read and written; all the rest is left as it stands."""

import pytest

from patchline.settings import Settings
from patchline.workspace import Invalid, validity
from patchline.workspace import stories as S
from patchline.workspace.files import installed

FILES = installed(Settings())
TEXT = FILES[S.STORIES].decode()
ENGINEERS = """# of the engineer's
- story: with a form
  steps:
  - or:
    - intent: press_callback
    - intent: press_question
  - action: callback_form
  - active_loop: callback_form
- story: with a checkpoint
  steps:
  - checkpoint: somewhere
  - intent: greet
  - action: utter_greet
- story: another answer
  steps:
  - intent: greet
  - action: utter_help
"""


def files(text):
    found = {**FILES, S.STORIES: text.encode()}
    validity.check(found, [S.STORIES])
    return found


def by_name(found):
    return {story.name: story for story in S.stories(found)}


def test_the_shipped_stories_are_all_such_as_the_form_can_say():
    found = S.stories(FILES)
    assert found[0].turns == ("greet", "help", "thanks", "goodbye")
    assert all(story.turns for story in found)
    assert len({story.key for story in found}) == len(found)


def test_a_new_conversation_goes_to_the_end_and_is_read_again():
    text = S.with_story(FILES, "  The time: then\nhome ", ["greet", "faq/lie_flat", "thanks"])
    assert text.startswith(TEXT)
    assert text.removeprefix(TEXT) == (
        "- story: 'The time: then home'\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "  - intent: faq\n  - slot_was_set:\n    - topic: faq/lie_flat\n  - action: utter_faq\n"
        "  - intent: thanks\n  - action: utter_thanks\n"
    )
    assert by_name(files(text))["The time: then home"].turns == ("greet", "faq/lie_flat", "thanks")


def test_a_conversation_is_changed_and_removed_and_its_neighbours_keep_every_word():
    given = files(TEXT + ENGINEERS)
    was = by_name(given)["privacy"]
    before = TEXT[: TEXT.index("- story: privacy")]
    text = S.with_story(given, "privacy", ["greet"], was)
    assert text == f"{before}- story: privacy\n  steps:\n  - intent: greet\n  - action: utter_greet\n{ENGINEERS}"
    assert S.without_story(given, was) == before + ENGINEERS


def test_the_last_one_may_go_and_a_first_one_may_come():
    alone = files("version: '3.1'\nstories:\n- story: a\n  steps:\n  - intent: greet\n  - action: utter_greet\n")
    empty = files(S.without_story(alone, S.stories(alone)[0]))
    assert S.stories(empty) == []
    assert by_name(files(S.with_story(empty, "b", ["thanks"])))["b"].turns == ("thanks",)


def test_what_the_form_cannot_say_is_an_engineers():
    found = by_name(files(TEXT + ENGINEERS))
    assert [found[name].turns for name in ("with a form", "with a checkpoint", "another answer")] == [None] * 3
    assert found["with a form"].steps[0] == ("intent", "press_callback or press_question")


def test_only_topics_with_one_answer_can_be_chosen():
    known = S.sayable(FILES)
    assert {"faq/lie_flat", "not_covered/cost", "greet", "talk_to_person"} <= known.keys()
    assert not known.keys() & {"ask_how_long", "red_flag/clinic", "what_if", "spanish", "press_yes", "nlu_fallback"}


@pytest.mark.parametrize(
    ("name", "turns", "says"),
    [
        ("", ["greet"], "has a name"),
        ("x" * 81, ["greet"], "has a name"),
        ("Privacy", ["greet"], "already"),
        ("new", [], "1 to 6 turns"),
        ("new", ["greet"] * 7, "1 to 6 turns"),
        ("new", ["ask_how_long"], "no topic that always"),
        ("new", ["talk_to_person", "affirm"], "right after “Talk to a person” has an answer of its own"),
    ],
)
def test_what_would_not_hold_is_refused(name, turns, says):
    with pytest.raises(Invalid, match=says):
        S.with_story(FILES, name, turns)
