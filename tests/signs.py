"""Patients with warning signs, what each of them must get, and the counts of what was checked."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from patchline.safety.model import TIERS
from tests.breaking import rows
from tests.system import PATIENCE_S, Patient, System, wait_for

LINE, LINE_HREF = "(202) 555-0142", "tel:+12025550142"
NUMBERS = {"clinic": (), "emergency": ("911",), "crisis": ("988",)}  # beside the clinic line
OPENINGS = {
    "clinic": "Call the clinic today.",
    "emergency": "Call 911 now.",
    "crisis": "Please call or text 988 now.",
}


@dataclass(frozen=True)
class Sign:
    """What a patient says, its tier, and how the wording for it begins."""

    tier: str
    text: str | None = None
    choice: str | None = None  # instead of a text: of the button that a patient presses who has said `before`
    before: str | None = None
    opening: str | None = None  # if not the tier's in English to the patient
    or_worse: bool = False  # a mangled text may be a worse sign to the model: over-calling is cheap

    def __str__(self) -> str:
        return self.text or f"button {self.choice}"


SIGNS = (
    Sign("clinic", "my headache is back since yesterday"),
    Sign("emergency", "I cannot urinate at all since this morning"),
    Sign("crisis", "i want to kill myself"),
    Sign("emergency", "no puedo mover las piernas desde esta mañana", opening="Llame al 911 ahora."),
    Sign(
        "emergency",
        "my wife has a fever and a stiff neck since the patch",
        opening="Call 911 now.\n\nDo not drive them there.",
    ),
    Sign("clinic", choice="red_flag/clinic", before="what if i get a fever"),
)


@dataclass(frozen=True)
class Worried:
    """One patient with one warning sign, in a conversation of their own."""

    patient: Patient
    sign: Sign
    message_id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def key(self) -> tuple[str, str]:
        return self.patient.id, self.message_id

    def send(self, timeout: float = PATIENCE_S) -> dict[str, Any]:
        """Say it; again, if it was said before. The whole reply."""
        said = {"text": self.sign.text} if self.sign.choice is None else {"choice": self.sign.choice}
        return self.patient.post(timeout, message_id=self.message_id, **said).raise_for_status().json()

    def check(self, body: dict[str, Any]) -> str:
        """The reply begins with the tier's wording and has the numbers, as text and as links that dial. The tier."""
        sign, first, tier = self.sign, body["messages"][0], body["escalation"]["tier"]
        worse = sign.or_worse and TIERS.index(tier) > TIERS.index(sign.tier)
        assert tier == sign.tier or worse, sign
        assert first["topic"] == f"red_flag/{tier}", sign
        assert first["text"].startswith(OPENINGS[tier] if worse or not sign.opening else sign.opening), sign
        numbers = {*NUMBERS[sign.tier], *NUMBERS[tier]}
        assert [number for number in (LINE, *numbers) if number not in first["text"]] == [], sign
        dialled = {link["href"] for message in body["messages"] for link in message["links"]}
        assert {LINE_HREF, *(f"tel:{number}" for number in numbers)} <= dialled, sign
        assert body["escalation"]["status"] in ("recorded", "pending")
        return tier


class Ward:
    """Worried patients of one system. Counts nothing that was not checked."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.failures: list[str] = []
        self.told: set[tuple[str, str]] = set()  # (conversation id, message id) of every flagged message
        self.answered: dict[tuple[str, str], str] = {}  # of these, with wording and number in time: the tier
        self.recorded: set[tuple[str, str]] = set()  # of these, on record exactly once
        self._at_stake: list[Worried] = []  # whose tickets are counted once more at the end

    def patients(self, signs: Iterable[Sign] = SIGNS) -> list[Worried]:
        """One for each sign; whoever will press a button has been offered it."""
        found = [Worried(self.system.patient(), sign) for sign in signs]
        for worried in found:
            if worried.sign.before:
                buttons = [
                    button for message in worried.patient.say(worried.sign.before) for button in message["buttons"]
                ]
                assert worried.sign.choice in {button["choice"] for button in buttons}
        return found

    @contextlib.contextmanager
    def failure(self, name: str) -> Iterator[None]:
        """Counts as one, if everything in it holds."""
        yield
        self.failures.append(name)

    def tell(self, patients: Iterable[Worried]) -> list[dict[str, Any]]:
        """All say it at the same time, and each is answered as they must be, in time. The replies."""
        with self.telling(patients) as futures:
            pass
        return [future.result() for future in futures]

    @contextlib.contextmanager
    def telling(self, patients: Iterable[Worried]) -> Iterator[list[Future]]:
        """The same while something happens; the replies are there after the context."""
        patients = list(patients)
        self.told |= {worried.key for worried in patients}
        with ThreadPoolExecutor(len(patients)) as pool:
            futures = [pool.submit(self._tell, worried) for worried in patients]
            yield futures
        for future in futures:
            future.result()

    def _tell(self, worried: Worried) -> dict[str, Any]:
        self.answered.pop(worried.key, None)
        started = time.monotonic()
        body = worried.send()
        took_s = time.monotonic() - started
        tier = worried.check(body)
        assert took_s < PATIENCE_S, f"{worried.sign}: {took_s:.1f} s"
        self.answered[worried.key] = tier
        return body

    def on_record(self, patients: Iterable[Worried], limit_s: float = 60) -> None:
        """Everyone's escalation is on record, once, with the tier that they were told."""
        for worried in patients:
            wait_for(lambda worried=worried: self.tickets(worried), limit_s)
            self._check_record(worried)
            self.recorded.add(worried.key)
            self._at_stake.append(worried)

    def count_again(self) -> None:
        """Nobody's ticket was doubled or lost since."""
        for worried in self._at_stake:
            self.recorded.discard(worried.key)
            self._check_record(worried)
            self.recorded.add(worried.key)
        self._at_stake.clear()

    def _check_record(self, worried: Worried) -> None:
        assert self.tickets(worried) == [(worried.message_id, self.answered[worried.key])], worried.sign

    def tickets(self, worried: Worried) -> list[tuple[str, str]]:
        """(message id, tier) of every ticket of the conversation."""
        query = "SELECT message_id, tier FROM tickets WHERE conversation_id = ?"
        return rows(self.system, query, worried.patient.id)

    def counts(self) -> str:
        failures = [f"failures {len(self.failures)}"] if self.failures else []
        flagged = f"flagged messages {len(self.told)}: wording and number in time {len(self.answered)}"
        return ", ".join([*failures, flagged, f"on record exactly once {len(self.recorded)}"])
