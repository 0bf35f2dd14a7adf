"""Which wording of content/wordings.yml is meant: names of texts by tier, language and who writes. Pure."""

from __future__ import annotations

from collections.abc import Container

SPANISH = "es"
# What the settings fill in when a text is said, as an example for where it is only looked at.
OF_SETTINGS = {"max_characters": "1,000", "chat_days": "30"}
# What only some wordings may name, by the beginning of their ids; filled in when they are said.
_GIVEN = ("patient_name", "phone", "phone_written", "best_time", "visit", "question")
_OWN = {
    "closed": ("opens",),
    "after/": ("reminder",),
    "note/": ("when", "still", "opening"),
    "form/": (*_GIVEN, "understood", "example", "reference", "opens"),
}


def red_flag_wording(tier: str, language: str = "en", relative: bool = False) -> str:
    """The id of the wording for a warning sign.

    >>> red_flag_wording("clinic"), red_flag_wording("crisis", "es", relative=True)
    ('red_flag/clinic', 'red_flag/crisis/es/they')
    """
    return f"red_flag/{tier}" + ("/es" if language == SPANISH else "") + ("/they" if relative else "")


def variant(wording: str, language: str | None, relative: bool, there: Container[str]) -> str:
    """The nearest variant of a wording that exists: in the writer's language first, then about "them".

    >>> variant("what_if", "en", True, {"what_if", "what_if/they"})
    'what_if/they'
    """
    if language == SPANISH and f"{wording}/es" in there:
        wording = f"{wording}/es"
    if relative and f"{wording}/they" in there:
        wording = f"{wording}/they"
    return wording


def after(name: str, tier: str, there: Container[str]) -> str:
    """What is said to `name` ("thanks", "fine", ...) in a conversation in which `tier` was raised.

    >>> after("called", "crisis", {"after/called", "after/called/crisis"})
    'after/called/crisis'
    """
    special = f"after/{name}/{tier}"
    return special if special in there else f"after/{name}"


def language_of(wording: str) -> str:
    """The language that a wording is written in, by its id.

    >>> language_of("red_flag/clinic/es/they"), language_of("spanish"), language_of("what_if")
    ('es', 'es', 'en')
    """
    parts = wording.split("/")
    return "es" if SPANISH in parts or parts[0] == "spanish" else "en"


def own_placeholders(wording: str) -> tuple[str, ...]:
    """The names of the placeholders that a wording may have beside the clinic's facts.

    >>> own_placeholders("closed/es"), own_placeholders("greeting")
    (('opens',), ())
    """
    return next((names for start, names in _OWN.items() if wording.startswith(start)), ())
