"""Messages as the public contract has them, made from the clinic's wordings and from Rasa's answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from patchline.content import Clinic, Content, Phone
from patchline.gateway import logs
from patchline.gateway.dialogue import Utterance

Message = dict[str, Any]  # {text, topic, sources: [{id, quote}], buttons: [{title, choice}], links: [{title, href}]}
FALLBACK = "fallback"


class Messages:
    """Makes messages out of one clinic's content."""

    def __init__(self, content: Content):
        self.content = content

    def wording(self, wording_id: str, topic: str | None = FALLBACK) -> Message:
        """A wording of the clinic, with a link for each phone number that it names."""
        text = self.content.wordings[wording_id]
        return {
            "text": text,
            "topic": topic,
            "sources": [],
            "buttons": [],
            "links": phone_links(text, self.content.clinic),
        }

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
                quotes.append({"id": line.id, "quote": line.text})
        return quotes


def phone_links(text: str, clinic: Clinic) -> list[dict[str, str]]:
    """A link that dials, for each of the clinic's numbers that the text names."""
    return [phone.link for phone in clinic.all_phones if _names(text, phone)]


def buttons_of(messages: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The choices that messages offer, with the titles of their buttons."""
    return {button["choice"]: button["title"] for message in messages for button in message["buttons"]}


def _names(text: str, phone: Phone) -> bool:
    return re.search(rf"(?<!\d){re.escape(phone.display)}(?!\d)", text) is not None
