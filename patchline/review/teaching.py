"""A decision as edits of the workspace's files. Pure on files by path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from patchline.review.names import OUT_OF_SCOPE, WHAT_IF
from patchline.workspace import STAFF_TESTS
from patchline.workspace.examples import same_words, with_examples
from patchline.workspace.staff_tests import StaffTest, with_test
from patchline.workspace.topics import Topic, topics_of

SIGNS = {tier: f"red_flag/{tier}" for tier in ("clinic", "emergency", "crisis")}
# Answers to questions of the bot, and what is found by rules; "not for us" has a button of its own.
NEVER = ("affirm", "deny", "give_details", "several_questions", "spanish", "check", "feedback_negative", OUT_OF_SCOPE)


class NotTaught(Exception):
    """It cannot be taught; the message is a sentence for people."""


def choices(files: Mapping[str, bytes]) -> list[Topic]:
    """What a message may be taught as, by title."""
    asked = (one for one in topics_of(files) if one.kind != "button" and one.id not in NEVER)
    wanted = [one for one in asked if (one.kind != "safety" or one.id == WHAT_IF) and not one.id.startswith("ask_")]
    return sorted(wanted, key=lambda one: one.title.casefold())


def title_of(files: Mapping[str, bytes], topic: str) -> str:
    return next((one.title for one in topics_of(files) if one.id == topic), topic)


def edits(files: Mapping[str, bytes], topic: str, examples: Sequence[str], tests: Sequence[str]) -> dict[str, str]:
    """For `Workspace.save`: the topic's file with more examples, and the file of tests with more tests.

    Raises `NotTaught` for an unknown topic, for a sentence that another topic has already, and for a test that asks
    what is taught: it would say nothing.
    """
    all_topics = topics_of(files)
    one = next((found for found in all_topics if found.id == topic), None)
    if one is None:
        raise NotTaught(f"there is no topic {topic!r}; it may have been removed meanwhile")
    for sentence in examples:
        _check_elsewhere(sentence, one, all_topics)
    for sentence in tests:
        if any(same_words(example) == same_words(sentence) for example in (*one.examples, *examples)):
            raise NotTaught(f"“{sentence}” is taught already; a test of it would say nothing")
    made: dict[str, str] = {}
    if examples:
        made[one.file] = with_examples(files[one.file].decode(), topic, add=examples, path=one.file)
    text = files[STAFF_TESTS].decode() if STAFF_TESTS in files else None
    for sentence in tests:
        text = made[STAFF_TESTS] = with_test(text, StaffTest(sentence, topic))
    return {path: text for path, text in made.items() if path not in files or text.encode() != files[path]}


def _check_elsewhere(sentence: str, topic: Topic, all_topics: Sequence[Topic]) -> None:
    words = same_words(sentence)
    for other in all_topics:
        if other.id != topic.id and any(same_words(example) == words for example in other.examples):
            raise NotTaught(
                f"“{sentence}” is taught as “{other.title}” already. Take it out there first, or choose that topic."
            )
