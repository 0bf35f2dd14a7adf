"""From predictions to one decision: which intent, which topics, or that the message was not understood.

Pure: the intent model comes in as a function, so that every rule here can be tested without training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from patchline.nlu import parts
from patchline.nlu.intent_model import OUT_OF_SCOPE, Prediction
from patchline.nlu.labels import CHECK, RED_FLAG, SEVERAL, SPANISH
from patchline.nlu.models import TextReading
from patchline.nlu.sign_model import SignReading
from patchline.safety.courtesies import without_courtesies

__all__ = [
    "CHECK",
    "FALLBACK",
    "RED_FLAG",
    "SEVERAL",
    "SPANISH",
    "WHAT_IF",
    "Thresholds",
    "Understanding",
    "understand",
]

FALLBACK = "nlu_fallback"  # Rasa's own name for "not understood"
WHAT_IF = "what_if"  # asks about a warning sign without having it
ANSWERED_FROM_DOCUMENT = ("faq/", "not_covered/", "clinic/")
THE_MATTER = "faq/what_is_it"  # an item that only names it is no question: "eliquis and blood patch"
TELLS = 5  # words behind a "yes." or "no," from which they are what a message is about
MOST_ANSWERS = 3  # more answers than that in one reply are not read
READ_WHOLE = 60  # words; the end of a longer message is lost to the encoder, so its parts count by themselves

Read = Callable[[Sequence[str]], list[TextReading]]


@dataclass(frozen=True)
class Thresholds:
    """Chosen on the development set; they stand in config.yml."""

    understood: float = 0.6  # `Prediction.score` below which a message is not understood
    out_of_scope: float = 0.5  # probability from which a message is certainly not ours
    part: float = 0.45  # probability that one part of a message needs to be answered by itself
    item: float = 0.8  # the same for an item of a list, which is shorter


@dataclass(frozen=True)
class Understanding:
    """What one message means.

    `topics` lists what an answer is wanted for, in the order of asking: empty for smalltalk, one for most questions,
    up to three for `several_questions`; `left_out`, those beyond. `signs`: what the sign model sees in the message,
    with and without a "yes." before it; `part_signs`: in the parts of a long message.
    """

    intent: str
    confidence: float
    score: float
    ranking: tuple[tuple[str, float], ...]
    topics: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    signs: tuple[SignReading, ...] = ()
    part_signs: tuple[SignReading, ...] = ()


def understand(text: str, read: Read, thresholds: Thresholds) -> Understanding:
    """Decide what a message means, reading its parts apart.

    >>> understand("how long do i lie flat and can i eat before", models.read, Thresholds()).topics
    ('faq/lie_flat', 'faq/eating_drinking')
    """
    text = without_courtesies(text)
    bare = without_courtesies(text, answers=True)  # "yes, my leg is numb"
    pieces = parts.split(text)
    listed = [parts.items(piece) for piece in pieces]
    pieces = pieces if len(pieces) > 1 else []
    readings = read([text, *([bare] if bare != text else []), *pieces, *(item for found in listed for item in found)])
    whole, *single = readings
    answer = single.pop(0) if bare != text else whole
    single, rest = single[: len(pieces)], [item.topic for item in single[len(pieces) :]]
    predictions = [item.topic for item in single]
    told = answer if len(bare.split()) >= TELLS else whole
    best = _answered(_best(told.topic, predictions, thresholds), answer.topic, thresholds)
    long = single if len(text.split()) > READ_WHOLE else []
    found = Understanding(
        intent=best.intent,
        confidence=best.confidence,
        score=best.score,
        ranking=best.ranking,
        signs=tuple(item.sign for item in (whole, answer) if item.sign),
        part_signs=tuple(item.sign for item in long if item.sign),
    )
    topics = _topics(pieces or [text], predictions or [whole.topic], _taken(rest, listed), thresholds)
    if len(topics) > 1:
        asked, left_out = topics[:MOST_ANSWERS], topics[MOST_ANSWERS:]
        return replace(found, intent=SEVERAL, topics=asked, left_out=left_out)
    if best.ranking[0][0] == OUT_OF_SCOPE and best.confidence >= thresholds.out_of_scope:
        return found
    if best.score < thresholds.understood:
        return replace(found, intent=FALLBACK)
    return replace(found, topics=(best.intent,))


def _best(whole: Prediction, single: Sequence[Prediction], thresholds: Thresholds) -> Prediction:
    """The whole message, unless it is unclear and one of its parts (the question in a long story) is clear."""
    if whole.score >= thresholds.understood or not single:
        return whole
    answerable = [part for part in single if part.intent.startswith(ANSWERED_FROM_DOCUMENT)]
    clearest = max(answerable, key=lambda part: part.score, default=whole)
    return clearest if clearest.confidence >= thresholds.part else whole


def _topics(
    pieces: Sequence[str],
    single: Sequence[Prediction],
    listed: Sequence[Sequence[Prediction]],
    thresholds: Thresholds,
) -> tuple[str, ...]:
    """The topics of a message that asks several things: each asked in a part of its own, each clear by itself."""
    asked: dict[str, None] = {}
    for piece, prediction, items in zip(pieces, single, listed, strict=True):
        sure = [item.intent for item in items if _answerable(item, thresholds.item, thresholds)]
        sure = [topic for topic in sure if topic != THE_MATTER]
        if len(set(sure)) > 1:
            asked |= dict.fromkeys(sure)
        elif parts.asks(piece) and _answerable(prediction, thresholds.part, thresholds):
            asked[prediction.intent] = None
    return tuple(asked)


def _answerable(prediction: Prediction, sure: float, thresholds: Thresholds) -> bool:
    answered = prediction.intent.startswith(ANSWERED_FROM_DOCUMENT)
    return answered and prediction.confidence >= sure and prediction.score >= thresholds.understood


def _taken(predictions: Sequence[Prediction], listed: Sequence[Sequence[str]]) -> list[list[Prediction]]:
    """Predictions in a row, given back to the lists that they belong to."""
    left = iter(predictions)
    return [[next(left) for _ in items] for items in listed]


def _answered(best: Prediction, bare: Prediction, thresholds: Thresholds) -> Prediction:
    """What a message asks behind its "yes." or "no,", where that is clear."""
    return bare if _answerable(bare, thresholds.part, thresholds) else best
