"""Looks through the journal for messages that are worth a look, and puts them into the inbox.

    python -m patchline.review          # in a process of its own, at idle priority; the desk starts it

It masks, groups and ranks; what it keeps goes with the messages. A message that is in the inbox stays as it is, but for
its reasons: a patient may say later that an answer did not help.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa

from patchline.database import engines
from patchline.database.migration import migrate
from patchline.database.schema import now
from patchline.gateway import upkeep
from patchline.gateway.upkeep import new_owner
from patchline.review import journal
from patchline.review.grouping import grouped, kept, unkept
from patchline.review.journal import Row
from patchline.review.picking import Picked, askable, pick
from patchline.review.sight import Seen, Sight, serving
from patchline.settings import Settings

NAME = "review"
BATCH = 50
PUBLIC = ("faq/", "not_covered/", "clinic/", "red_flag/", "fallback")  # topics whose answers are the clinic's own words
Told = Callable[[str], None]


class Busy(Exception):
    """Another process is looking already."""


@dataclass(frozen=True)
class Counts:
    """`seen`: typed messages of the journal, `new`: those that came into the inbox."""

    seen: int
    new: int


def scan(settings: Settings, told: Told = lambda sentence: None, sight: Sight | None = None) -> Counts:
    """One scan. Raises `Busy`, `ModelError` where there is no model to compare with, and SQLAlchemy's errors."""
    url = engines.url_of(settings)
    migrate(url)
    engine, owner = engines.make_upkeep_engine(url), new_owner()
    if not upkeep.claim(engine, NAME, owner, now()):
        raise Busy
    try:
        told("loading the model that answers patients")
        counts = _Scan(engine, owner, sight or serving(settings), told).run()
        upkeep.done(engine, NAME, now(), {"seen": counts.seen, "new": counts.new})
        return counts
    except BaseException:
        upkeep.give_back(engine, NAME, owner)
        raise
    finally:
        engine.dispose()


class _Scan:
    def __init__(self, engine: sa.engine.Engine, owner: str, sight: Sight, told: Told):
        self.engine, self.owner, self.sight, self.told = engine, owner, sight, told

    def run(self) -> Counts:
        seen, picked = 0, []
        for row in journal.typed(self.engine):
            seen += 1
            if seen % BATCH == 0:
                self._alive(f"looking at what patients wrote: {seen} messages")
            if found := self._look(row):
                picked.append((row, *found))
        new = 0
        for start in range(0, len(picked), BATCH):
            self._alive(f"masking names and numbers: {start} of {len(picked)} messages")
            new += self._keep(picked[start : start + BATCH])
        self._chats()
        return Counts(seen, new)

    def _look(self, row: Row) -> tuple[Picked, Seen] | None:
        """What is new and worth a look."""
        if not askable(row.told):
            return None
        seen = self.sight.see(row.told.text)
        picked = pick(row.told, seen.nearness, seen.sign)
        if row.listed:
            journal.see_again(self.engine, row.id, picked.reasons if picked else None)
            return None
        return (picked, seen) if picked else None

    def _keep(self, batch: Sequence[tuple[Row, Picked, Seen]]) -> int:
        from patchline.masking import mask

        leaders = {group: unkept(data) for group, data in journal.leaders(self.engine).items()}
        groups = grouped([(row.id, seen.vector) for row, _, seen in batch], leaders)
        rows = [self._item(row, picked, seen, mask(row.told.text), groups[row.id]) for row, picked, seen in batch]
        return journal.keep(self.engine, rows)

    def _item(self, row: Row, picked: Picked, seen: Seen, masked: str, group: int) -> dict[str, Any]:
        likely = next(iter(seen.understanding.ranking), ("", 0.0))
        return {
            "message": row.id,
            "group_id": group,
            "reasons": list(picked.reasons),
            "masked": masked,
            "topic": likely[0] or None,
            "confidence": float(likely[1]),
            "doubt": float(np.clip(picked.doubt, 0, 1)),
            "vector": kept(seen.vector),
            "model": self.sight.name,
        }

    def _chats(self) -> None:
        """The lines beside, masked; answers that are the clinic's own words stay as they are."""
        from patchline.masking import VERSION, mask

        waiting = journal.unmasked(self.engine, VERSION)
        for start in range(0, len(waiting), BATCH):
            self._alive(f"masking the chats beside: {start} of {len(waiting)} messages")
            rows = []
            for id, text, reply, topic in waiting[start : start + BATCH]:
                own = (topic or "").startswith(PUBLIC)
                answers = [message["text"] for message in (reply or {}).get("messages", [])]
                said = {"message": id, "said": mask(text), "masking": VERSION}
                rows.append({**said, "answers": answers if own else [mask(answer) for answer in answers]})
            journal.keep_lines(self.engine, rows)

    def _alive(self, sentence: str) -> None:
        self.told(sentence)
        if not upkeep.renew(self.engine, NAME, self.owner, now()):
            raise Busy
