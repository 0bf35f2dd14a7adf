"""A form of the inbox as what is wanted of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.datastructures import FormData

from patchline.review.acts import ACTS, DISCARD, NOT_OURS, RIGHT, SIGN, TOPIC, NotDone, Wanted
from patchline.review.inbox import Group, Item
from patchline.review.names import OUT_OF_SCOPE
from patchline.review.teaching import SIGNS
from patchline.workspace.examples import same_words


def wanted(form: FormData, group: Group) -> Wanted:
    """What was decided about the marked sentences of a group, and every message of the same words.

    A button says `act` ("topic", "sign/emergency"); `m` are the marked messages, `text-<id>` their words as they are to
    be taught, `topic` the chosen one, `test` whether they are kept as tests instead of being taught. Raises `NotDone`.
    """
    act, _, tier = str(form.get("act", "")).partition("/")
    if act not in ACTS:
        raise NotDone("Choose what to do with it.")
    marked = [item for item in group.sentences if str(item.message) in form.getlist("m")]
    if not marked:
        raise NotDone("Mark at least one sentence.")
    sentences = tuple(dict.fromkeys(_text(form, item) for item in marked))
    test = form.get("test") == "yes"
    topic = {NOT_OURS: OUT_OF_SCOPE, SIGN: SIGNS.get(tier), TOPIC: str(form.get("topic") or "")}.get(act)
    if act in (TOPIC, SIGN) and not topic:
        raise NotDone("Choose a topic." if act == TOPIC else "Choose how urgent it is.")
    if act == RIGHT and test:
        topic = group.first.answered if "/" in (group.first.answered or "") else group.first.topic
    teaches = act in (TOPIC, NOT_OURS, SIGN)
    return Wanted(
        act,
        _with_same_words(group, marked),
        topic if act != DISCARD else None,
        sentences if teaches and not test else (),
        sentences if test and act != DISCARD else (),
    )


def wholesale(act: str, groups: Sequence[Group]) -> list[Wanted]:
    """The same for all messages of several groups. Nothing is taught but "not for us"."""
    if act not in (RIGHT, NOT_OURS, DISCARD):
        raise NotDone("Choose what to do with them.")
    if not groups:
        raise NotDone("Mark at least one line.")
    if act == NOT_OURS:
        return [
            Wanted(act, _all(group), OUT_OF_SCOPE, tuple(item.masked for item in group.sentences)) for group in groups
        ]
    return [Wanted(act, _all(group)) for group in groups]


def _text(form: FormData, item: Item) -> str:
    return " ".join(str(form.get(f"text-{item.message}", item.masked)).split())


def _with_same_words(group: Group, marked: Sequence[Item]) -> tuple[int, ...]:
    words = {same_words(item.masked) for item in marked}
    return tuple(item.message for item in group.items if same_words(item.masked) in words)


def _all(group: Group) -> tuple[int, ...]:
    return tuple(item.message for item in group.items)
