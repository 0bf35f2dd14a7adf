"""`tests/messages.yml`: messages that staff saved as tests, and the topic that each must be understood as. Pure.

A model that fails one is not promoted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from patchline.workspace import yaml_text
from patchline.workspace.examples import as_example, same_words
from patchline.workspace.files import STAFF_TESTS
from patchline.workspace.validity import plain

NONE = (
    "# Messages that staff saved as tests, and the topic that each must be understood as.\n"
    "# A model that fails one of them is not promoted.\n"
    "messages: []\n"
)


@dataclass(frozen=True)
class StaffTest:
    """A message and the full intent that it has, e.g. `StaffTest("can i shower", "faq/activity")`."""

    text: str
    topic: str


def staff_tests(files: Mapping[str, bytes]) -> list[StaffTest]:
    """All of them, of the files of a workspace or of a release by path."""
    written = plain(files[STAFF_TESTS]) if STAFF_TESTS in files else {}
    return [StaffTest(one["text"], one["topic"]) for one in written.get("messages") or []]


def with_test(text: str | None, test: StaffTest) -> str:
    """The file's text (None: there is none yet) with one more test; a test of the same words is replaced."""
    said = as_example(test.text)
    return _without(text or NONE, said, [{"text": said, "topic": test.topic}])


def without_test(text: str, said: str) -> str:
    """The file's text without the test of these words."""
    return _without(text, as_example(said), [])


def _without(text: str, said: str, more: list[dict[str, str]]) -> str:
    node = yaml_text.load(STAFF_TESTS, text)
    kept = [one for one in node.get("messages") or [] if same_words(one["text"]) != same_words(said)]
    node["messages"] = [*kept, *more]
    return yaml_text.dump(node)
