"""What is wrong with a set of files before anything is learnt from it, each thing in one sentence for staff."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from patchline import content as clinic_content
from patchline import safety
from patchline.content import ContentError
from patchline.training import sources
from patchline.training.model import ModelError
from patchline.training.sources import Sentence
from patchline.trial import examine
from patchline.trial.plain import plain
from patchline.trial.report import Example, Finding, Validation
from patchline.trial.titles import Answers
from patchline.workspace.errors import Invalid

FEW = 12  # examples; a topic with fewer is understood by luck
LEARNT_BY_RULE = ("several_questions", "spanish")
WITH_ANSWER = ("faq/", "not_covered/", "clinic/")


class Broken(Exception):
    """Files that cannot be trained; `finding` says why."""

    def __init__(self, finding: Finding):
        super().__init__(finding.sentence)
        self.finding = finding


def check_files(files: Path, content: Path) -> None:
    """Everything can be read. Raises `Broken` for the first file that cannot, with its line."""
    try:
        sources.count_examples(files)
    except ModelError as error:
        raise Broken(Finding("file", str(error))) from error
    try:
        clinic_content.load(content)
        safety.load(content)
        examine.suite(files)
    except (ContentError, Invalid) as error:
        raise Broken(Finding("content", str(error))) from error


def validate(
    examples: Sequence[Example], names: Answers, asked: Iterable[str], known: set[tuple[str, str]]
) -> Validation:
    """Everything that needs no model. `asked`: messages of the tests; `known`: (topic, text) of the serving files."""
    errors = [*_conflicts(examples, known), *_without_answer(examples, names)]
    warnings = [*_thin(examples, names), *_test_sentences(examples, asked, known)]
    return Validation(tuple(errors), newest_first(warnings))


def placed(found: Iterable[Sentence], names: Answers) -> list[Example]:
    """Training sentences with their topic in plain words, without those that nothing is learnt from."""
    return [
        Example(item.text, item.intent, names.title(item.intent), item.file, item.line)
        for item in found
        if item.intent not in LEARNT_BY_RULE and not item.intent.startswith("press_")
    ]


def pairs_of(files: Path) -> set[tuple[str, str]]:
    """(topic, text) of every training sentence. Nothing for files that cannot be read."""
    try:
        return {(item.intent, item.text) for item in sources.examples(files)}
    except ModelError:
        return set()


def is_new(example: Example, known: set[tuple[str, str]]) -> bool:
    """Whether the serving files do not have it under this topic; without serving files nothing counts as new."""
    return not known or (example.topic, example.text) not in known


def newest_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda item: not item.new))


def _conflicts(examples: Sequence[Example], known: set[tuple[str, str]]) -> Iterator[Finding]:
    same: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        same[plain(example.text)].append(example)
    for words, found in same.items():
        others = [item for item in found if item.topic != found[0].topic]
        if words and others:
            pair = (found[0], others[0])
            yield Finding(
                "conflict",
                f"The same sentence stands under two topics, “{pair[0].title}” and “{pair[1].title}”: "
                "take it out of one of them.",
                pair,
                any(is_new(item, known) for item in pair),
            )


def _without_answer(examples: Sequence[Example], names: Answers) -> Iterator[Finding]:
    first = {item.topic: item for item in reversed(examples)}
    for topic, example in first.items():
        if topic.startswith(WITH_ANSWER) and not names.texts.get(topic, "").strip():
            yield Finding(
                "no_answer",
                f"The topic “{names.title(topic)}” has examples and no answer: write one, or take the topic out.",
                (example,),
            )


def _thin(examples: Sequence[Example], names: Answers) -> Iterator[Finding]:
    for topic, count in Counter(item.topic for item in examples).items():
        if count < FEW:
            yield Finding(
                "thin_topic",
                f"“{names.title(topic)}” has {count} example{'s' * (count != 1)}: add some in other words, "
                f"{FEW} at least.",
                tuple(item for item in examples if item.topic == topic)[:1],
            )


def _test_sentences(
    examples: Sequence[Example], asked: Iterable[str], known: set[tuple[str, str]]
) -> Iterator[Finding]:
    tested = {plain(text) for text in asked} - {""}
    for example in examples:
        if known and is_new(example, known) and plain(example.text) in tested:
            yield Finding(
                "test_sentence",
                "This sentence is one of the tests: taught word for word, it proves nothing there any more.",
                (example,),
            )
