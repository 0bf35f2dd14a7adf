"""Everything that the desk says of a ticket in plain words: one place for tiers, categories, states and codes. Pure."""

from __future__ import annotations

import re

from patchline.escalation.case import Case, Happening, Sending

# A shape beside the colour: who does not see red from green, or prints in grey, tells them apart all the same.
TIERS = {"crisis": "Crisis", "emergency": "Emergency", "clinic": "Call today"}
SHAPES = {"crisis": "◆", "emergency": "▲", "clinic": "●", "wish": "○"}
TOLD = {
    "crisis": "Words of suicide, self-harm or overdose. The patient was told to call or text 988, or 911 in danger.",
    "emergency": "An emergency sign. The patient was told to call 911 now.",
    "clinic": "A warning sign. The patient was told to call the clinic today.",
}
KINDS = {
    "red_flag": "Warning sign",
    "callback": "Call-back wish",
    "appointment": "Appointment wish",
    "question": "Question for a person",
}
STATES = {"open": "Open", "acknowledged": "Somebody has it", "resolved": "Resolved"}
CATEGORIES = {
    "headache_back": "Headache is back after the patch",
    "fever_infection": "Fever, chills or signs of infection",
    "numb_weak": "Numbness or weakness of the legs",
    "urinating": "Difficulty urinating",
    "back_pain": "New or worse back pain",
    "bladder_bowel": "Lost control of bladder or bowel, or cannot urinate at all",
    "saddle": "Numb between the legs",
    "cannot_move_legs": "Cannot stand or move the legs",
    "fever_with_sign": "Fever with stiff neck, confusion or a rash",
    "worst_headache": "Sudden or worst headache",
    "stroke": "Signs of a stroke",
    "seizure_faint": "Seizure or fainting",
    "chest_breath": "Chest pain, or cannot breathe",
    "swollen_calf": "One swollen calf",
    "vision": "Sudden loss of vision",
    "allergy": "Swelling of lips, face or throat",
    "suicidal": "Suicidal words",
    "self_harm": "Self-harm",
    "harm_baby": "Harm to the baby",
    "overdose": "Overdose",
}
SOURCES = {
    "rules": "found by the rules",
    "model": "found by the language model alone, so look at the whole message",
    "both": "found by the rules and by the language model",
    "choice": "the patient said so by pressing a button",
    "form": "the patient filled in a form",
}
LANGUAGES = {"en": "English", "es": "Spanish"}
OUTCOMES = {  # of a call to the patient
    "reached": "Reached the patient",
    "no_answer": "No answer",
    "left_message": "Left a message",
    "wrong_number": "Wrong number",
    "sent_to_emergency": "Sent to 911 or the emergency room",
}
ENDINGS = (  # how a ticket is resolved, most often
    "Advice given on the phone",
    "Comes to the clinic",
    "Went to the emergency room or called 911",
    "Appointment made",
    "Question answered",
    "No warning sign after all",
    "Could not be reached",
)
ACTIONS = {
    "opened": "Ticket opened by the patient's message",
    "raised": "Turned out to be more urgent",
    "added": "Another warning sign in the same chat",
    "bundled": "Called about this one for all whose calls are bundled",
    "taken_back": "The patient says it was a misunderstanding",
    "delivered": "Message to staff arrived",
    "failed": "Message to staff did not arrive",
    "exhausted": "Everybody was called and nobody acknowledged",
    "acknowledged": "Acknowledged",
    "called": "Called the patient",
    "resolved": "Resolved",
    "reopened": "Reopened",
    "noted": "Note",
    "reassigned": "Given to",
    "message": "Wrote to the patient",
    "joined": "Came into the chat",
    "wrote": "The patient wrote in the chat",
    "unanswered": "The patient was told that nobody has answered yet",
    "handed_back": "Gave the chat back to the bot",
    "left": "Has not written for a while, so the bot answers again",
    "viewed": "Looked at it",
}
SENDINGS = {
    "pending": "waits to be sent",
    "leased": "is being sent",
    "sent": "arrived at the channel",
    "failed": "did not arrive",
    "cancelled": "not needed any more: somebody had the ticket",
}
CODES = {  # why a message to staff did not arrive
    "sent": "it was taken",
    "timeout": "the other side did not answer in time",
    "tls": "the other side's certificate is not valid",
    "no_connection": "no connection to the other side",
    "connection_lost": "the connection broke",
    "bad_address": "the address of the channel is wrong",
    "not_taken": "the service did not take it and did not say why",
    "sender_died": "the program that sends it stopped in the middle",
    "unknown_channel": "there is no such channel in the file of channels",
    "internal_error": "a fault of Patchline",
}
_NUMBERED = re.compile(r"(http|smtp)_(\d{3})")
_ACTORS = {"patient": "Patient", "patchline": "Patchline"}


def code(said: str | None) -> str:
    """What a delivery's code means.

    >>> code("http_503"), code("http_404")
    ('the service is out of order for now (503)', 'the service refuses the message (404)')
    """
    if found := _NUMBERED.fullmatch(said or ""):
        who, number = ("service", int(found[2])) if found[1] == "http" else ("mail server", int(found[2]))
        if number in (401, 403, 530, 535):
            return f"the {who} does not accept our password ({number})"
        if number == 429:
            return f"the {who} gets too many messages ({number})"
        later = number >= 500 if found[1] == "http" else number < 500
        return f"the {who} {'is out of order for now' if later else 'refuses the message'} ({number})"
    return CODES.get(said or "", "" if said is None else f"for a reason that is only known as “{said}”")


def actor(name: str) -> str:
    """Who did it: staff by their name."""
    return _ACTORS.get(name, name)


def headline(case: Case) -> str:
    """A ticket in two or three words.

    >>> headline(emergency), headline(callback)
    ('Emergency', 'Call-back wish')
    """
    return TIERS[case.tier] if case.tier else KINDS[case.kind]


def rank(case: Case) -> str:
    """The colour and the shape of a ticket: its tier, or "wish"."""
    return case.tier or "wish"


def categories(case: Case) -> list[str]:
    """A ticket's categories in words; one that is not known here stays as it is."""
    return [CATEGORIES.get(name, name) for name in case.categories or ()]


def sending(one: Sending) -> str:
    """What became of one message to staff.

    >>> sending(Sending("Nurse", "sms", 1, "pending", 2, at, None, "timeout"))
    'is tried again (2 attempts so far): the other side did not answer in time'
    """
    if one.state == "pending" and one.attempts:
        return f"is tried again ({one.attempts} attempt{'s' * (one.attempts != 1)} so far): {code(one.last_code)}"
    words = SENDINGS.get(one.state, one.state)
    return f"{words}: {code(one.last_code)}" if one.state == "failed" and one.last_code else words


def note(line: Happening) -> str:
    """The note of a line of a ticket's history, in words."""
    text = "" if line.action == "wrote" else line.note or ""  # the id of the message, which stands in the chat
    if line.action == "called":
        outcome, _, more = text.partition(": ")
        return ": ".join(part for part in (OUTCOMES.get(outcome, outcome), more) if part)
    if line.action == "failed":
        whom, _, why = text.rpartition(": ")
        return f"{whom}: {code(why)}" if whom else code(why)
    if line.action == "raised":
        tier = text.removeprefix("from ")
        return f"it was “{TIERS.get(tier, tier)}” before"
    if line.action == "added":
        return TIERS.get(text, text)
    if line.action == "bundled":
        return f"{text} others wait" if text != "0" else ""
    return text
