"""Messages as the public contract has them, made from the clinic's wordings and from Rasa's answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from itertools import product
from typing import Any

from patchline.content import Clinic, Content, ContentError
from patchline.gateway import logs
from patchline.gateway.dialogue import Utterance
from patchline.safety.model import TIERS, Tier
from patchline.wordings import red_flag_wording

Message = dict[
    str, Any
]  # {text, topic, sources: [{id, section, quote}], buttons: [{title, choice}], links: [{title, href}]}
FALLBACK = "fallback"


class Messages:
    """Makes messages out of one clinic's content. Raises `ContentError` when it lacks the wording of a warning sign."""

    def __init__(self, content: Content):
        self.content = content
        for key in (red_flag_wording(*which) for which in product(TIERS, ("en", "es"), (False, True))):
            if key not in content.wordings:  # to be found missing when a patient needs it would be too late
                raise ContentError(f"wordings.yml: the wording {key!r} is missing")

    def wording(self, wording_id: str, topic: str | None = FALLBACK, at: datetime | None = None) -> Message:
        """A wording of the clinic as it is said at a moment (with a timezone), with a link for each number in it."""
        text = self.content.wording(wording_id, at)
        return {
            "text": text,
            "topic": topic,
            "sources": [],
            "buttons": [],
            "links": phone_links(text, self.content.clinic),
        }

    def warning(self, tier: Tier, language: str, relative: bool, at: datetime | None = None) -> Message:
        """The wording for a warning sign."""
        return self.wording(red_flag_wording(tier, language, relative), f"red_flag/{tier}", at)

    def is_warning(self, message: Message, tier: Tier, at: datetime | None = None) -> bool:
        """Whether a message says what is to be said for this tier at that moment, in any language, to anybody."""
        if message["topic"] != f"red_flag/{tier}":
            return False
        variants = (red_flag_wording(tier, *which) for which in product(("en", "es"), (False, True)))
        return any(message["text"] == self.content.wording(key, at) for key in variants)

    def with_lines(self, messages: list[Message], tiers: Collection[Tier]) -> list[Message]:
        """Messages of a conversation with escalations of these tiers: the last one has the links that dial for help."""
        if not tiers:
            return messages
        shown = {link["href"] for message in messages for link in message["links"]}
        clinic, *before, last = self.content.clinic, *messages
        phones = [clinic.phones[tier] for tier in ("crisis", "emergency") if tier in tiers]
        more = [phone.link for phone in (*phones, clinic.line) if phone.href not in shown]
        return [*before, {**last, "links": [*last["links"], *more]}]

    def answer(self, said: Utterance) -> Message:
        """One message of Rasa, its line ids turned into quotes from the clinic's document."""
        return {
            "text": said.text,
            "topic": said.topic,
            "sources": self._quotes(said.sources),
            "buttons": [dict(button) for button in said.buttons],
            "links": [dict(link) for link in said.links],
        }

    def _quotes(self, line_ids: Iterable[str]) -> list[dict[str, str]]:
        quotes = []
        for line_id in line_ids:
            line = self.content.lines.get(line_id)
            if line is None:
                logs.event("unknown_source", source=line_id if re.fullmatch(r"[\w-]{1,40}", line_id) else "?")
            else:
                quotes.append({"id": line.id, "section": line.section, "quote": line.text})
        return quotes


def phone_links(text: str, clinic: Clinic) -> list[dict[str, str]]:
    """A link that dials, for each of the clinic's numbers that the text names, in the order of the text."""
    named = [phone for phone in clinic.all_phones if phone.named_in(text)]
    return [phone.link for phone in sorted(named, key=lambda phone: text.index(phone.display))]


def buttons_of(messages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The choices that messages offer, with the titles of their buttons."""
    return {button["choice"]: button["title"] for message in messages for button in message["buttons"]}
