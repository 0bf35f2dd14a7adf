"""The strata as a set for the peers: open, sealed and public messages together, of which only counts are kept.

A peer answers one label: `red_flag/<tier>` is an alarm, `check` the check, anything else an answer about that topic.
Spanish is left out, since no peer is given a Spanish sentence to learn from.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from evaluation import halves
from evaluation.messages import Message
from patchline.nlu.labels import CHECK, RED_FLAG, SPANISH
from patchline.nlu.strata import Line
from patchline.trial import by_stratum
from patchline.trial.by_stratum import Outcome

PEERS = ("sparse", "encoder", "nlpjs", "diet")  # the product is measured by `make gate`, with its rules
FEW = ("diet",)  # peers that are trained on few examples a topic, because all of them take days
FIGURES = ("right topic", "signs raised", "tier of those raised", "harmless without alarm")


def messages(public: Path) -> list[Message]:
    """All of both halves, and the public ones. Raises `FileNotFoundError`."""
    lines = [*halves.opened(), *halves.sealed(), *halves.public(public)]
    return [Message(line.text, _label(line)) for line in lines if line.stratum != SPANISH]


def scores(test: Sequence[Message], labels: Sequence[str]) -> dict[str, object]:
    """Every figure of every stratum as counts, and "accuracy": the share of right topics over all."""
    outcomes = {message.text: outcome(label) for message, label in zip(test, labels, strict=True)}
    figures = by_stratum.figures([_line(message) for message in test], outcomes)
    asked = [item.share for item in figures if item.name == FIGURES[0]]
    return {
        "accuracy": sum(share.right for share in asked) / max(1, sum(share.of for share in asked)),
        "figures": [[item.stratum, item.name, item.share.right, item.share.of] for item in figures],
    }


def outcome(label: str) -> Outcome:
    """What a patient would get for a label.

    >>> outcome("red_flag/clinic").tier, outcome("faq/lie_flat").topics
    ('clinic', ('faq/lie_flat',))
    """
    if label.startswith(RED_FLAG):
        return Outcome(by_stratum.RAISE, label.removeprefix(RED_FLAG), ())
    if label == CHECK:
        return Outcome(by_stratum.CHECK, None, ())
    return Outcome(by_stratum.ANSWER, None, (label,))


def _label(line: Line) -> str:
    return "\t".join((line.stratum, line.tier, ",".join(line.topics)))


def _line(message: Message) -> Line:
    stratum, tier, topics = message.label.split("\t")
    return Line(stratum, tier, tuple(topic for topic in topics.split(",") if topic), "", message.text)
