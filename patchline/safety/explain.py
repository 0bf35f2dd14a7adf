"""Why a message is flagged or not, for a nurse to read: `patchline safety explain "text"`."""

from __future__ import annotations

from .detector import Detector, Reading
from .model import Detection, Flag, Tier
from .rules import Rules

_OUTCOME = {
    "clinic": "The patient is told to call the clinic today.",
    "emergency": "The patient is told to call 911 now.",
    "crisis": "The patient gets the crisis lines: 988, and 911 or Poison Help.",
}
WHAT_IF = "Nothing is present: the patient gets the call list and is asked whether it is happening now."
VAGUE = "Alarming but vague: the patient gets one short check and the clinic line."
NO_ALERT = "No alert; the message is answered like any other."
_WITH_SUPPORT = " (Only where the intent model gives some support or no answer: the words alone are weak.)"
_STATUS = {
    "present": "present",
    "negated": "said not to be there",
    "hypothetical": "only asked about",
    "history": "past",
    "other_person": "somebody else's",
    "before_patch": "the headache of somebody without a patch yet",
}


def explain(text: str, detector: Detector) -> str:
    """What matched, what lowered it and why, and what follows; a few lines of plain text.

    >>> print(explain("no fever but my leg is numb", detector))
    Message:  no [fever]1 but my [leg is numb]2
    ...
    """
    lines, outcome = parts(text, detector)
    return "\n".join([*lines, f"Outcome:  {outcome}"])


def parts(text: str, detector: Detector) -> tuple[list[str], str]:
    """The same as lines, and what follows where the rules decide alone."""
    rules = detector.rules
    reading = detector.read(text)
    lines = [f"Message:  {_marked(reading)}"]
    lines += [f'Spelling: "{written}" is read as "{read}"' for written, read in detector.corrected(text)]
    for number, flag in enumerate(reading.detection.flags, 1):
        lines += _flag(number, flag, reading, rules)
    lines += _false_friends(reading, rules)
    if not reading.detection.flags:
        lines.append("No warning sign of the list was found.")
    return lines, _outcome(reading.detection)


def _marked(reading: Reading) -> str:
    """The message with the matched words in numbered brackets."""
    marks = [(flag.span[1], f"]{number}") for number, flag in enumerate(reading.detection.flags, 1)]
    marks += [(flag.span[0], "[") for flag in reading.detection.flags]
    text = reading.text
    for place, mark in sorted(marks, key=lambda m: (m[0], m[1] == "["), reverse=True):
        text = text[:place] + mark + text[place:]
    return text


def _flag(number: int, flag: Flag, reading: Reading, rules: Rules) -> list[str]:
    group = next(group for group in rules.groups if group.id == flag.id)
    lines = [
        f'{number}. "{flag.words}": {flag.id} ({flag.tier}, {flag.category}; source: {group.source}; '
        f"reviewed {group.reviewed} by {group.reviewer})",
        f"   pattern: {_pattern(flag, reading, group.all_of)}",
    ]
    lowered = next((rule for rule in rules.context if rule.id == flag.rule), None)
    if lowered:
        lines.append(f"   lowered by the rule {lowered.id!r}: {_STATUS[flag.status]} ({lowered.why})")
    else:
        lines.append("   present: nothing lowers it")
    if flag.weak:
        lines.append("   weak: raises only where the intent model is not sure that it is harmless, or gives no answer")
    return lines


def _pattern(flag: Flag, reading: Reading, all_of: tuple[str, ...]) -> str:
    found = [hit for hit, _ in reading.hits if hit.owner in (all_of or (flag.id,))]
    here = [hit for hit in found if all_of or reading.tokens[hit.start].start == flag.span[0]]
    return " and ".join(dict.fromkeys(f"{hit.owner}: {hit.phrase}" if all_of else hit.phrase for hit in here))


def _false_friends(reading: Reading, rules: Rules) -> list[str]:
    why = {friend.id: friend.why for friend in rules.false_friends}
    signs = {name for group in rules.groups for name in (group.id, *group.all_of)}
    found = {}
    for hit, friend in reading.dropped:
        if hit.owner in signs:
            words = reading.text[reading.tokens[hit.start].start : reading.tokens[hit.end - 1].end]
            found[hit.owner, friend] = f'Not a sign: "{words}" ({hit.owner}); false friend {friend!r}: {why[friend]}'
    return list(found.values())


def raised(tier: Tier, relative: bool, language: str) -> str:
    """What a raised sign means for the patient, in a sentence or two."""
    about = ' It is written for somebody else: the wording says "they".' if relative else ""
    return _OUTCOME[tier] + about + (" In Spanish." if language == "es" else "")


def _outcome(detection: Detection) -> str:
    if detection.tier:
        sure = "" if detection.sure_tier == detection.tier else _WITH_SUPPORT
        return raised(detection.tier, detection.relative, detection.language) + sure
    if detection.what_if:
        return WHAT_IF
    if detection.unclear:
        return VAGUE
    return NO_ALERT
