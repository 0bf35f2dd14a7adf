"""What the patients of a run say: signs that the rules see, signs that only the model sees, buttons, and questions."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.messages import questions
from evaluation.reliability.records import Kind
from patchline import safety

# The seldom ones are those that the model alone sees: how they are found again is the longest way of all.
SHARES: dict[Kind, int] = {"rules": 55, "model": 25, "button": 20}
HARMLESS = 0.3  # of what is said for each sign
LEAVES = 0.15  # of the typed signs, whose patients leave before the reply
LONGEST = 4  # signs in one conversation
WHAT_IFS = {"what if i get a fever": "red_flag/clinic", "what if I can't feel my legs?": "red_flag/emergency"}


@dataclass(frozen=True)
class Saying:
    """One thing to say. A button is offered in the reply to `text` and is then pressed; `otherwise` is said where it is
    not, because Rasa is away.
    """

    kind: Kind
    text: str
    choice: str | None = None
    otherwise: str = ""
    leaves: bool = False  # before the reply, and never asks again


@dataclass
class Candidates:
    """Texts by kind, as the rules see them. What the model says of them is asked of the running system."""

    rules: list[str] = field(default_factory=list)
    model: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)


def candidates(root: Path, content: Path, rng: random.Random, each: int) -> Candidates:
    """`each` texts of each kind from the development sets, or as many as there are, drawn by `rng`."""
    detector, found = safety.Detector(safety.load(content)), Candidates()
    for message in questions(root / "evaluation/dev/warning_signs.yml"):
        if message.label.startswith("red_flag/"):
            seen = detector.detect(message.text)
            (found.rules if seen.tier else found.model).append(message.text)
    for message in questions(root / "evaluation/dev/questions.yml"):
        seen = detector.detect(message.text)
        if message.label.startswith("faq/") and not (seen.flags or seen.unclear):
            found.harmless.append(message.text)
    drawn = {}
    for kind in ("rules", "model", "harmless"):
        texts = list(dict.fromkeys(getattr(found, kind)))
        drawn[kind] = rng.sample(texts, min(len(texts), each))
    return Candidates(**drawn)


def script(known: Candidates, escalations: int, rng: random.Random) -> list[list[Saying]]:
    """Conversations with so many signs in all, and harmless questions between them.

    >>> sum(saying.kind != "harmless" for said in script(known, 500, rng) for saying in said)
    500
    """
    conversations: list[list[Saying]] = []
    left = escalations
    while left:
        here = min(left, rng.randint(1, LONGEST))
        left -= here
        said: list[Saying] = []
        for _ in range(here):
            if rng.random() < HARMLESS:
                said.append(Saying("harmless", rng.choice(known.harmless)))
            said.append(_sign(known, rng))
        conversations.append(said)
    return conversations


def _sign(known: Candidates, rng: random.Random) -> Saying:
    (kind,) = rng.choices(list(SHARES), list(SHARES.values()))
    if kind == "button":
        text = rng.choice(list(WHAT_IFS))
        return Saying(kind, text, WHAT_IFS[text], rng.choice(known.rules))
    return Saying(kind, rng.choice(getattr(known, kind)), leaves=rng.random() < LEAVES)
