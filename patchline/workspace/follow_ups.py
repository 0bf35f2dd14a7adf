"""What a short question ("how long?") means after an answer: rules over the slot `topic`. Pure on texts.

Staff change one kind of rule, in `data/follow_up_rules.yml`: after a topic, a short question gets a topic's answer.
Any other rule is an engineer's, and is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from patchline.workspace import yaml_text
from patchline.workspace.errors import Invalid
from patchline.workspace.validity import ANSWERS, plain

RULES, ANSWERED = "data/follow_up_rules.yml", "data/follow_up_answers.yml"
DOMAIN = "domain.yml"
UTTER, AGAIN = "utter_", "utter_again_"
OTHERWISE = "anything else"


@dataclass(frozen=True)
class FollowUp:
    """After a topic's answer, `question` ("ask_how_long") gets the answer of `topic`.

    `place`: of its rule among those that staff change; None for an engineer's.
    """

    question: str
    topic: str
    place: int | None = None


def questions(files: Mapping[str, bytes]) -> dict[str, str]:
    """The kinds of short questions -> the answer that each gets after anything else, as they stand in the file."""
    same = _same(files)
    return {asked: same.get(said, said) for rule in _rules(files)
            if not rule.get("condition") for asked, said in [_step(rule)] if asked}  # fmt: skip


def may_follow(files: Mapping[str, bytes], topic: str) -> bool:
    """Whether a rule can name the topic as the last one: the slot has to know it."""
    return topic in plain(files[DOMAIN])["slots"]["topic"]["values"]


def follow_ups(files: Mapping[str, bytes], topic: str) -> list[FollowUp]:
    """What short questions mean after a topic's answer."""
    same, found = _same(files), []
    for path, data in sorted(files.items()):
        for place, rule in enumerate(plain(data).get("rules") or []) if path.startswith("data/") else []:
            asked, said = _step(rule)
            if _after(rule) == topic and asked:
                found.append(FollowUp(asked, same.get(said, said), place if path == RULES else None))
            elif _names(rule, topic):
                found += [FollowUp(one, same.get(other, other)) for one, other in _turns(rule)[:1]]
    return found


def with_follow_ups(files: Mapping[str, bytes], topic: str, wanted: Mapping[str, str]) -> dict[str, str]:
    """The texts that change when short questions after `topic` get other answers.

    `wanted`: question -> topic whose answer it gets; "" for what it gets after anything else. A question that is left
    out stays as it is. Raises `Invalid` for a question or a topic that there is not.
    """
    known = questions(files)
    if unknown := [one for one in wanted if one not in known]:
        raise Invalid(RULES, None, f"{unknown[0]!r} is no short question")
    rules, answers = files[RULES].decode(), files[ANSWERED].decode()
    for question, answer in wanted.items():
        now = dict(files) | {RULES: rules.encode(), ANSWERED: answers.encode()}
        if not may_follow(files, topic):
            raise Invalid(DOMAIN, None, f"the slot 'topic' does not know {topic!r}")
        action, answers = _action(now, answer) if answer else ("", answers)
        rules = _with_rule(now, topic, question, answer, action)
    return {path: text for path, text in ((RULES, rules), (ANSWERED, answers)) if text.encode() != files[path]}


def _with_rule(files: Mapping[str, bytes], topic: str, question: str, answer: str, action: str) -> str:
    text, rules = files[RULES].decode(), _rules(files)
    mine = [one for one in follow_ups(files, topic) if one.question == question]
    said = [(one.topic, one.place) for one in mine if one.place is not None]
    if said and said[0][0] == answer:
        return text
    rule = _rule(rules, topic, question, answer, action) if answer else None
    if said:
        return yaml_text.with_item(RULES, text, "rules", said[0][1], rule)
    if rule is None:
        return text
    # before the rule for anything else, as a person would write it
    place = next(at for at, one in enumerate(rules) if not one.get("condition") and _step(one)[0] == question)
    return yaml_text.with_item(RULES, text, "rules", place, rule, new=True)


