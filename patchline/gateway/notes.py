"""What the chat says of the clinic's work on a ticket: lines of a transcript and of the event stream alike. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from patchline.clock import moment
from patchline.content import Content, ContentError
from patchline.escalation.patient_news import News
from patchline.escalation.states import FOR_PATIENTS
from patchline.escalation.tables import KINDS, RED_FLAG
from patchline.gateway.messages import phone_links
from patchline.safety.model import TIERS

MESSAGE = "message"
STATUS = {"opened": "sent", "added": "sent", "acknowledged": "seen", "resolved": "closed", "reopened": "reopened"}
WORDS = {**STATUS, "exhausted": "unheard"}  # actions whose wording has another name
ABOUT = (*TIERS, *(kind for kind in KINDS if kind != RED_FLAG))

ClinicLine = dict[str, Any]  # {from, kind, event_id, at, text, reference, status, name, links}: as the contract has it


class Notes:
    """Words news in one clinic's sentences. Raises `ContentError` for a sentence that is missing."""

    def __init__(self, content: Content):
        self.content = content
        for language in ("en", "es"):
            self._said("note/sender", language)
            for tier in TIERS:
                self._said(f"still/{tier}", language)
            for action in FOR_PATIENTS:
                for about in ABOUT:
                    if action != MESSAGE:
                        self._note(action, about, language)

    def line(self, news: News, now: datetime) -> ClinicLine:
        """One line, as it is to be read at `now` (with a timezone)."""
        happening = news.happening
        wrote = happening.action == MESSAGE
        text = (happening.note or "") if wrote else self._sentence(news, now)
        return {
            "from": "clinic",
            "kind": "message" if wrote else "note",
            "event_id": happening.id,
            "at": instant(happening.at),
            "text": text,
            "reference": happening.reference,
            "status": STATUS.get(happening.action),
            "name": self.content.wording(self._said("note/sender", news.language)) if wrote else None,
            "links": phone_links(text, self.content.clinic),
        }

    def _sentence(self, news: News, now: datetime) -> str:
        clinic, language, about = self.content.clinic, news.language, news.tier or news.kind
        opens = clinic.office.opens(now, language)
        opening = self.content.wording(self._said("closed/request", language), now, opens=opens) if opens else ""
        still = self.content.wording(self._said(f"still/{news.tier}", language)) if news.tier else ""
        when = moment(news.happening.at.replace(tzinfo=UTC), now, clinic.timezone, language)
        key = self._note(news.happening.action, about, language)
        return self.content.wording(key, now, when=when, still=still, opening=opening)

    def _note(self, action: str, about: str, language: str) -> str:
        """The id of a note's wording: the one for this tier or kind, or else the one for all."""
        note = f"note/{WORDS.get(action, action)}"
        own = self._named(f"{note}/{about}", language)
        return own if own in self.content.written else self._said(note, language)

    def _said(self, name: str, language: str) -> str:
        key = self._named(name, language)
        if key not in self.content.written:  # to be found missing when a patient needs it would be too late
            raise ContentError(f"wordings.yml: the wording {key!r} is missing")
        return key

    @staticmethod
    def _named(name: str, language: str) -> str:
        return f"{name}/es" if language == "es" else name


def instant(at: datetime) -> str:
    """A moment of the database as the contract writes it, e.g. "2026-11-22T15:31:00.000Z"."""
    return at.isoformat(timespec="milliseconds") + "Z"
