"""Politeness around a message never decides what it is about."""

import pytest

from patchline.safety.courtesies import without_courtesies
from patchline.trial import gate, invariance
from tests.answers import ROOT

SETS = sorted((ROOT / "evaluation" / "dev").glob("*signs.yml"))
AROUND = {
    "hey": "hey there, {}",
    "evening": "good evening doctor. {}",
    "many thanks": "{} many thanks in advance",
    "thx": "thx for your help! {}",
    "cheers": "{}. cheers",
    "name": "This is Priya Raman. {}",
    "yeah": "yeah, {}",
    "nope": "nope. {}",
    "sorry": "sorry to bother you, {}",
    "one more": "one more question. {}",
    "heart": "{} ❤️",
    "smile": ":) {}",
    "several": "Hello, hope you are well. I have a quick question please: {} thank you very much 🙏",
}


def signs():
    return [case.text for path in SETS for case in gate.read_cases(path) if case.tier]


@pytest.mark.parametrize("around", [*AROUND.values()], ids=[*AROUND])
def test_a_sign_is_read_the_same_with_politeness_around_it(around):
    other = [
        (text, without_courtesies(around.format(text), answers=True))
        for text in signs()
        if marks(without_courtesies(around.format(text), answers=True)) != marks(without_courtesies(text, answers=True))
    ]
    assert not other, other[:5]


@pytest.mark.parametrize("name", sorted(invariance.POLITE.keys() - {"greeting without a mark"}))  # "hello there is pus"
def test_the_ways_that_the_gate_tries_are_read_the_same(name):
    change = invariance.POLITE[name]
    other = [
        text
        for text in signs()
        if marks(without_courtesies(change(text), answers=True)) != marks(without_courtesies(text, answers=True))
    ]
    assert not other, other[:5]


def marks(text):
    """Without the marks at its ends: a greeting takes its own along."""
    return text.strip(" .,!;:?")


@pytest.mark.parametrize(
    "text", ["hi", "Thank you so much!", "ok thanks 🙏", "good morning doctor", "😢", "yes", "sorry", "help"]
)
def test_what_is_nothing_but_politeness_stays(text):
    assert without_courtesies(text, answers=True)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("no fever", "no fever"),
        ("right leg numb", "right leg numb"),
        ("so weak i fell", "so weak i fell"),
        ("well baby visit?", "well baby visit?"),
        ("good for headaches?", "good for headaches?"),
        ("is there help for this?", "is there help for this?"),
        ("How long do I lie flat? Thanks", "How long do I lie flat?"),
        ("Thank you. And is it a painful procedure?", "And is it a painful procedure?"),
        ("I'm Numb", "I'm Numb"),
        ("no, not at all", "no, not at all"),
    ],
)
def test_words_that_mean_something_stay(text, kept):
    assert without_courtesies(text) == kept
