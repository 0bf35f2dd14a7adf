"""A start begins with what served last, or with the best that there is. A training is stood in for."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from patchline.releases import serving, starting
from patchline.releases.serving import Seat, Serving, Trying
from patchline.releases.starting import ready_to_serve
from patchline.training.progress import Progress


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture(autouse=True)
def trained(monkeypatch) -> list[Path]:
    calls: list[Path] = []
    monkeypatch.setattr(starting, "train", lambda settings, progress: calls.append(settings.models))
    return calls


def start(settings, out, remake=None):
    return ready_to_serve(settings, Progress(out), remake)


def test_without_releases_what_was_installed_is_trained_and_serves(settings, out, trained) -> None:
    assert start(settings, out) == settings
    assert len(trained) == 1


def test_the_release_that_served_last_serves_again_with_its_content_and_its_slots_ports(
    make, settings, out, trained, releases
) -> None:
    make(), make()
    state = Serving(Seat(2, "b"), Seat(1, "a"), (0, 1), Trying(1, "a", 1, 1))
    serving.write(settings, state)
    own = start(settings, out)
    assert (own.content, own.rasa_port) == (releases.get(2).files / "content", settings.rasa_port_b)
    assert releases.serving() == state.without_trying()
    assert trained == []
    assert out.getvalue() == ""


def test_one_that_was_tampered_with_gives_way_to_the_one_before_and_it_is_said(make, settings, out, releases) -> None:
    make(), make()
    serving.write(settings, Serving(Seat(2, "b"), Seat(1, "a"), (0, 1)))
    releases.get(2).archive.write_bytes(b"another")
    start(settings, out)
    assert (releases.serving().serving, releases.serving().before) == (Seat(1, "b"), (0,))
    assert "Release 2 cannot serve patients:\n  Its model was changed after the trial." in out.getvalue()
    assert "Release 1 serves." in out.getvalue()
    assert releases.promotions()[0].why == "start"


def test_when_no_release_can_serve_what_was_installed_does(make, settings, out, trained, releases) -> None:
    make()
    serving.write(settings, Serving(Seat(1, "b"), None, (0,)))
    releases.get(1).archive.unlink()
    assert start(settings, out).content == settings.content
    assert releases.serving().serving.release == 0
    assert len(trained) == 1
    assert "What was installed serves." in out.getvalue()


def test_after_an_upgrade_the_release_is_trained_and_tried_anew(make, settings, out, releases, monkeypatch) -> None:
    make()
    serving.write(settings, Serving(Seat(1, "b"), None, (0,)))
    monkeypatch.setattr("patchline.releases.store.code_fingerprint", lambda: "the next version")
    start(settings, out, lambda settings, release, progress: make())
    assert releases.serving().serving == Seat(2, "b")
    assert releases.serving().before == (0, 1)
    assert "Patchline was changed since release 1 was trained: it is trained and tried anew." in out.getvalue()


def test_when_it_does_not_pass_with_the_new_version_it_does_not_serve(
    make, settings, out, releases, monkeypatch, trained
) -> None:
    make()
    serving.write(settings, Serving(Seat(1, "b"), None, (0,)))
    monkeypatch.setattr("patchline.releases.store.code_fingerprint", lambda: "the next version")
    start(settings, out, lambda settings, release, progress: make(passed=False))
    assert releases.serving().serving.release == 0
    assert "It misses 3 of 530 emergencies." in out.getvalue()


def test_a_standby_that_cannot_serve_does_not_stand_by(make, settings, out, releases) -> None:
    make(), make()
    serving.write(settings, Serving(Seat(2, "b"), Seat(1, "a"), (0, 1)))
    releases.get(1).archive.unlink()
    start(settings, out)
    assert releases.serving().standby is None
