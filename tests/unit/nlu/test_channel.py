"""The channel's patience with a turn that does not end."""

import asyncio
import logging

import pytest
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from patchline.nlu.channel import Collector, ended, understood_of
from patchline.nlu.red_flags import RAISED

WARNING = {"text": "Call 911 now.", "metadata": {"topic": "red_flag/emergency"}}


def turn(collector, says=(), then_s=0.0, error=None):
    async def run():
        for message in says:
            await collector.send_response("c1", message)
        await asyncio.sleep(then_s)
        if error:
            raise error

    return asyncio.ensure_future(run())


def test_a_turn_that_ends_in_time_is_the_whole_answer():
    async def held():
        collector = Collector()
        return await ended(turn(collector, [WARNING, WARNING]), collector, 1), len(collector.messages)

    assert asyncio.run(held()) == (True, 2)


def test_a_warning_is_not_kept_back_by_an_action_that_hangs_and_the_turn_goes_on():
    async def held():
        collector = Collector()
        hanging = turn(collector, [WARNING], then_s=0.2)
        in_time = await ended(hanging, collector, 0.05)
        topics = [message["topic"] for message in collector.messages]
        await hanging
        return in_time, topics

    assert asyncio.run(held()) == (False, ["red_flag/emergency"])


def test_a_turn_that_has_said_nothing_yet_is_waited_for():
    async def held():
        collector = Collector()
        return await ended(turn(collector, then_s=0.1), collector, 0.01)

    assert asyncio.run(held())


def test_a_turn_that_fails_fails_the_request():
    async def held():
        collector = Collector()
        await ended(turn(collector, error=RuntimeError("no policy")), collector, 1)

    with pytest.raises(RuntimeError, match="no policy"):
        asyncio.run(held())


def test_a_failure_after_the_answer_was_given_is_logged_without_its_words(caplog):
    async def held():
        collector = Collector()
        failing = turn(collector, [WARNING], then_s=0.05, error=RuntimeError("said by a patient"))
        await ended(failing, collector, 0.01)
        await asyncio.wait([failing])
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        asyncio.run(held())
    assert "a turn failed after its answer was given: RuntimeError" in caplog.text
    assert "said by a patient" not in caplog.text


def test_what_was_understood_of_an_earlier_message_is_not_taken_for_this_one():
    sign = {"intent": {"name": "red_flag"}, RAISED: {"tier": "crisis"}}
    tracker = DialogueStateTracker.from_events("c1", [UserUttered("...", parse_data=sign, message_id="m1")])
    assert understood_of(tracker, "m1")[RAISED] == {"tier": "crisis"}
    assert understood_of(tracker, "m2") == {}  # its turn could not be stored
    assert understood_of(None, "m1") == {}
