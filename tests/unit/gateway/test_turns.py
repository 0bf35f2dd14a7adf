import asyncio

import pytest

from patchline.gateway.turns import MAX_REMEMBERED, Busy, Turns


def test_a_turn_that_is_taken_is_waited_for_and_not_forever():
    async def check():
        turns = Turns()
        async with turns.take("a", 1):
            with pytest.raises(Busy):
                async with turns.take("a", 0.02):
                    pass
            async with turns.take("b", 0.02):
                pass
        async with turns.take("a", 0.02):
            pass

    asyncio.run(check())


def test_conversations_in_use_are_kept_and_others_dropped_beyond_the_limit():
    async def check():
        turns = Turns(limit=3)
        async with turns.take("busy", 1):
            for n in range(20):
                async with turns.take(str(n), 1):
                    pass
            assert "busy" in turns.turns
            assert len(turns.turns) <= 4

    asyncio.run(check())


def test_what_is_remembered_of_a_conversation_is_bounded():
    async def check():
        async with Turns().take("a", 1) as turn:
            for n in range(100):
                turn.remember_offered({str(n): "title"})
            assert list(turn.offered) == [str(n) for n in range(100 - MAX_REMEMBERED, 100)]

    asyncio.run(check())
