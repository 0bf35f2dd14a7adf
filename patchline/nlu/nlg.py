"""How answers are worded: Rasa's templates with the clinic's facts, sources, links and buttons filled in.

An answer's `metadata` names its `title`, its `sources` (line ids of the document), the topics to offer `next` and the
`options` of a form; with `wording` it names a text of content/wordings.yml instead of having its own, which may hold
what a form has been given. Titles of buttons and phone numbers are looked up here, so that each is written once.

Once a warning sign was raised in a conversation, nothing takes it back: an answer with `after` is replaced by the
wording of that name, and any other answer begins with the number to call.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from patchline import content, phones, settings, wordings
from patchline.nlu.understanding import RED_FLAG, SEVERAL
from patchline.safety.model import TIERS, Tier, worst

UTTER = "utter_"
TAKEN_BACK = "taken_back"  # slot: the message that took the warning signs before it back
PRESS = "/press_"  # the payload of an option's button
OF_OPTIONS = frozenset({"best_time", "visit"})  # slots that hold an option or the patient's words
LEAST_TIER = TIERS[0]
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ContentNLG(TemplatedNaturalLanguageGenerator):
    """Named by `nlg.type` in endpoints.yml."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})
        configured = settings.from_environment()
        self._content = content.load(configured.content)
        self._chat_days = configured.keep_transcripts_days

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        slots = tracker.current_slot_values()
        several = bool(tracker.latest_message) and tracker.latest_message.intent.get("name") == SEVERAL
        short = several or has_answered(tracker)
        return self.generate_from_slots(
            utter_action, slots, output_channel, raised=worst_raised(tracker), short=short, **kwargs
        )

    def generate_from_slots(
        self,
        utter_action: str,
        filled_slots: dict[str, Any],
        output_channel: str,
        raised: str | None = None,
        short: bool = False,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """The filled response, with `metadata` = {topic, sources, links} for the channel.

        `raised` is the worst tier that this conversation has been given, `short` leaves the number to the links.
        """
        template = self._random_response_for(utter_action, output_channel, filled_slots)
        if template is None:
            return None
        about = template.get("metadata") or {}
        slots = {name: value for name, value in filled_slots.items() if value}
        if "same_as" in about:
            same = self._same(about["same_as"], slots)
            if same:
                brief = bool(about.get("brief"))
                more = kwargs | ({"brief": True} if brief else {})
                return self.generate_from_slots(same, filled_slots, output_channel, raised, short, **more)
        topic = about.get("topic", utter_action.removeprefix(UTTER))
        if raised is not None and "after" in about:
            replaced, text = True, self._after(about["after"], raised, slots)
        else:
            replaced, text = False, self._text(template, about, slots, kwargs)
        if kwargs.get("brief"):
            text = in_short(text)
        if raised and not replaced and not short and not topic.startswith(RED_FLAG):
            first = wordings.variant(f"first/{raised}", slots.get("language"), False, self._content.written)
            text = f"{self._content.wording(first)}\n\n{text}"
        return {
            "text": text,
            "buttons": [] if replaced else self._buttons(template, about, slots.get("language")),
            "metadata": {
                "topic": topic,
                "sources": [] if replaced else about.get("sources", []),
                "links": [*self._links(text), *self._more_links(about)],
            },
        }

    def _same(self, same_as: str, slots: dict[str, Any]) -> str | None:
        """The response of another topic. "{asked}" is the tier of the sign that was asked about, "{topic}" what the
        last answer was about; None where there was none yet.
        """
        if "{topic}" in same_as and f"{UTTER}{slots.get('topic')}" not in self.responses:
            return None
        return f"{UTTER}{same_as.format(asked=slots.get('asked', LEAST_TIER), topic=slots.get('topic'))}"

    def _text(
        self, template: dict[str, Any], about: dict[str, Any], slots: dict[str, Any], more: dict[str, Any]
    ) -> str:
        wording = about.get("wording")
        if slots.get("language") == wordings.SPANISH:
            wording = about.get("in_spanish", wording)
        if wording:
            known = self._content.written
            wording = wordings.variant(wording, slots.get("language"), bool(slots.get("relative")), known)
            return self._content.wording(wording, _now(), **self._given(slots, more))
        values = {**self._content.facts(_now()), "chat_days": self._chat_days, **slots, **more}
        return content.tidy(_PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), template["text"]))

    def _after(self, name: str, tier: str, slots: dict[str, Any]) -> str:
        """What is said once `tier` was raised. In Spanish it is the reminder alone, whatever was asked."""
        now, known = _now(), self._content.written
        reminder = wordings.variant(f"reminder/{tier}", slots.get("language"), False, known)
        said = self._content.wording(reminder, now)
        if wordings.language_of(reminder) == wordings.SPANISH:
            return said
        return self._content.wording(wordings.after(name, tier, known), now, reminder=said)

    def _given(self, slots: dict[str, Any], more: dict[str, Any]) -> dict[str, str]:
        """What a form has been given, as people read it; `more` goes before the slots."""
        given = {name: value for name, value in (slots | more).items() if isinstance(value, str)}
        for name in given.keys() & OF_OPTIONS:
            given[name] = self._option(given[name], slots.get("language")) or given[name]
        written = slots.get("phone_written") if slots.get("phone") == phones.UNCHECKED else None
        given["phone"] = phones.shown(given.get("phone", ""), self._content.clinic.region)
        return given | {"phone_written": "; ".join(written or [])}

    def _option(self, option: str, language: str | None) -> str | None:
        """The words on the button of an option; None where there is no such option."""
        known = self._content.written
        wording = wordings.variant(f"option/{option}", language, False, known)
        return self._content.wording(wording) if wording in known else None

    def _buttons(self, template: dict[str, Any], about: dict[str, Any], language: str | None) -> list[dict[str, str]]:
        options = [
            {"title": self._option(option, language), "payload": f"{PRESS}{option}"}
            for option in about.get("options", [])
        ]
        offered = [{"title": self.title(topic), "payload": f"/{topic}"} for topic in about.get("next", [])]
        return [*template.get("buttons", []), *options, *offered]

    def _links(self, text: str) -> list[dict[str, str]]:
        """A link that dials for every number in the text, in the order of the text."""
        named = [phone for phone in self._content.clinic.all_phones if phone.named_in(text)]
        return [phone.link for phone in sorted(named, key=lambda phone: text.index(phone.display))]

    def _more_links(self, about: dict[str, Any]) -> list[dict[str, str]]:
        """Links that an answer names, e.g. `links: [map]`."""
        return [self._content.clinic.links[name] for name in about.get("links", [])]

    def title(self, topic: str) -> str:
        """A topic's title for people, e.g. "Lying flat after it"."""
        return (self.responses[f"{UTTER}{topic}"][0].get("metadata") or {}).get("title", topic)


