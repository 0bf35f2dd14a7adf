"""A slot runs what serving.json says, and nothing else; real processes that sleep stand in for Rasa."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from patchline.releases import serving
from patchline.releases.serving import Seat, Serving, Trying, birth
from patchline.run import slot
from patchline.run.slot import Keeper, Wanted, wanted
from patchline.settings import Settings


@pytest.fixture
def settings(tmp_path) -> Settings:
    return Settings(var=tmp_path / "var", content=tmp_path / "content", rasa_port=1)


@pytest.fixture
def keeper(settings, monkeypatch):
    """A keeper of slot b whose children sleep; the serving slot counts as up."""
    monkeypatch.setattr(slot.health, "listens", lambda port: True)
    sleeping = lambda self, release: subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])  # noqa: E731
    monkeypatch.setattr(Keeper, "_start", sleeping)
    found = Keeper("rasa_b", settings)
    yield found
    found.stop()


def tried() -> Trying:
    return Trying(7, "b", os.getpid(), birth(os.getpid()))


def test_each_slot_wants_its_own_release_and_the_worker_the_one_that_serves(settings) -> None:
    now = Serving(Seat(6, "a"), Seat(5, "b"))
    assert wanted("rasa_a", settings, now).release == 6
    assert wanted("actions_b", settings, now).release == 5
    assert wanted("worker", settings, now).release == 6
    assert wanted("rasa_b", settings, Serving()) is None


def test_the_worker_is_changed_only_when_whom_to_call_has_changed(settings) -> None:
    def clinic(release: int, text: str) -> Wanted:
        folder = slot.content_of(settings, release)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "clinic.yml").write_text(text)
        return wanted("worker", settings, Serving(Seat(release, "a")))

    first = clinic(0, "contacts: [Nurse]")
    assert clinic(1, "contacts: [Nurse]").key == first.key
    assert clinic(2, "contacts: [Doctor]").key != first.key


def test_a_child_is_started_changed_and_stopped_as_the_file_says(keeper, settings) -> None:
    keeper.look()
    assert keeper.child is None
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b")))
    keeper.look()
    first = keeper.child
    assert keeper.running.release == 5
    keeper.look()
    assert keeper.child is first
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b"), trying=tried()))
    keeper.look()
    assert (keeper.running.release, first.poll() is not None) == (7, True)
    serving.write(settings, Serving(Seat(7, "b"), Seat(6, "a")))
    second = keeper.child
    keeper.look()
    assert keeper.child is second  # promoted where it is
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b"), trying=replace(tried(), release=None)))
    keeper.look()
    assert (keeper.child, second.poll() is not None) == (None, True)


def test_while_the_file_cannot_be_read_what_runs_goes_on(keeper, settings) -> None:
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b")))
    keeper.look()
    child = keeper.child
    serving.path_of(settings).write_text("{")
    keeper.look()
    assert keeper.child is child
    assert child.poll() is None


def test_a_standby_waits_for_what_serves_and_a_release_to_be_promoted_does_not(keeper, settings, monkeypatch) -> None:
    monkeypatch.setattr(slot.health, "listens", lambda port: False)
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b")))
    keeper.look()
    assert keeper.child is None
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b"), trying=tried()))
    keeper.look()
    assert keeper.running.release == 7


def test_a_child_that_ends_by_itself_ends_its_keeper_with_its_exit_code(keeper, settings, monkeypatch) -> None:
    serving.write(settings, Serving(Seat(6, "a"), Seat(5, "b")))
    ending = lambda self, release: subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"])  # noqa: E731
    monkeypatch.setattr(Keeper, "_start", ending)
    assert keeper.run() == 3


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_end_of_a_killed_child_is_the_end_of_its_keeper(settings, number) -> None:
    """So the log of the supervisor names a kill as such. Here the worker: it needs no model."""
    environment = os.environ | {"PATCHLINE_VAR": str(settings.var), "PATCHLINE_DESK_SECRET": "x" * 32}
    keeper = subprocess.Popen([sys.executable, "-m", "patchline.run.slot", "worker"], env=environment)
    try:
        children = _children_of(keeper.pid)
        os.kill(children[0], number)
        assert keeper.wait(20) == -number
    finally:
        keeper.kill()


def _children_of(process: int) -> list[int]:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if found := psutil.Process(process).children():
            return [child.pid for child in found]
        time.sleep(0.05)
    raise AssertionError("the keeper started nothing")
