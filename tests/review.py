"""A journal with what patients wrote in a month (`review_conversations.yml`), for the review inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from ruamel.yaml import YAML

from patchline.database.schema import now
from patchline.gateway import feedback
from patchline.gateway.records import Entry, Records

FILE = Path(__file__).with_name("review_conversations.yml")
FORM = {"messages": [{"text": "What is your name?", "buttons": [{"title": "Skip", "choice": "press_skip"}]}]}


def conversations() -> list[list[list]]:
    return YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))


def fill(engine: sa.engine.Engine, days: int = 20, end: datetime | None = None) -> int:
    """Write them down, spread over so many days before `end`. Returns how many messages those are."""
    count, all_of_them = 0, conversations()
    for number, lines in enumerate(all_of_them):
        start = (end or now()) - timedelta(days=days * (1 - number / len(all_of_them)), minutes=5)
        conversation = f"review-{number}"
        Records(engine).open(conversation, [{"text": "Hi, I'm Patchline."}])
        for place, (text, intent, confidence, topic, *helpful) in enumerate(lines):
            write(engine, conversation, f"m{place}", text, intent, confidence, topic, start + timedelta(minutes=place))
            if helpful:
                feedback.keep(engine, conversation, f"m{place}", helpful[0] == "yes")
            count += 1
    return count


def write(engine, conversation, message_id, text, intent, confidence, topic, at=None, reply=None, tier=None) -> None:
    """One message with its answer, as the gateway keeps it."""
    at = at or now()
    records = Records(engine)
    if records.transcript(conversation) is None:
        records.open(conversation, [])
    nlu = {"intent": intent, "confidence": confidence, "raised": None, "ranking": []}
    answer = reply or {"messages": [{"text": f"(The answer about {topic}.)", "topic": topic, "buttons": []}]}
    tier = tier or (topic.partition("/")[2] if topic.startswith("red_flag/") else None)
    records.receive(conversation, Entry(message_id, text, None, at))
    after = at + timedelta(seconds=1)
    records.settle(
        conversation, Entry(message_id, text, None, at, "answered", after, topic, answer, nlu, "m", None, tier)
    )
