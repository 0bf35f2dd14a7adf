"""What a trial found out about a model: the shape of `report.json`.

`Report` holds no words of patients: a past question is named by its id in the journal, looked up when the report is
shown, and gone when the journal has purged it. Messages of the test sets are ours and stand there as text.

    report = report_of(json.loads(path.read_text()))     # or read(path)
    report.gate.open, report.gate.failures
    json.dumps(plain(report))                            # and back
"""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

from patchline.trial.shares import Share

FILE = "report.json"
STEPS = ("validate", "train", "test", "compare")  # keys of `Report.seconds`, in this order


@dataclass(frozen=True)
class Gate:
    """Whether the model may be promoted. `failures`: why not, one sentence each; empty when it is open."""

    open: bool
    failures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Example:
    """One training sentence and where it stands: `file` relative to the files' root, `line` from 1."""

    text: str
    topic: str  # full intent, e.g. "faq/lie_flat"
    title: str  # as patients and staff read it, e.g. "Lying flat after it"
    file: str
    line: int


@dataclass(frozen=True)
class Finding:
    """One thing that validation found. An error closes the gate, a warning is for staff to judge.

    `kind`: "conflict" (one sentence under two topics), "near_duplicate" (almost), "odd_one" (a new sentence whose
    neighbours all stand under another topic), "thin_topic" (few examples), "test_sentence" (a training sentence that
    the tests ask), "rasa" (rules and stories that do not fit), "no_answer", "content", "file" (cannot be read).
    """

    kind: str
    sentence: str  # in plain words, what is wrong and what to do
    examples: tuple[Example, ...] = ()  # the two sentences of a conflict or near duplicate, side by side
    new: bool = True  # False: the serving model's files have it, too
    file: str | None = None
    line: int | None = None


@dataclass(frozen=True)
class Validation:
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()  # new ones first


@dataclass(frozen=True)
class Meaning:
    """How a message is understood. `topic`: full intent ("faq/lie_flat", "red_flag/clinic", "nlu_fallback"; several
    questions joined by " + "); `title`: the same in plain words."""

    topic: str
    title: str


@dataclass(frozen=True)
class WrongSign:
    """A message of the gate that was judged wrongly: a missed warning sign, or a harmless message that was raised.

    `needs` and `got`: "clinic", "emergency", "crisis" or None (harmless, not raised). `live`: what the serving model
    makes of it; only where there is one.
    """

    text: str
    category: str
    needs: str | None
    got: str | None
    live: str | None = None
    live_right: bool | None = None


@dataclass(frozen=True)
class Signs:
    """The warning signs: `sensitivity` over all tiers, emergencies and crises by themselves, `harmless` left alone."""

    sensitivity: Share
    emergency: Share
    crisis: Share
    harmless: Share
    wrong: tuple[WrongSign, ...] = ()
    too_low: int = 0  # raised, but a tier lower than needed


@dataclass(frozen=True)
class Figure:
    """One figure of a stratum of messages by people who saw no training data (patchline/nlu/strata.py)."""

    stratum: str
    name: str
    share: Share
    least: float | None = None  # below it the gate is closed


@dataclass(frozen=True)
class TopicScore:
    """Test questions of one topic. `live_right`: how many of them the serving model has right; None without one."""

    title: str
    right: int
    of: int
    live_right: int | None = None


@dataclass(frozen=True)
class Topics:
    right: int
    of: int
    by_topic: Mapping[str, TopicScore] = field(default_factory=dict)


@dataclass(frozen=True)
class FailedTest:
    """A message that staff saved as a test, and that is understood otherwise."""

    text: str
    wanted: Meaning
    got: Meaning


@dataclass(frozen=True)
class StaffTests:
    passed: int
    of: int
    failed: tuple[FailedTest, ...] = ()


@dataclass(frozen=True)
class FailedConversation:
    """A conversation that goes another way. `sentence`: what was expected and what came instead."""

    name: str
    file: str
    sentence: str


@dataclass(frozen=True)
class Conversations:
    passed: int
    of: int
    failed: tuple[FailedConversation, ...] = ()


@dataclass(frozen=True)
class Latency:
    """Processor time for understanding one message, in ms: independent of what else the machine does."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Scores:
    """What one model makes of all tests. `conversations` is None for the serving model: it went through them once."""

    signs: Signs
    topics: Topics
    out_of_scope: Share
    staff_tests: StaffTests
    latency_ms: Latency
    conversations: Conversations | None = None
    strata: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Changed:
    """A message that would be answered differently from now.

    Either `id` (of the journal's table `messages`: a past question) or `text` (a message of the tests) is None.
    """

    id: int | None
    text: str | None
    count: int  # how often it was asked, in the same words
    before: Meaning
    after: Meaning
    wanted: Meaning | None = None  # what a message of the tests needs

    @property
    def about_safety(self) -> bool:
        """Whether a warning sign comes, goes or becomes another tier."""
        return "red_flag/" in self.before.topic + self.after.topic


@dataclass(frozen=True)
class Rewritten:
    """An answer whose words differ from the serving ones. `count`: past questions that are answered with it."""

    topic: str
    title: str
    before: str | None  # None: new
    after: str | None  # None: gone
    count: int


@dataclass(frozen=True)
class Report:
    """All of it. `scores` is None where there is no model: the files were not fit for training."""

    gate: Gate
    validation: Validation
    scores: Scores | None = None
    live: Scores | None = None  # the same tests, asked of the model that serves; None without one
    questions: int = 0  # how many past questions both models were asked
    changes: tuple[Changed, ...] = ()  # warning signs first, then the most frequent
    rewritten: tuple[Rewritten, ...] = ()
    examples: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)  # by step

    @property
    def past(self) -> tuple[Changed, ...]:
        """The past questions that would be answered differently."""
        return tuple(item for item in self.changes if item.id is not None)


def read(path: Path) -> Report:
    """Raises OSError, ValueError or TypeError for a report that cannot be read."""
    return report_of(json.loads(path.read_text(encoding="utf-8")))


def report_of(data: Mapping[str, Any]) -> Report:
    """The report of what `plain` made. Raises TypeError or ValueError for another shape."""
    return _made(Report, data)


def plain(value: Any) -> Any:
    """Dataclasses as JSON; a `Share` says its interval, too: {"right": 9, "of": 10, "low": 0.596, "high": 0.982}."""
    if isinstance(value, Share):
        return {"right": value.right, "of": value.of, "low": round(value.low, 4), "high": round(value.high, 4)}
    if is_dataclass(value):
        return {item.name: plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple | list) else value


def _made(kind: Any, value: Any) -> Any:
    """A value of JSON as the type that an annotation names."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else _made(next(item for item in inside if item is not type(None)), value)
    if origin is tuple:
        return tuple(_made(inside[0], item) for item in value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _made(inside[1], item) for key, item in value.items()}
    if not isinstance(kind, type) or not is_dataclass(kind):
        return value
    if not isinstance(value, Mapping):
        raise ValueError(f"{kind.__name__} is not an object in this report")
    hints = typing.get_type_hints(kind)
    return kind(**{item.name: _made(hints[item.name], value[item.name]) for item in fields(kind) if item.name in value})
