"""Parts of a message: sentences and joined questions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patchline.nlu import parts


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("how long do i lie flat", ["how long do i lie flat"]),
        ("Does it hurt? Can I eat before?", ["Does it hurt?", "Can I eat before?"]),
        ("how long does it take and can i eat", ["how long does it take", "can i eat"]),
        ("what should I wear, do I need a driver", ["what should I wear", "do I need a driver"]),
        ("can I eat bread and butter", ["can I eat bread and butter"]),
        ("I had it on Monday.\nIt went well", ["I had it on Monday.", "It went well"]),
        ("🙂", ["🙂"]),
    ],
)
def test_a_message_is_split_at_sentences_and_joined_questions(message, expected):
    assert parts.split(message) == expected


@given(st.text(max_size=200))
def test_splitting_never_fails_and_never_returns_nothing(text):
    assert parts.split(text)


@pytest.mark.parametrize("part", ["can i eat before", "is it long", "and food?", "Ja, wie lange?"])
def test_a_question_is_seen_as_one(part):
    assert parts.asks(part)


@pytest.mark.parametrize("part", ["I had it done on Monday.", "thanks", ""])
def test_a_statement_is_not_seen_as_a_question(part):
    assert not parts.asks(part)
