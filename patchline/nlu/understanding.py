"""From predictions to one decision: which intent, which topics, or that the message was not understood.

Pure: the intent model comes in as a function, so that every rule here can be tested without training.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patchline.nlu import parts
from patchline.nlu.intent_model import OUT_OF_SCOPE, Prediction

FALLBACK = "nlu_fallback"  # Rasa's own name for "not understood"
SEVERAL = "several_questions"
SPANISH = "spanish"
WHAT_IF = "what_if"  # asks about a warning sign without having it
CHECK = "check"  # alarming, but too vague for a tier
RED_FLAG = "red_flag/"
ANSWERED_FROM_DOCUMENT = ("faq/", "not_covered/")
MOST_ANSWERS = 3  # more answers than that in one reply are not read
READ_WHOLE = 60  # words; the end of a longer message is lost to the encoder, so its parts count by themselves

Predict = Callable[[Sequence[str]], list[Prediction]]


@dataclass(frozen=True)
class Thresholds:
    """Chosen on the development set; they stand in config.yml."""

    understood: float = 0.6  # `Prediction.score` below which a message is not understood
    out_of_scope: float = 0.5  # probability from which a message is certainly not ours
    part: float = 0.5  # probability that one part of a message needs to be answered by itself
    red_flag: float = 0.47  # summed probability of all warning signs that raises one
    red_flag_part: float = 0.9  # the same for one part of a long message, which is short and so less certain


@dataclass(frozen=True)
class Understanding:
    """What one message means.

    `topics` lists what an answer is wanted for, in the order of asking: empty for smalltalk, one for most questions,
    up to three for `several_questions`. `red_flag` is the tier ("clinic", "emergency", "crisis") that the model sees,
    `red_flag_probability` how likely it finds any tier.
    """

    intent: str
    confidence: float
    score: float
    ranking: tuple[tuple[str, float], ...]
    topics: tuple[str, ...] = ()
    red_flag: str | None = None
    red_flag_probability: float = 0.0


def understand(text: str, predict: Predict, thresholds: Thresholds) -> Understanding:
    """Decide what a message means, reading its parts apart.

    >>> understand("how long do i lie flat and can i eat before", model.predict_all, Thresholds()).topics
    ('faq/lie_flat', 'faq/eating_drinking')
    """
    pieces = parts.split(text)
    whole, *single = predict([text, *pieces]) if len(pieces) > 1 else predict([text])
    best = _best(whole, single, thresholds)
    found = {"intent": best.intent, "confidence": best.confidence, "score": best.score, "ranking": best.ranking}
    long = single if len(text.split()) > READ_WHOLE else []
    found["red_flag"] = _red_flag(whole, long, thresholds)
    found["red_flag_probability"] = max(item.probability(_is_red_flag) for item in [whole, *long])
    topics = _topics(pieces, single, thresholds)
    if len(topics) > 1:
        return Understanding(**found | {"intent": SEVERAL, "topics": topics})
    if best.ranking[0][0] == OUT_OF_SCOPE and best.confidence >= thresholds.out_of_scope:
        return Understanding(**found)
    if best.score < thresholds.understood:
        return Understanding(**found | {"intent": FALLBACK})
    return Understanding(**found | {"topics": (best.intent,)})


def _best(whole: Prediction, single: Sequence[Prediction], thresholds: Thresholds) -> Prediction:
    """The whole message, unless it is unclear and one of its parts (the question in a long story) is clear."""
    if whole.score >= thresholds.understood or not single:
        return whole
    answerable = [part for part in single if part.intent.startswith(ANSWERED_FROM_DOCUMENT)]
    clearest = max(answerable, key=lambda part: part.score, default=whole)
    return clearest if clearest.confidence >= thresholds.part else whole


def _topics(pieces: Sequence[str], single: Sequence[Prediction], thresholds: Thresholds) -> tuple[str, ...]:
    """The topics of a message that asks several things: each asked in a part of its own, each clear by itself."""
    asked = {
        prediction.intent: None
        for piece, prediction in zip(pieces, single, strict=False)
        if parts.asks(piece)
        and prediction.intent.startswith(ANSWERED_FROM_DOCUMENT)
        and prediction.confidence >= thresholds.part
        and prediction.score >= thresholds.understood
    }
    return tuple(asked)[:MOST_ANSWERS]


def _red_flag(whole: Prediction, single: Sequence[Prediction], thresholds: Thresholds) -> str | None:
    """The tier of the strongest warning sign in the message or in a part of it."""
    seen = [whole] if whole.probability(_is_red_flag) >= thresholds.red_flag else []
    seen += [part for part in single if part.probability(_is_red_flag) >= thresholds.red_flag_part]
    if not seen:
        return None
    strongest = max(seen, key=lambda item: item.probability(_is_red_flag))
    return next(intent for intent, _ in strongest.ranking if _is_red_flag(intent)).removeprefix(RED_FLAG)


def _is_red_flag(intent: str) -> bool:
    return intent.startswith(RED_FLAG)
