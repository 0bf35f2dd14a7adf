"""A warning sign that somebody at the clinic has to see. Pure data, as it is handed over to be recorded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, cast

from patchline.safety.model import TIERS, Tier, worse

Source = Literal["rules", "model", "both", "choice"]  # which net saw it, or the patient pressed the button

MOST_WORDS = 30  # of what triggered, in one case

SIGN = re.compile(rf"red_flag/(?P<tier>{'|'.join(TIERS)})(?P<es>_es)?(?P<they>_they)?")


@dataclass(frozen=True)
class Sign:
    """What the name of an intent, topic or choice says."""

    tier: Tier
    language: Literal["en", "es"] = "en"
    relative: bool = False


@dataclass(frozen=True)
class Escalation:
    """One message with a warning sign; `conversation_id` and `message_id` say which."""

    conversation_id: str
    message_id: str
    tier: Tier
    source: Source
    said_at: datetime  # when the patient wrote it; UTC without a zone
    categories: tuple[str, ...] | None = None  # of `safety.CATEGORIES`; None when nobody has looked yet
    triggers: tuple[str, ...] = ()  # the words that triggered; a patient's words: never into a log
    language: Literal["en", "es"] = "en"
    relative: bool = False  # written by somebody for the patient
    # Found after the patient had been answered without it. Only who answers knows: without categories it says nothing.
    late: bool = False
    network: str | None = None  # whence it came, as `client.source` names it; None where nobody knows

    @property
    def key(self) -> tuple[str, str]:
        return self.conversation_id, self.message_id

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"said_at": self.said_at.isoformat()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Escalation:
        """The reverse of `to_json`. Raises `ValueError`, `KeyError` or `TypeError` for anything else."""
        data = {"network": None, **data}  # files of an older version have none
        if set(data) != {field.name for field in fields(cls)} or data["tier"] not in TIERS:
            raise ValueError("not an escalation")
        lists = {name: None if data[name] is None else tuple(data[name]) for name in ("categories", "triggers")}
        return cls(**{**data, **lists, "said_at": datetime.fromisoformat(data["said_at"])})


def read_sign(name: str | None) -> Sign | None:
    """The warning sign that an intent, a topic or a choice names, or None.

    >>> read_sign("red_flag/emergency_es_they")
    Sign(tier='emergency', language='es', relative=True)
    """
    found = SIGN.fullmatch(name or "")
    if found is None:
        return None
    tier = cast(Tier, found["tier"])  # the pattern knows no others
    return Sign(tier, "es" if found["es"] else "en", bool(found["they"]))


def merged(first: Escalation, second: Escalation) -> Escalation:
    """What two reports of one message say together. The tier never falls, and nothing that is known is lost."""
    return replace(
        first,
        tier=worse(first.tier, second.tier),
        source=first.source if first.source == second.source else _both(first.source, second.source),
        categories=_joined(first.categories, second.categories),
        triggers=_both_of(first.triggers, second.triggers),
        language="es" if "es" in (first.language, second.language) else "en",
        relative=first.relative or second.relative,
        late=_late(first, second),
        network=first.network or second.network,
    )


def joined(case: Escalation, sign: Escalation) -> Escalation:
    """What a case says after another message of its conversation had a warning sign. The tier never falls.

    The latest words come first and `MOST_WORDS` are kept: what is worst now must not drown in what was said before.
    """
    return replace(
        case,
        tier=worse(case.tier, sign.tier),
        categories=_joined(case.categories, sign.categories),
        triggers=tuple(dict.fromkeys([*sign.triggers, *case.triggers]))[:MOST_WORDS],
        relative=case.relative or sign.relative,
    )


def _late(first: Escalation, second: Escalation) -> bool:
    """By the gateway's report alone, where there is one: the action server may run long after the patient was answered.

    The gateway's are those with categories, because it has the rules at hand.
    """
    answering = [report.late for report in (first, second) if report.categories is not None]
    return all(answering) if answering else first.late and second.late


def _both(*sources: Source) -> Source:
    return "choice" if "choice" in sources else "both"


def _joined(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if first is None or second is None:
        return second if first is None else first
    return _both_of(first, second)


def _both_of(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*first, *second]))
