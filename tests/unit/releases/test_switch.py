"""Switches that are refused, and rolling back while nothing runs."""

from __future__ import annotations

import fcntl
import os

import pytest

from patchline.releases import serving
from patchline.releases.errors import Refused
from patchline.releases.serving import Seat, Serving
from patchline.releases.switch import promote, roll_back


def quiet(step: str) -> None:
    pass


def test_nothing_is_promoted_while_nothing_runs(make, settings, releases) -> None:
    make()
    with pytest.raises(Refused, match="Patchline does not run here"):
        promote(settings, 1, "Ana", quiet, releases)
    assert releases.serving() == Serving()


def test_a_refusal_names_every_reason(make, settings, releases) -> None:
    make(passed=False)
    with pytest.raises(Refused, match="It misses 3 of 530 emergencies") as refused:
        promote(settings, 1, "Ana", quiet, releases)
    assert refused.value.reasons == ("It misses 3 of 530 emergencies.",)


def test_while_nothing_runs_rolling_back_says_what_the_next_start_begins_with(make, settings, releases) -> None:
    make(), make(), make()
    serving.write(settings, Serving(Seat(3, "b"), Seat(2, "a"), (0, 1, 2)))
    done = roll_back(settings, "Ana", quiet, releases)
    assert (done.release, done.before, done.why) == (2, 3, "roll back")
    now = releases.serving()
    assert (now.serving, now.standby, now.before) == (Seat(2, "a"), None, (0, 1))
    assert roll_back(settings, "Ana", quiet, releases).release == 1
    assert [promotion.release for promotion in releases.promotions()] == [1, 2]


def test_there_is_no_rolling_back_behind_the_first(settings, releases) -> None:
    with pytest.raises(Refused, match="nothing to go back to"):
        roll_back(settings, "Ana", quiet, releases)


def test_nobody_rolls_back_to_what_was_tampered_with(make, settings, releases) -> None:
    make(), make()
    serving.write(settings, Serving(Seat(2, "b"), Seat(1, "a"), (0, 1)))
    releases.get(1).archive.write_bytes(b"another")
    with pytest.raises(Refused, match="Its model was changed after the trial"):
        roll_back(settings, "Ana", quiet, releases)
    assert releases.serving().serving.release == 2


def test_only_one_switch_is_made_at_a_time(make, settings, releases) -> None:
    make()
    with open(os.open(settings.var / ".switch.lock", os.O_RDWR | os.O_CREAT, 0o600)) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="Another switch is under way"):
            promote(settings, 1, "Ana", quiet, releases)