def in_short(text: str) -> str:
    """The first paragraph of an answer: what answers the question stands there.

    >>> in_short("You can eat.\n\nAsk your team about more.")
    'In short: You can eat.'
    """
    return f"In short: {text.partition(chr(10) * 2)[0]}"


def worst_raised(tracker: DialogueStateTracker) -> Tier | None:
    """The worst tier whose wording this conversation has been given, e.g. "emergency"; None if there was none, or if
    the patient has taken it back since.
    """
    tiers: list[Tier | None] = []
    for event in tracker.events:
        if isinstance(event, SlotSet) and event.key == TAKEN_BACK and event.value:
            tiers = []
        elif isinstance(event, BotUttered):
            tiers.append(tier_of(event))
    return worst(tiers)


def has_answered(tracker: DialogueStateTracker) -> bool:
    """Whether the bot has said something to the latest message already."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered | BotUttered):
            return isinstance(event, BotUttered)
    return False


def tier_of(said: BotUttered) -> Tier | None:
    """The tier of the warning-sign wording that the bot has said, or None for any other answer."""
    topic = ((said.metadata or {}).get("metadata") or {}).get("topic") or ""
    return next((tier for tier in TIERS if topic == f"{RED_FLAG}{tier}"), None)


def _now() -> datetime:
    return datetime.now(UTC)
