"""How answers are worded: Rasa's templates with the clinic's facts, sources, links and buttons filled in.

An answer's `metadata` names its `title`, its `sources` (line ids of the document) and the topics to offer `next`; with
`wording` it names a text of content/wordings.yml instead of having its own. Titles of buttons and phone numbers are
looked up here, so that each is written once.
"""

from __future__ import annotations

import re
from typing import Any

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from patchline import content, settings

UTTER = "utter_"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


class ContentNLG(TemplatedNaturalLanguageGenerator):
    """Named by `nlg.type` in endpoints.yml."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})
        configured = settings.from_environment()
        self._clinic = content.load_clinic(configured.content / "clinic.yml")
        self._wordings = content.read_wordings(configured.content / "wordings.yml")

    def generate_from_slots(
        self, utter_action: str, filled_slots: dict[str, Any], output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The filled response, with `metadata` = {topic, sources, links} for the channel."""
        template = self._random_response_for(utter_action, output_channel, filled_slots)
        if template is None:
            return None
        about = template.get("metadata") or {}
        if "same_as" in about:  # a follow-up that gives the answer of a topic again
            return self.generate_from_slots(f"{UTTER}{about['same_as']}", filled_slots, output_channel, **kwargs)
        text = self._wordings[about["wording"]] if "wording" in about else template["text"]
        slots = {name: value for name, value in filled_slots.items() if value}
        values = {**self._clinic.placeholders, **slots, **kwargs}
        return {
            "text": _PLACEHOLDER.sub(lambda found: str(values.get(found[1], found[0])), text).strip(),
            "buttons": self._buttons(template, about),
            "metadata": {
                "topic": about.get("topic", utter_action.removeprefix(UTTER)),
                "sources": about.get("sources", []),
                "links": self._links(text),
            },
        }

    def _buttons(self, template: dict[str, Any], about: dict[str, Any]) -> list[dict[str, str]]:
        offered = [{"title": self.title(topic), "payload": f"/{topic}"} for topic in about.get("next", [])]
        return [*template.get("buttons", []), *offered]

    def title(self, topic: str) -> str:
        """A topic's title for people, e.g. "Lying flat after it"."""
        return (self.responses[f"{UTTER}{topic}"][0].get("metadata") or {}).get("title", topic)

    def _links(self, template_text: str) -> list[dict[str, str]]:
        """A link that dials for every phone number that the template names."""
        phones = {"line": self._clinic.line, **self._clinic.phones}
        named = dict.fromkeys(name for name in _PLACEHOLDER.findall(template_text) if name in phones)
        return [phones[name].link for name in named]
