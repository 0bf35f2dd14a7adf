"""Ask one model every message of the tests, and score what it makes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from patchline.nlu import strata
from patchline.nlu.calibrating import STRATA
from patchline.nlu.labels import CHECK
from patchline.nlu.strata import Line
from patchline.settings import ROOT
from patchline.trial import by_stratum, gate
from patchline.trial.by_stratum import Outcome
from patchline.trial.gate import Case, Judgement, Result
from patchline.trial.pipeline import Pipeline, Reading
from patchline.trial.report import FailedTest, Latency, Scores, Signs, StaffTests, Topics, TopicScore, WrongSign
from patchline.trial.shares import Share, percentile
from patchline.trial.titles import Answers
from patchline.workspace.files import STAFF_TESTS
from patchline.workspace.staff_tests import StaffTest, staff_tests

QUESTIONS = ROOT / "evaluation" / "dev" / "questions.yml"
OUT_OF_SCOPE = "out_of_scope"
LEFT_ALONE = (OUT_OF_SCOPE, "nlu_fallback")  # neither answers as if it were about the procedure
TIMED = 150  # messages that the speed is measured with


@dataclass(frozen=True)
class Suite:
    """What every model is asked: messages of the gate, questions with their topic, and what staff saved."""

    cases: Sequence[Case]
    questions: Sequence[tuple[str, str]]  # (text, full intent)
    staff: Sequence[StaffTest]
    strata: Sequence[Line] = ()  # messages by people who saw no training data

    @property
    def texts(self) -> list[str]:
        """Every different message, in order."""
        said = [*(item.text for item in self.cases), *(text for text, _ in self.questions)]
        said += [item.text for item in self.strata]
        return list(dict.fromkeys([*said, *(item.text for item in self.staff)]))

    @property
    def wanted(self) -> dict[str, str]:
        """Message -> the topic that it needs, where the tests say one."""
        signs = {item.text: f"red_flag/{item.tier}" for item in self.cases if item.tier}
        return signs | dict(self.questions) | {item.text: item.topic for item in self.staff}


def suite(files: Path) -> Suite:
    """The tests that the project ships, and those that staff saved in `files`. Raises `Invalid`."""
    groups = YAML(typ="safe").load(QUESTIONS.read_text(encoding="utf-8"))["questions"]
    questions = [(text, group["topic"]) for group in groups for text in group["messages"]]
    cases = gate.read_cases(gate.MESSAGES)
    path = files / STAFF_TESTS
    saved = staff_tests({STAFF_TESTS: path.read_bytes()}) if path.exists() else []
    lines = [line for name in strata.NAMES for line in strata.read(STRATA, name)]
    return Suite(cases, questions, saved, lines)


def ask(
    texts: Sequence[str], pipeline: Pipeline, said: Callable[[int], None] = lambda done: None
) -> dict[str, Reading]:
    """How a model understands each message; `said` hears how many are done."""
    readings = {}
    for text in texts:
        readings[text] = pipeline.read(text)
        said(len(readings))
    return readings


def results(cases: Sequence[Case], readings: Mapping[str, Reading]) -> list[Result]:
    """The gate's messages with the tier that was raised. Which net raised it, only `make gate` tells."""
    return [Result(item, _judgement(readings[item.text])) for item in cases]


def _judgement(reading: Reading) -> Judgement:
    asked = outcome(reading).outcome == by_stratum.CHECK
    return Judgement(None, reading.tier, by_stratum.CHECK if asked else reading.tier)


def scores(asked: Suite, readings: Mapping[str, Reading], ms: Sequence[float], names: Answers) -> Scores:
    """Everything but the conversations. `ms`: processor time of single messages."""
    return Scores(
        signs=signs(results(asked.cases, readings)),
        topics=_topics(asked.questions, readings, names),
        out_of_scope=_out_of_scope(asked.questions, readings),
        staff_tests=_staff(asked.staff, readings, names),
        latency_ms=Latency(round(percentile(ms, 0.5), 1), round(percentile(ms, 0.95), 1)),
        strata=by_stratum.figures(asked.strata, {text: outcome(found) for text, found in readings.items()}),
    )


def outcome(reading: Reading) -> Outcome:
    """What becomes of a message: raised, asked about, or answered."""
    if reading.tier:
        return Outcome(by_stratum.RAISE, reading.tier, ())
    if reading.topics == (CHECK,):
        return Outcome(by_stratum.CHECK, None, ())
    return Outcome(by_stratum.ANSWER, None, reading.topics)


def signs(found: Sequence[Result], live: Sequence[Result] | None = None) -> Signs:
    """Shares of right messages by tier, and every wrong one, missed signs first."""
    wrong = [
        WrongSign(
            item.case.text,
            item.case.category,
            item.case.tier,
            item.judgement.together,
            live[number].judgement.together if live else None,
            live[number].right if live else None,
        )
        for number, item in enumerate(found)
        if not item.right
    ]
    return Signs(
        sensitivity=_share([item for item in found if item.case.tier]),
        emergency=_share([item for item in found if item.case.tier == "emergency"]),
        crisis=_share([item for item in found if item.case.tier == "crisis"]),
        harmless=_share([item for item in found if not item.case.tier]),
        wrong=tuple(sorted(wrong, key=lambda item: item.needs is None)),
        too_low=sum(item.too_low for item in found),
    )


def speed(texts: Sequence[str], pipeline: Pipeline) -> list[float]:
    """Processor time, in ms, of single messages that are spread over the tests. The first ones only warm up."""
    step = max(1, len(texts) // TIMED)
    return [pipeline.read(text).ms for text in [*texts[:5], *texts[::step]]][5:]


def _share(found: Sequence[Result]) -> Share:
    return Share(sum(item.right for item in found), len(found))


def _topics(questions: Sequence[tuple[str, str]], readings: Mapping[str, Reading], names: Answers) -> Topics:
    right: dict[str, list[bool]] = defaultdict(list)
    for text, topic in questions:
        if topic != OUT_OF_SCOPE:
            right[topic].append(topic in readings[text].topics)
    by_topic = {topic: TopicScore(names.title(topic), sum(found), len(found)) for topic, found in right.items()}
    total = sum(item.right for item in by_topic.values()), sum(item.of for item in by_topic.values())
    return Topics(*total, by_topic)


def _out_of_scope(questions: Sequence[tuple[str, str]], readings: Mapping[str, Reading]) -> Share:
    found = [readings[text].topic in LEFT_ALONE for text, topic in questions if topic == OUT_OF_SCOPE]
    return Share(sum(found), len(found))


def _staff(saved: Sequence[StaffTest], readings: Mapping[str, Reading], names: Answers) -> StaffTests:
    failed = tuple(
        FailedTest(item.text, names.meaning(item.topic), names.meaning(readings[item.text].topic))
        for item in saved
        if item.topic not in readings[item.text].topics
    )
    return StaffTests(len(saved) - len(failed), len(saved), failed)
