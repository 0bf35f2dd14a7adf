"""What a patient said, read for warning signs by the rules before anybody else is asked."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import anyio.to_thread

from patchline import safety
from patchline.database.schema import now
from patchline.escalation.escalation import read_sign
from patchline.gateway import logs
from patchline.gateway import words as typed
from patchline.gateway.incoming import MAX_CHOICE, Said
from patchline.gateway.records import Entry
from patchline.safety.model import TIERS, Detection, Flag, Tier, worst
from patchline.safety.text import clean

# Detecting costs the square of the number of signs, so a long message is read in pieces of this many characters. They
# overlap, so that each sentence stands whole in one of them.
PIECE, OVERLAP = 1500, 400
FEW_FLAGS = 30  # up to here a long message is cheap to read as a whole, too
MOST_FLAGS = 50  # that are kept of one message
READ_FOR_S = 2.0

NOTHING = Detection(None)
UNREAD = Detection("emergency")


@dataclass(frozen=True)
class Heard:
    """One message as the gateway takes it on: its row for the journal, and who is to answer."""

    entry: Entry
    detection: Detection = NOTHING
    asked: Mapping[str, str] | None = None  # what Rasa is asked
    wording: str | None = None  # the id of the wording that answers instead
    network: str | None = None  # whence it came

    @property
    def legible(self) -> bool:
        """Whether the model could read it as well as the rules."""
        return typed.legible(self.entry.text)

    @property
    def language(self) -> str:
        sign = read_sign(self.entry.choice)
        return sign.language if sign else self.detection.language

    @property
    def relative(self) -> bool:
        sign = read_sign(self.entry.choice)
        return sign.relative if sign else self.detection.relative


class Hearing:
    """Reads messages with the rules of one content folder. Raises `ContentError` for rules with a mistake."""

    def __init__(self, content: Path, max_characters: int):
        self.detector, self.max_characters = _detector(content), max_characters

    async def hear(self, said: Said) -> Heard:
        """Read one message. Its row has the tier that a reply must have when nobody else says more."""
        if said.choice is not None:
            choice = clean(said.choice)[:MAX_CHOICE]
            sign = read_sign(choice)
            entry = Entry(said.message_id, "", choice, now(), tier=sign.tier if sign else None)
            return Heard(entry, asked={"choice": choice}, network=said.network)
        words = typed.read(said.text or "", self.max_characters)
        detection = await self._detect(said.text or "", words)
        entry = Entry(said.message_id, words.kept, None, now(), flags=signs(detection), tier=detection.tier)
        asked = {"text": words.asked} if words.asked else None
        return Heard(entry, detection, asked, words.wording, said.network)

    async def _detect(self, text: str, words: typed.Words) -> Detection:
        try:
            if words.wording != "too_long":
                return self.detector.detect(words.kept) if words.kept else NOTHING
            return await anyio.to_thread.run_sync(detect_in_pieces, self.detector, text)
        except Exception as error:  # the other net is still there, and the patient must have an answer
            logs.failure("detect_failed", error)
            return NOTHING


def detect_in_pieces(detector: safety.Detector, text: str, limit_s: float = READ_FOR_S) -> Detection:
    """What the rules say of a long text, all of it. Spans count from the start of the cleaned text.

    Where signs are few the whole is read at once, too, for a sign whose parts stand far from each other. Thousands of
    signs, which no patient writes, take longer than `limit_s` seconds: then what was found is enough, and counts as an
    emergency, because what was not read may be worse. Without any sign, reading is much faster and goes to the end.
    """
    text = _cleaned(text)
    found: list[tuple[int, Detection]] = []
    ends = time.monotonic() + limit_s
    for start, piece in pieces(text):
        if time.monotonic() > ends and any(detection.tier for _, detection in found):
            found.append((0, UNREAD))
            break
        found.append((start, detector.detect(piece)))
    else:
        if sum(len(detection.flags) for _, detection in found) <= FEW_FLAGS:
            found.append((0, detector.detect(text)))
    return _together(found)


def _together(found: list[tuple[int, Detection]]) -> Detection:
    """One detection of several pieces, each with the place where it starts."""
    flags = {(f.id, f.status, f.span): f for start, d in found for f in (_moved(flag, start) for flag in d.flags)}
    tier = worst(detection.tier for _, detection in found)
    telling = max((d for _, d in found if d.flags), key=lambda d: _rank(d.tier), default=found[0][1])
    return Detection(
        tier,
        tuple(sorted(flags.values(), key=lambda flag: (flag.status != "present", -_rank(flag.tier))))[:MOST_FLAGS],
        what_if=tier is None and any(detection.what_if for _, detection in found),
        unclear=tier is None and any(detection.unclear for _, detection in found),
        relative=telling.relative,
        language=telling.language,
    )


def _rank(tier: Tier | None) -> int:
    return TIERS.index(tier) if tier else -1


def _cleaned(text: str) -> str:
    """`clean` of a text of any length; its time grows with the square of a run of combining marks."""
    cut = (clean(piece) + " " * piece.endswith(" ") for _, piece in pieces(" ".join(text.split()), overlap=0))
    return " ".join("".join(cut).split())


def pieces(text: str, size: int = PIECE, overlap: int = OVERLAP) -> Iterator[tuple[int, str]]:
    """A text in pieces that end between words where that is possible, each with the place where it starts.

    >>> [piece for _, piece in pieces("one two three", 8, 4)]
    ['one two ', 'two three']
    """
    start = 0
    while True:
        end = len(text) if len(text) - start <= size else text.rfind(" ", start + overlap, start + size) + 1
        end = end or start + size  # no word ends here
        yield start, text[start:end]
        if end >= len(text):
            return
        between = text.rfind(" ", start + 1, end - overlap) + 1 if overlap else end
        start = between or end - overlap


def signs(detection: Detection) -> dict[str, Any] | None:
    """What the journal keeps of a detection: None when there is nothing, else also the words that triggered."""
    if not (detection.flags or detection.unclear):
        return None
    present = (flag.words for flag in detection.flags if flag.status == "present")
    return detection.to_json() | {"triggers": list(dict.fromkeys(present))}


def _moved(flag: Flag, start: int) -> Flag:
    return replace(flag, span=(flag.span[0] + start, flag.span[1] + start))


@cache
def _detector(content: Path) -> safety.Detector:
    """Building one takes a second or two; it keeps nothing between messages, so one is enough."""
    return safety.Detector(safety.load(content))
