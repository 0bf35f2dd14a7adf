"""Warms a slot up, and finds out whether it answers as its release should, before any patient meets it.

It is asked with sentences from the release's own training data: of several topics through the whole dialogue, in
conversations that are never stored, and of every tier of warning signs by the model alone, because the dialogue would
call a nurse. A model that is mute, or another one than the release's, does not get through.
"""

from __future__ import annotations

import json
import random
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from patchline.escalation.parsed import sign_of
from patchline.releases.errors import Broken
from patchline.safety.model import TIERS
from patchline.settings import Settings
from patchline.training.sources import sentences

TOPICS, PER_TIER = 10, 3
SPARE = 0.2  # so many single sentences may be understood otherwise; the trial has counted on far more of them
PASSING = "probe-"  # conversations of this kind are never stored (patchline/nlu/tracker_store.py)
ANSWER_LIMIT_S, LOOK_S = 10.0, 0.25
DOCUMENT = ("faq/", "not_covered/")
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy: it is this machine


@dataclass(frozen=True)
class Question:
    """A sentence and what is to come of it: a topic ("faq/numbing"), or a tier for a warning sign."""

    text: str
    topic: str | None = None
    tier: str | None = None


def questions(files: Path, seed: int = 0) -> list[Question]:
    """Some of a release's own training sentences, the same ones each time: of different topics, and of every tier.

    Raises `ModelError` for training files that cannot be read.
    """
    by_intent: dict[str, list[str]] = {}
    for text, intent in sentences(files):
        by_intent.setdefault(intent, []).append(text)
    chosen = random.Random(seed)
    topics = sorted(intent for intent in by_intent if intent.startswith(DOCUMENT))
    asked = [
        Question(_plainest(by_intent[topic]), topic=topic) for topic in chosen.sample(topics, min(TOPICS, len(topics)))
    ]
    for tier in TIERS:
        said = [text for intent, texts in by_intent.items() if intent == f"red_flag/{tier}" for text in texts]
        asked += [Question(text, tier=tier) for text in chosen.sample(said, min(PER_TIER, len(said)))]
    return asked


def _plainest(texts: Sequence[str]) -> str:
    """A question of a usual length, as most patients ask."""
    usual = [text for text in texts if 4 <= len(text.split()) <= 10]
    return (usual or list(texts))[0]


def warm_up(slot: Settings, asked: Sequence[Question]) -> Iterator[str]:
    """Asks each question, twice, and says how far it is. Raises `Broken` when too few are answered as they should be.

    The first round warms up and is not judged: a first answer may be slow.
    """
    for question in asked:
        yield f"warming it up with {len(asked)} questions"
        _patiently(slot, question)
    for kind, name in (("topic", "questions"), ("tier", "warning signs")):
        kinds = [question for question in asked if getattr(question, kind)]
        wrong = [question for question in kinds if not _right(slot, question)]
        if not kinds:
            raise Broken(f"There are no {name} in its training data to ask it.")
        if len(wrong) > SPARE * len(kinds):
            names = ", ".join(sorted({getattr(question, kind) for question in wrong}))
            raise Broken(f"It understands {len(wrong)} of {len(kinds)} {name} of its own training wrongly ({names}).")
    if not _actions_answer(slot):
        raise Broken("Its action server does not answer.")


def answers(slot: Settings) -> bool:
    """Whether a slot that was warmed up before answers a real question. Takes a moment: no training data is read."""
    try:
        return bool(_post(slot, "/webhooks/patchline/probe", {}).get("topic")) and _actions_answer(slot)
    except (OSError, ValueError, AttributeError):
        return False


def _patiently(slot: Settings, question: Question) -> None:
    """Ask until there is some answer: a server may be started again meanwhile. Raises `Broken` after half a minute."""
    deadline = time.monotonic() + 3 * ANSWER_LIMIT_S
    while time.monotonic() < deadline:
        try:
            _ask(slot, question)
            return
        except (OSError, ValueError, KeyError):
            time.sleep(LOOK_S)
        except (IndexError, TypeError):
            return  # a mute one is judged in the second round
    raise Broken("It does not answer.")


def _right(slot: Settings, question: Question) -> bool:
    try:
        found = _ask(slot, question)
        return TIERS.index(found) >= TIERS.index(question.tier) if question.tier else found == question.topic
    except (OSError, ValueError, KeyError, IndexError, TypeError):  # no answer, a mute one, or one of another shape
        return False


def _ask(slot: Settings, question: Question) -> str | None:
    if question.tier:
        sign = sign_of(_post(slot, "/model/parse", {"text": question.text}))
        return sign.tier if sign else None
    sender = f"{PASSING}{uuid.uuid4().hex}"
    said = {"sender": sender, "message_id": uuid.uuid4().hex, "text": question.text}
    try:
        return _post(slot, "/webhooks/patchline/webhook", said)["messages"][0]["topic"]
    finally:
        _send(slot, "DELETE", f"/webhooks/patchline/conversations/{sender}", None)


def _actions_answer(slot: Settings) -> bool:
    try:
        with _opener.open(f"http://127.0.0.1:{slot.actions_port}/health", timeout=ANSWER_LIMIT_S):
            return True
    except OSError:
        return False


def _post(slot: Settings, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return json.loads(_send(slot, "POST", path, json.dumps(body).encode()))


def _send(slot: Settings, method: str, path: str, body: bytes | None) -> bytes:
    """Raises OSError for a refusal, a time-out or an error of the server."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {slot.internal_token}"}
    request = urllib.request.Request(f"{slot.rasa_url}{path}", body, headers, method=method)
    with _opener.open(request, timeout=ANSWER_LIMIT_S) as reply:
        return reply.read()
