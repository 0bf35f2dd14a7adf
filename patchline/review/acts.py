"""What staff decide about messages of the inbox, and its undoing. Plain and blocking.

What teaches is one commit of the workspace, written before the decision is: a crash in between leaves messages that are
open still, and deciding the same again then writes nothing twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from patchline.review.names import OUT_OF_SCOPE
from patchline.review.tables import review_decisions, review_items
from patchline.review.teaching import NotTaught, edits, title_of
from patchline.workspace import Author, Change, Conflict, Unchanged, Workspace, WorkspaceError

RIGHT, TOPIC, NOT_OURS, SIGN, DISCARD = "right", "topic", "not_ours", "sign", "discard"
ACTS = (RIGHT, TOPIC, NOT_OURS, SIGN, DISCARD)
LONGEST = 1000  # characters of a sentence
AT_ONCE = 400  # ids in one query


class NotDone(Exception):
    """It was not done, and nothing was written; the message is a sentence for people."""


@dataclass(frozen=True)
class Wanted:
    """A decision. `topic`: the full intent that it is about (None for right and discard without a test); `examples`:
    sentences that are taught as that topic; `tests`: those that every later model must understand so.
    """

    act: str
    messages: tuple[int, ...]
    topic: str | None = None
    examples: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()


@dataclass(frozen=True)
class Done:
    """What was done. `change` is None where nothing had to be written."""

    ids: tuple[int, ...]
    change: Change | None


def decide(
    engine: sa.engine.Engine, workspace: Workspace, wanted: Sequence[Wanted], author: Author, at: datetime
) -> Done:
    """Do all of it or nothing: one commit for everything that is taught. Raises `NotDone`."""
    wanted = [one for one in wanted if one.messages]
    asked = [message for one in wanted for message in one.messages]
    if not asked or len(_open(engine, asked)) < len(set(asked)):
        raise NotDone("Somebody has decided about these messages meanwhile, or they are not kept any more.")
    for sentence in (sentence for one in wanted for sentence in (*one.examples, *one.tests)):
        if not sentence.strip() or len(sentence) > LONGEST:
            raise NotDone(f"A sentence has 1 to {LONGEST} characters.")
    change = _teach(workspace, wanted, author)
    with engine.begin() as db:
        ids = tuple(_write(db, one, author, at, change) for one in wanted)
    return Done(ids, change)


def undo(engine: sa.engine.Engine, workspace: Workspace, id: int, author: Author, at: datetime) -> int:
    """Undo one decision with all that were made in the same go (an import), and what they taught. Returns how many
    messages are open again. Raises `NotDone`.
    """
    d = review_decisions.c
    with engine.connect() as db:
        row = db.execute(sa.select(d.change, d.undone_at).where(d.id == id)).first()
        if row is None or row.undone_at is not None:
            raise NotDone("That is undone already.")
        together = sa.select(d.id).where(d.change == row.change, d.undone_at.is_(None))
        ids = list(db.execute(together).scalars()) if row.change else [id]
    if row.change:
        try:
            workspace.open().revert(row.change, author)
        except Conflict as conflict:
            raise NotDone(
                f"{conflict.path} was changed in the same lines since, so this cannot be undone by itself."
                " Take the sentences out on the topic's page."
            ) from None
        except Unchanged:
            pass  # somebody took it out by hand
        except WorkspaceError as error:
            raise NotDone(f"{error}. Nothing was undone.") from None
    with engine.begin() as db:
        done = {"undone_at": at, "undone_by": author.name}
        db.execute(review_decisions.update().where(d.id.in_(ids)).values(done))
        return db.execute(review_items.update().where(review_items.c.decision.in_(ids)).values(decision=None)).rowcount


def _teach(workspace: Workspace, wanted: Sequence[Wanted], author: Author) -> Change | None:
    taught = [one for one in wanted if one.topic and (one.examples or one.tests)]
    if not taught:
        return None
    try:
        base = workspace.open().head()
        files, before = dict(workspace.files(base)), dict(workspace.files(base))
        for one in taught:
            made = edits(files, one.topic or "", one.examples, one.tests)
            files |= {path: text.encode() for path, text in made.items()}
        changed = {path: data.decode() for path, data in files.items() if before.get(path) != data}
        return workspace.save(changed, author, _sentence(files, taught), base) if changed else None
    except Unchanged:
        return None
    except NotTaught as error:
        raise NotDone(str(error)) from None
    except WorkspaceError as error:
        raise NotDone(f"{error}. Nothing was saved.") from None


def _sentence(files: Mapping[str, bytes], taught: Sequence[Wanted]) -> str:
    """What the history says.

    >>> _sentence(files, [Wanted("topic", (7,), "faq/activity", ("can i swim",))])
    'From the inbox: 1 sentence for “Activity after it”'
    """
    counts: dict[str, int] = {}
    for one in taught:
        title = title_of(files, one.topic or "")
        counts[title] = counts.get(title, 0) + len(set(one.examples) | set(one.tests))
    parts = [f"{count} sentence{'s' * (count != 1)} for “{title}”" for title, count in counts.items()]
    more = f" and {len(parts) - 3} more topics" if len(parts) > 3 else ""
    return f"From the inbox: {', '.join(parts[:3])}{more}"


def _write(db: sa.engine.Connection, wanted: Wanted, author: Author, at: datetime, change: Change | None) -> int:
    topic = OUT_OF_SCOPE if wanted.act == NOT_OURS else wanted.topic
    row = {"at": at, "login": author.login, "name": author.name, "act": wanted.act, "topic": topic}
    row |= {"messages": len(wanted.messages), "change": change.id if change and wanted.topic else None}
    id = db.execute(review_decisions.insert().values(row)).inserted_primary_key[0]
    this = review_items.c.message.in_(wanted.messages) & review_items.c.decision.is_(None)
    db.execute(review_items.update().where(this).values(decision=id))
    return id


def _open(engine: sa.engine.Engine, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    with engine.connect() as db:
        for start in range(0, len(ids), AT_ONCE):
            here = review_items.c.message.in_(ids[start : start + AT_ONCE]) & review_items.c.decision.is_(None)
            found |= set(db.execute(sa.select(review_items.c.message).where(here)).scalars())
    return found
