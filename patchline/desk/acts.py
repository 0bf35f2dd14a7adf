"""What somebody does with a ticket, as a form says it: read and checked. Pure; `do` is what changes the ticket."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from patchline.desk import labels
from patchline.escalation import desk_api
from patchline.escalation.case import Case
from patchline.escalation.states import OUTCOMES, NotAllowed

LONGEST_MESSAGE = 600  # characters: a patient reads it on a phone
LONGEST_NOTE = 2000
OTHER = "other"  # an ending that is not on the list

Do = Callable[..., Case]  # (engine, reference, actor, at)


@dataclass(frozen=True)
class Act:
    """One deed. `action` and `note` are what will stand in the ticket's history, `code` what stands in the audit."""

    action: str
    note: str
    do: Do
    code: str | None = None


def read(name: str, form: Mapping[str, str], staff: Collection[str]) -> Act:
    """The act that a form asks for; `staff` are the names of those who may have a ticket.

    Raises `NotAllowed` with a sentence for what is missing or too long, and `KeyError` for an unknown name.
    """
    return _READERS[name](form, staff)


def _acknowledge(form: Mapping[str, str], staff: Collection[str]) -> Act:
    return Act("acknowledged", "", desk_api.acknowledge)


def _called(form: Mapping[str, str], staff: Collection[str]) -> Act:
    outcome, text = form.get("outcome", ""), _text(form, "The note", LONGEST_NOTE)
    if outcome not in OUTCOMES:
        raise NotAllowed("Choose how the call went.")
    note = f"{outcome}: {text}" if text else outcome
    return Act("called", note, _with(desk_api.call_outcome, outcome, text), f"outcome:{outcome}")


def _resolve(form: Mapping[str, str], staff: Collection[str]) -> Act:
    ending, text = form.get("ending", ""), _text(form, "The note", LONGEST_NOTE)
    if ending not in (*labels.ENDINGS, OTHER):
        raise NotAllowed("Choose how it ended.")
    if ending == OTHER and not text:
        raise NotAllowed("Say in a few words how it ended.")
    note = text if ending == OTHER else f"{ending}: {text}" if text else ending
    return Act("resolved", note, _with(desk_api.resolve, note))


def _reopen(form: Mapping[str, str], staff: Collection[str]) -> Act:
    why = _text(form, "The reason", LONGEST_NOTE)
    if not why:
        raise NotAllowed("Say in a few words why it is open again.")
    return Act("reopened", why, _with(desk_api.reopen, why))


def _note(form: Mapping[str, str], staff: Collection[str]) -> Act:
    text = _text(form, "The note", LONGEST_NOTE)
    return Act("noted", text, _with(desk_api.note, text))


def _reassign(form: Mapping[str, str], staff: Collection[str]) -> Act:
    to = form.get("to", "").strip()
    if to not in staff:
        raise NotAllowed("Choose who has it from now on.")
    return Act("reassigned", to, _with(desk_api.reassign, to))


def _message(form: Mapping[str, str], staff: Collection[str]) -> Act:
    text = _text(form, "The message", LONGEST_MESSAGE)
    return Act("message", text, _with(desk_api.message_to_patient, text), f"characters:{len(text)}")


def _hand_back(form: Mapping[str, str], staff: Collection[str]) -> Act:
    return Act("handed_back", "", desk_api.hand_back)


_READERS: dict[str, Callable[[Mapping[str, str], Collection[str]], Act]] = {
    "acknowledge": _acknowledge,
    "called": _called,
    "resolve": _resolve,
    "reopen": _reopen,
    "note": _note,
    "reassign": _reassign,
    "message": _message,
    "hand-back": _hand_back,
}
NAMES = tuple(_READERS)


def _with(do: Do, *said: str) -> Do:
    def with_words(engine: Any, reference: str, actor: str, at: datetime) -> Case:
        return do(engine, reference, actor, at, *said)

    return with_words


def _text(form: Mapping[str, str], what: str, longest: int) -> str:
    text = form.get("text", "").replace("\r\n", "\n").strip()
    if len(text) > longest:
        raise NotAllowed(f"{what} is too long: {len(text)} characters, and {longest} fit.")
    return text
