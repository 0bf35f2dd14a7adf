"""What changes when one model takes another's place: messages that are answered differently, and answers reworded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from patchline.trial.examine import Suite
from patchline.trial.pipeline import Reading
from patchline.trial.questions import Question
from patchline.trial.report import Changed, Rewritten, Scores, TopicScore
from patchline.trial.titles import Answers


def changes(
    asked: Suite,
    questions: Sequence[Question],
    before: Mapping[str, Reading],
    after: Mapping[str, Reading],
    names_before: Answers,
    names_after: Answers,
) -> tuple[Changed, ...]:
    """Every message that the two models answer differently: about warning signs first, past questions before messages
    of the tests, the most frequent first."""
    wanted = asked.wanted
    messages: list[tuple[int | None, str, int]] = [(item.id, item.text, item.count) for item in questions]
    messages += [(None, text, 1) for text in asked.texts]
    found = [
        Changed(
            number,
            text if number is None else None,
            count,
            names_before.meaning(before[text].topic),
            names_after.meaning(after[text].topic),
            names_after.meaning(wanted[text]) if number is None and text in wanted else None,
        )
        for number, text, count in messages
        if before[text].topic != after[text].topic
    ]
    return tuple(sorted(found, key=lambda item: (not item.about_safety, item.id is None, -item.count)))


def rewritten(
    questions: Sequence[Question], after: Mapping[str, Reading], old: Answers, new: Answers
) -> tuple[Rewritten, ...]:
    """Answers whose words differ, the most asked first."""
    asked: Counter[str] = Counter()
    for item in questions:
        asked.update(dict.fromkeys(after[item.text].topics, item.count))
    found = [
        Rewritten(topic, new.title(topic), old.texts.get(topic), new.texts.get(topic), asked[topic])
        for topic in {**old.texts, **new.texts}
        if old.texts.get(topic) != new.texts.get(topic)
    ]
    return tuple(sorted(found, key=lambda item: -item.count))


def beside(scores: Scores, live: Scores) -> Scores:
    """The scores of a new model with those of the serving one by topic."""
    known = live.topics.by_topic
    by_topic: dict[str, TopicScore] = {
        topic: replace(item, live_right=known[topic].right if topic in known else None)
        for topic, item in scores.topics.by_topic.items()
    }
    return replace(scores, topics=replace(scores.topics, by_topic=by_topic))
