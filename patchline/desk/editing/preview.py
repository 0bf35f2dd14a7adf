"""A draft as patients would meet it: the gateway's message made of it, and what of that can be drawn without a script.

Rasa is not asked: what it does with an answer (fill in the clinic's facts, title the buttons, find the numbers) is done
here by the content's own functions, and a test holds both against each other for every answer that is shipped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from patchline import content as contents
from patchline.content import Clinic, Content
from patchline.escalation.escalation import read_sign
from patchline.gateway.dialogue import Utterance
from patchline.gateway.messages import Message, Messages, phone_links
from patchline.safety.model import TIERS
from patchline.wordings import OF_SETTINGS, language_of, own_placeholders
from patchline.workspace import topics as T
from patchline.workspace.content import content_of
from patchline.workspace.topics import Topic

PRESS = "press_"  # before the name of an option: the choice of its button
WARNING = "red_flag/"
ASKED = "[what a patient wrote]"  # before a wording; which words these are is not for the page to make up


@dataclass(frozen=True)
class Preview:
    """`parts`: the text as (text, address that dials or None). `asked`: what a patient would have written before.

    `note`: it is news of the clinic, no words of the bot.
    """

    message: Message
    parts: tuple[tuple[str, str | None], ...]
    asked: str = ""
    note: bool = False

    @property
    def said(self) -> str:
        """For the widget: the message as the public contract has it, and what it has to know beside it, as JSON."""
        return json.dumps({"asked": self.asked, "note": self.note, "message": self.message}, ensure_ascii=False)


def of_answer(
    topic: Topic, titles: Mapping[str, str], content: Content, asked: str = "", at: datetime | None = None
) -> Preview:
    """An answer as `topic` has it. `titles`: of the topics that may stand on buttons; `at`: with a timezone."""
    text = _filled(topic.answer, content.facts(at or datetime.now(UTC)) | {"chat_days": OF_SETTINGS["chat_days"]})
    options = [(content.wordings.get(f"option/{one}", one), f"{PRESS}{one}") for one in topic.options]
    offered = [(titles.get(one, one), one) for one in topic.next]
    own = [(title, payload.removeprefix("/")) for title, payload in topic.buttons]
    buttons = tuple({"title": title, "choice": choice} for title, choice in (*own, *options, *offered))
    links = tuple(content.clinic.links[name] for name in topic.links)
    return _shown(Utterance(text, topic.id, topic.sources, buttons, links), content, asked)


def of_wording(id: str, text: str, content: Content, at: datetime | None = None) -> Preview:
    """A wording as `text` has it. What only this one has (a name, a number) stands there in brackets."""
    own = {name: f"[{name.replace('_', ' ')}]" for name in own_placeholders(id)}
    known = content.facts(at or datetime.now(UTC), language_of(id)) | OF_SETTINGS | own
    words = _filled(text, known)
    topic = next((f"{WARNING}{tier}" for tier in TIERS if f"{id}/".startswith(f"{WARNING}{tier}/")), None)
    asked = "" if id == "greeting" else ASKED
    return replace(_shown(Utterance(words, topic), content, asked), note=id.startswith("note/"))


def answers_called(files: Mapping[str, bytes]) -> dict[str, str]:
    """Every answer by its title or its first line, as people read it."""
    known = content_of(files).clinic.placeholders
    return {id: _filled(words, known) for id, words in T.answers_called(files).items()}


def _shown(said: Utterance, content: Content, asked: str = "") -> Preview:
    """As the gateway would pass it on, and say it: after a warning the numbers stay in sight."""
    messages, clinic = Messages(content), content.clinic
    sign = read_sign(said.topic)
    said = replace(said, links=(*phone_links(said.text, clinic), *said.links))
    (message,) = messages.with_lines([messages.answer(said)], {sign.tier} if sign else ())
    return Preview(message, tuple(_dialling(said.text, clinic)), asked)


def _filled(text: str, known: Mapping[str, str]) -> str:
    """With the clinic's facts; a name that there is not is shown as it is written."""
    unknown = {name: f"{{{name}}}" for name in re.findall(r"\{(\w+)\}", text) if name not in known}
    return contents.fill(text, {**known, **unknown})


def _dialling(text: str, clinic: Clinic) -> Iterable[tuple[str, str | None]]:
    tels = {phone.display: phone.href for phone in clinic.all_phones}
    numbers = "|".join(re.escape(number) for number in sorted(tels, key=len, reverse=True))
    return ((part, tels.get(part)) for part in re.split(rf"((?<!\d)(?:{numbers})(?!\d))", text) if part)
