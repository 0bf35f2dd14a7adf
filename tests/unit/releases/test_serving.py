"""serving.json: which release belongs into which slot, whatever was cut short."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime

import pytest

from patchline.releases import serving
from patchline.releases.serving import Seat, Serving, ServingError, Trying, birth, path_of, read, write


def trying(pid: int, born: int | None = None) -> Trying:
    return Trying(7, "b", pid, birth(pid) if born is None else born)


def test_without_the_file_what_was_installed_serves_in_slot_a(settings) -> None:
    assert read(settings) == Serving(Seat(0, "a"))


def test_what_is_written_is_read_again_and_is_for_the_owner_alone(settings) -> None:
    state = Serving(Seat(7, "b"), Seat(6, "a"), (0, 6), trying(os.getpid()), "Ana López", "2026-11-23T09:41:12+00:00")
    write(settings, state)
    assert read(settings) == state
    assert stat.S_IMODE(path_of(settings).stat().st_mode) == 0o600
    assert [path.name for path in settings.var.iterdir()] == ["serving.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"serving": {"release": 7, "slot": "c"}}', '{"serving": 7}'])
def test_a_file_that_is_not_ours_is_an_error_that_says_what_to_do(settings, text) -> None:
    settings.var.mkdir()
    path_of(settings).write_text(text)
    with pytest.raises(ServingError, match=r"serving\.json cannot be read .* move it away"):
        read(settings)


def test_a_release_that_is_tried_has_the_standbys_slot_while_its_process_lives() -> None:
    state = Serving(Seat(6, "a"), Seat(5, "b"), (5,), trying(os.getpid()))
    assert (state.release_in("a"), state.release_in("b")) == (6, 7)


def test_when_the_process_that_tried_it_is_gone_the_standby_is_back() -> None:
    ended = os.fork()
    if not ended:
        os._exit(0)
    os.waitpid(ended, 0)
    assert Serving(Seat(6, "a"), Seat(5, "b"), (5,), trying(ended, 1)).release_in("b") == 5
    assert Serving(Seat(6, "a"), Seat(5, "b"), (5,), trying(os.getpid(), 1)).release_in("b") == 5  # the number again
    assert Serving(Seat(0, "a"), None, (), trying(ended, 1)).release_in("b") is None


def test_after_a_switch_the_one_that_served_stands_by_in_its_slot() -> None:
    now = datetime(2026, 11, 23, 9, 41, tzinfo=UTC)
    after = Serving(Seat(6, "a"), None, (0,)).switched(Seat(7, "b"), (0, 6), "Ana", now)
    assert (after.serving, after.standby, after.back_to, after.other) == (Seat(7, "b"), Seat(6, "a"), 6, "a")


def test_a_failure_while_writing_leaves_the_file_as_it_was(settings, monkeypatch) -> None:
    write(settings, Serving(Seat(3, "a")))
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        write(settings, Serving(Seat(4, "b")))
    assert serving.read(settings).serving.release == 3
    assert [path.name for path in settings.var.iterdir()] == ["serving.json"]
