"""The spool on a real disk."""

import os
import stat

import pytest

from patchline.escalation.spool import Spool


@pytest.fixture
def spool(tmp_path):
    return Spool(tmp_path / "var" / "spool")


def test_what_is_kept_is_waiting_until_it_is_dropped(spool, numb_leg, changed):
    other = changed(message_id="m2")
    assert spool.waiting() == []
    spool.keep(numb_leg)
    spool.keep(other)
    assert sorted(spool.waiting(), key=lambda item: item.message_id) == [numb_leg, other]
    spool.drop(numb_leg)
    spool.drop(numb_leg)
    assert Spool(spool.folder).waiting() == [other]


def test_a_message_has_one_file_and_the_latest_report_stays(spool, numb_leg, changed):
    spool.keep(numb_leg)
    spool.keep(changed(tier="emergency"))
    assert [item.tier for item in spool.waiting()] == ["emergency"]


def test_files_and_folder_are_for_their_owner_alone_and_names_say_nothing(spool, changed):
    spool.keep(changed(conversation_id="../../etc", message_id="passwd"))
    (file,) = spool.folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700
    assert "passwd" not in file.name


def test_a_file_is_whole_or_not_there(spool, numb_leg, monkeypatch):
    def fails(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(OSError, match="No space"):
        spool.keep(numb_leg)
    assert list(spool.folder.iterdir()) == []
    monkeypatch.undo()
    spool.keep(numb_leg)
    assert spool.waiting() == [numb_leg]


def test_half_a_file_of_a_run_that_died_while_it_wrote_is_removed(spool, numb_leg):
    spool.keep(numb_leg)
    (spool.folder / "half.part").write_text('{"tier": "cli')
    assert spool.waiting() == [numb_leg]
    assert len(list(spool.folder.iterdir())) == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"tier": "clinic"}'])
def test_a_file_that_cannot_be_read_is_set_aside_and_not_lost(spool, numb_leg, text):
    spool.keep(numb_leg)
    (spool.folder / "broken.json").write_text(text)
    assert spool.waiting() == [numb_leg]
    assert spool.unreadable() == 1
    assert (spool.folder / "broken.unreadable").read_text() == text
