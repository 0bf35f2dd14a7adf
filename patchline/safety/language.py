"""English or Spanish, by the small words that every sentence has. Pure; no model, no dependency."""

from __future__ import annotations

import re
from typing import Literal

from .tokens import plain_form

Language = Literal["en", "es"]

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
# Words that the other language does not have; "no", "me", "a", "he" and "son" say nothing.
_SPANISH = frozenset(
    "el la los las un una unos unas de del al que y o en con por para se mi mis su sus lo le les es esta estoy estan "
    "tengo tiene tienen hay puedo puede pueden siento siente muy pero si desde despues antes cuando como donde porque "
    "ya mas tambien yo ella nos duele duelen esposo esposa hijo hija mama papa cabeza espalda pierna piernas fiebre "
    "parche quiero quiere sin nada hace ayer hoy anoche manana orinar hola gracias dolor ayuda favor tome pastillas "
    "morir morirme vivir vida bebe pie pies sangre escalofrios peor miedo".split()
)
_ENGLISH = frozenset(
    "the an and of to in is are was were i im ive my your his her its our their you she they we it that this with for "
    "on at but not have has had can cant do does dont if when what how from since be been will would should so or as "
    "feel feels need want after before now there please hurts pain headache back leg legs".split()
)


def of(text: str) -> Language:
    """The language of a cleaned text; English when in doubt, and for a letter alone ("y" is a short "yes").

    >>> of("no puedo orinar desde ayer"), of("no feeling in my leg"), of("me duele the head"), of("y")
    ('es', 'en', 'es', 'en')
    """
    words = [plain_form(match[0]) for match in _WORDS.finditer(text)]
    if len(words) == 1 and len(words[0]) == 1:
        return "en"
    spanish = sum(word in _SPANISH for word in words)
    english = sum(word in _ENGLISH for word in words)
    return "es" if spanish > english else "en"
