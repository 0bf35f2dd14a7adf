"""What waits for the database, where it is taken while it is still being written to the disk."""

import asyncio
import threading

from patchline.escalation.spool import Spool
from patchline.gateway.backlog import Unkept
from patchline.gateway.waiting import Waiting

from .test_backlog import SAID

ITEM = Unkept("c1", SAID)


def test_what_the_database_took_while_it_was_written_leaves_no_words_on_the_disk(tmp_path):
    class Slow(Spool):
        def keep(self, item):
            writing.set()
            assert taken.wait(5)
            super().keep(item)

    async def scene():
        waiting = Waiting(Slow(tmp_path, Unkept.from_json), take)
        keeping = asyncio.create_task(waiting.keep(ITEM))
        await asyncio.to_thread(writing.wait, 5)
        await waiting.drain()
        taken.set()
        await keeping
        assert not waiting.items
        assert not waiting.unsaved

    async def take(item):
        pass

    writing, taken = threading.Event(), threading.Event()
    asyncio.run(scene())
    assert list(tmp_path.glob("*.json")) == []