def _rule(rules: list[Any], topic: str, question: str, answer: str, action: str) -> dict[str, Any]:
    name = next(one["rule"] for one in rules if not one.get("condition") and _step(one)[0] == question)
    short = name.removesuffix(f" after {OTHERWISE}") if name.endswith(OTHERWISE) else question
    return {
        "rule": f"{short} after {_called(topic)}: {_called(answer)}",
        "condition": [{"slot_was_set": [{"topic": topic}]}],
        "steps": [{"intent": question}, {"action": action}],
    }


def _action(files: Mapping[str, bytes], answer: str) -> tuple[str, str]:
    """The action that says a topic's answer, and `data/follow_up_answers.yml` with it.

    The answer of a question about the document has no name that a rule may use: it gets one.
    """
    text = files[ANSWERED].decode()
    there = {name for path, data in files.items() if path.startswith("data/") or path == DOMAIN
             for name in plain(data).get("responses") or {}}  # fmt: skip
    if f"{UTTER}{answer}" not in there:
        raise Invalid(ANSWERED, None, f"there is no answer of a topic {answer!r}")
    if not answer.startswith(ANSWERS):
        return f"{UTTER}{answer}", text
    known = {one: name for name, one in _same(files).items()}
    if answer in known:
        return f"{UTTER}{known[answer]}", text
    node = yaml_text.load(ANSWERED, text)
    name = f"{AGAIN}{answer.removeprefix('faq/').replace('/', '_')}"
    if name in there:
        raise Invalid(ANSWERED, None, f"the name {name!r} is taken")
    place = sum(one < name for one in node["responses"])
    node["responses"].insert(place, name, [{"text": answer, "metadata": {"same_as": answer}}])
    return name, yaml_text.dump(node)


def _same(files: Mapping[str, bytes]) -> dict[str, str]:
    """Names for answers that are said again -> the topic that they belong to."""
    return {
        name.removeprefix(UTTER): one["metadata"]["same_as"]
        for path, data in files.items()
        if path.startswith("data/")
        for name, variations in (plain(data).get("responses") or {}).items()
        for one in variations[:1]
        if "same_as" in (one.get("metadata") or {})
    }


def _rules(files: Mapping[str, bytes]) -> list[Any]:
    return plain(files[RULES]).get("rules") or []


def _after(rule: Mapping[str, Any]) -> str | None:
    """The topic after which a rule holds, where that is its only condition."""
    match rule.get("condition"):
        case [{"slot_was_set": [{"topic": str(topic), **others}], **more}] if not others and not more:
            return topic
    return None


def _names(rule: Mapping[str, Any], topic: str) -> bool:
    conditions = [one.get("slot_was_set") for one in rule.get("condition") or [] if isinstance(one, dict)]
    return any({"topic": topic} in (one or []) for one in conditions)


def _step(rule: Mapping[str, Any]) -> tuple[str, str]:
    """(question, what is said) of a rule that does nothing else; ("", "") for any other."""
    match rule.get("steps"):
        case [{"intent": str(asked), **others}, {"action": str(said), **more}] if not others and not more:
            return (asked, said.removeprefix(UTTER)) if said.startswith(UTTER) else ("", "")
    return "", ""


def _turns(rule: Mapping[str, Any]) -> list[tuple[str, str]]:
    steps = [one for one in rule.get("steps") or [] if isinstance(one, dict)]
    asked: Iterator[str] = (str(step["intent"]) for step in steps if "intent" in step)
    said = (str(step["action"]).removeprefix(UTTER) for step in steps if "action" in step)
    return list(zip(asked, said, strict=False))


def _called(topic: str) -> str:
    """A topic in the name of a rule.

    >>> _called("faq/lie_flat"), _called("not_covered/cost")
    ('lie flat', 'not covered cost')
    """
    return topic.removeprefix("faq/").replace("/", " ").replace("_", " ")
