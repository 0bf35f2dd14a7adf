"""The spool on a real disk."""

import contextlib
import errno
import os
import stat
import subprocess

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


@contextlib.contextmanager
def small_disk(folder, size):
    """A real file system of so many bytes; only root may make one."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(folder):
    with contextlib.suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 4096)


def test_on_a_full_disk_the_reserve_makes_room(tmp_path, numb_leg, changed):
    with small_disk(tmp_path / "disk", 8 * 1024 * 1024):
        spool = Spool(tmp_path / "disk" / "spool")
        spool.reserve()
        fill(tmp_path / "disk")
        many = [changed(message_id=f"m{number}") for number in range(100)]
        for item in many:
            spool.keep(item)
        assert len(spool.waiting()) == len(many)


def test_a_full_disk_without_a_reserve_refuses(tmp_path, numb_leg):
    with small_disk(tmp_path / "disk", 8 * 1024 * 1024):
        spool = Spool(tmp_path / "disk" / "spool")
        spool.folder.mkdir()
        fill(tmp_path / "disk")
        with pytest.raises(OSError, match="No space left"):
            spool.keep(numb_leg)


def test_the_reserve_is_given_up_for_a_full_disk_alone_and_taken_again(spool, numb_leg, monkeypatch):
    spool.reserve()
    (reserve,) = spool.folder.iterdir()
    errors = [OSError(errno.EIO, "broken"), OSError(errno.ENOSPC, "full")]
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (_ for _ in ()).throw(errors.pop(0)) if errors else real(number))
    with pytest.raises(OSError, match="broken"):
        spool.keep(numb_leg)
    assert reserve.exists()
    spool.keep(numb_leg)
    assert not reserve.exists()
    assert spool.waiting() == [numb_leg]
    spool.reserve()
    assert reserve.exists()
