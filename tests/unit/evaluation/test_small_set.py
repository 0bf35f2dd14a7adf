"""The small development set: few examples of each topic, always the same ones."""

from collections import Counter

from evaluation import sets


def test_every_topic_keeps_at_most_25_examples_and_the_questions_stay():
    whole, small = sets.load(sets.DEV), sets.load(sets.DEV_SMALL)
    counts = Counter(message.label for message in small.train)
    assert set(counts) == {message.label for message in whole.train}
    assert max(counts.values()) == sets.SMALL
    assert small.test == whole.test
    assert set(small.train) <= set(whole.train)


def test_the_choice_does_not_depend_on_the_order():
    train = sets.load(sets.DEV).train
    assert set(sets.fewest(train)) == set(sets.fewest(train[::-1]))
