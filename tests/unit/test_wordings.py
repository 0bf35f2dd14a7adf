"""The texts around warning signs, as patients and their relatives read them."""

import re
from datetime import UTC, datetime
from itertools import product

import pytest
import textstat

from patchline import content
from patchline.clock import moment
from patchline.safety.model import TIERS
from patchline.wordings import after, language_of, red_flag_wording, variant
from patchline.workspace.wording_names import wording_name
from tests.answers import ROOT

CONTENT = content.load(ROOT / "content")
CLINIC = CONTENT.clinic
SUNDAY = datetime(2026, 11, 22, 17, tzinfo=UTC)
MONDAY = datetime(2026, 11, 23, 17, tzinfo=UTC)
ESCALATION = [
    key
    for key in CONTENT.written
    if key.split("/")[0] in ("red_flag", "what_if", "not_now", "check", "check_again", "reminder", "first", "after")
]
NOTES = [key for key in CONTENT.written if key.split("/")[0] in ("note", "still") or key.startswith("closed/request")]
RED_FLAGS = [key for key in ESCALATION if key.startswith("red_flag/")]
AFTER = sorted({key.split("/")[1] for key in ESCALATION if key.startswith("after/")})
FORBIDDEN = re.compile(
    r"may indicate|notified|we have told|don't worry|no need to worry|not serious|nothing serious|is normal|harmless"
    r"|usually|probably|no se preocupe|es normal",
    re.IGNORECASE,
)
PROMISED = re.compile(
    r"(will|'ll) (call|be in touch|get back|contact)|call you( back)?\b|soon|shortly|le llamar|en breve|pronto",
    re.IGNORECASE,
)


def said(key: str, now: datetime = SUNDAY) -> str:
    """The longest form of a wording: at a time when the clinic is closed, and with all that may stand in it."""
    if key in NOTES:
        return noted(key, now)
    if key.startswith("after/"):
        tier = key.split("/")[2] if key.count("/") == 2 else TIERS[0]
        return CONTENT.wording(key, now, reminder=CONTENT.wording(f"reminder/{tier}", now))
    return CONTENT.wording(key, now)


def noted(key: str, now: datetime) -> str:
    """A note as the patient reads it, with the sentence that tells them to call where it has one."""
    es = language_of(key) == "es"
    tier = next((part for part in key.split("/") if part in TIERS), TIERS[0])
    opens = CLINIC.office.opens(now, language_of(key))
    opening = CONTENT.wording("closed/request/es" if es else "closed/request", now, opens=opens) if opens else ""
    still = CONTENT.wording(f"still/{tier}" + "/es" * es)
    when = moment(now, now, CLINIC.timezone, language_of(key))
    return CONTENT.wording(key, now, when=when, still=still, opening=opening, opens=opens)


@pytest.mark.parametrize(("tier", "language", "relative"), product(TIERS, ("en", "es"), (False, True)))
def test_every_tier_has_a_wording_in_both_languages_for_patients_and_relatives(tier, language, relative):
    key = red_flag_wording(tier, language, relative)
    assert CONTENT.wording(key, MONDAY)
    assert language_of(key) == language
    assert variant(f"red_flag/{tier}", language, relative, CONTENT.written) == key


@pytest.mark.parametrize("key", [key for key in ESCALATION + NOTES if language_of(key) == "en"])
@pytest.mark.parametrize("now", [MONDAY, SUNDAY], ids=["open", "closed"])
def test_an_english_text_around_warning_signs_reads_at_grade_6_or_below(key, now):
    sentences = re.sub(r"[•\n]+|\(?\d[\d() –-]+", ". ", said(key, now)).replace("..", ".")
    assert textstat.flesch_kincaid_grade(sentences) <= 6


@pytest.mark.parametrize("key", RED_FLAGS)
def test_a_warning_begins_with_the_action_and_its_number(key):
    action = re.match(r"(Call|Please call|Llame|Por favor llame)[^.:]*[.:]", said(key))
    assert action
    first = {"clinic": CLINIC.line, "emergency": CLINIC.phones["emergency"], "crisis": CLINIC.phones["crisis"]}
    opening = said(key).split("\n\n")[0]
    assert first[key.split("/")[1]].named_in(opening)


@pytest.mark.parametrize("key", ESCALATION + NOTES)
def test_a_long_number_stands_on_a_line_of_its_own(key):
    for line in said(key).split("\n"):
        for phone in (CLINIC.line, CLINIC.phones["poison"]):
            assert phone.display not in line or line == phone.display


@pytest.mark.parametrize("key", ESCALATION)
def test_no_text_reassures_and_none_says_that_the_clinic_knows(key):
    assert not FORBIDDEN.search(said(key))


@pytest.mark.parametrize("key", NOTES)
def test_a_note_promises_no_call_and_reassures_nobody_and_is_there_in_both_languages(key):
    assert not FORBIDDEN.search(said(key))
    assert not PROMISED.search(said(key))
    assert key.removesuffix("/es") in CONTENT.written
    assert key.removesuffix("/es") + "/es" in CONTENT.written


@pytest.mark.parametrize("key", [key for key in ESCALATION if key.endswith("/they")])
def test_a_relative_is_never_addressed_as_the_patient(key):
    text = said(key)
    assert not re.search(r"\b(your|yourself)\b|you can't (pee|stand)|happening to you", text)
    assert not re.search(r"No maneje|no está solo ni sola\.|si usted empeora", text)


@pytest.mark.parametrize("key", [key for key in ESCALATION + NOTES if language_of(key) == "es"])
def test_spanish_says_usted(key):
    assert not re.search(r"\b(tú|tu|tus|te|ti|llama|puedes|tienes|estás|contigo)\b", said(key), re.IGNORECASE)


@pytest.mark.parametrize(("name", "tier"), product(AFTER, TIERS))
def test_whatever_is_said_after_a_warning_the_line_stays_in_sight_and_911_too(name, tier):
    reminder = CONTENT.wording(f"reminder/{tier}", SUNDAY)
    text = CONTENT.wording(after(name, tier, CONTENT.written), SUNDAY, reminder=reminder)
    assert CLINIC.line.named_in(text)
    assert CLINIC.phones["emergency"].named_in(text)
    assert tier != "crisis" or CLINIC.phones["crisis"].named_in(text)


def test_the_clinic_tier_says_after_hours_when_the_clinic_opens_and_what_to_do_until_then():
    closed = CONTENT.wording("red_flag/clinic", SUNDAY)
    assert "The clinic is closed now. It opens tomorrow at 8 am. Call all the same" in closed
    assert "closed" not in CONTENT.wording("red_flag/clinic", MONDAY)
    assert "La clínica está cerrada ahora. Abre mañana a las 8" in CONTENT.wording("red_flag/clinic/es", SUNDAY)


@pytest.mark.parametrize("tier", ["emergency", "crisis"])
def test_an_emergency_does_not_speak_of_office_hours(tier):
    assert CONTENT.wording(f"red_flag/{tier}", SUNDAY) == CONTENT.wording(f"red_flag/{tier}", MONDAY)


def test_every_wording_has_a_name_of_its_own_in_plain_words():
    names = [wording_name(id) for id in CONTENT.written]
    assert len(set(names)) == len(names)
    assert not [name for name in names if "_" in name or "/" in name]
