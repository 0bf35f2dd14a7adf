"""What staff edited and the releases made of it are in a backup, and come back on another machine."""

import io
import json
import tarfile
from dataclasses import replace

import pytest

from patchline.privacy import staff_work
from patchline.privacy.backup import backup
from patchline.privacy.errors import Failed, Refused
from patchline.privacy.restore import restore
from patchline.releases import serving
from patchline.releases.serving import Seat, Serving
from patchline.releases.store import Releases
from patchline.training.progress import Progress
from patchline.workspace import Author, Workspace
from tests.receivers import closed_port

ANA = Author("ana", "Ana López")
OPEN = {"gate": {"open": True, "failures": []}}


@pytest.fixture
def here(make_place):
    """A running clinic: Ana has saved something, release 2 serves, 1 stands by, 3 is being made."""
    place = make_place("sqlite")
    settings = replace(place.settings, port=closed_port())
    place.conversation("c1", 0)
    workspace = Workspace(settings).open()
    text = workspace.read("data/faq/numbing.yml")
    edited = text.rstrip("\n") + "\n    - may i have more of the numbing stuff\n"
    workspace.save({"data/faq/numbing.yml": edited}, ANA, "Numbing: one more", base=workspace.head())
    releases = Releases(settings)
    for number in (1, 2, 3, 4):
        release = releases.begin(workspace.head(), "Ana López", f"The {number}.")
        release.files.mkdir()
        (release.files / "domain.yml").write_text(f"# {number}\n")
        release.archive.write_bytes(b"model %d" % number)
        (release.folder / "model.json").write_text(json.dumps({"fingerprint": "f00d"}))
        if number < 4:
            releases.finish(number, OPEN)
    serving.write(settings, Serving(Seat(2, "a"), Seat(1, "b"), (0, 1)))
    return settings


@pytest.fixture
def there(make_place):
    return replace(make_place("sqlite", "elsewhere", migrated=False).settings, port=closed_port())


def quiet():
    return Progress(io.StringIO())


def test_edits_with_their_history_and_releases_come_back_on_another_machine(here, there, tmp_path):
    archive, manifest = backup(here, tmp_path / "b.tar.gz", quiet())
    assert not any("staff" in line or "releases" in line for line in manifest.not_here)
    said = list(restore(there, archive, False, quiet()))
    assert any("What staff edited is back" in line for line in said)
    before, after = Workspace(here).open(), Workspace(there).open()
    assert after.head() == before.head()
    assert next((change.author, change.title) for change in after.history()) == (ANA, "Numbing: one more")
    assert "more of the numbing stuff" in (there.workspace / "data/faq/numbing.yml").read_text()
    assert serving.read(there) == serving.read(here)
    releases = Releases(there)
    assert [release.number for release in releases.all()] == [3, 2, 1]  # 4 was under way
    assert [releases.faults(number) for number in (1, 2, 3)] == [[], [], []]
    assert [releases.get(number).archive.exists() for number in (1, 2, 3)] == [True, True, False]
    assert there.workspace.stat().st_mode & 0o777 == there.releases.stat().st_mode & 0o777 == 0o700


def test_what_a_restore_replaces_is_kept_beside(here, tmp_path):
    archive, _ = backup(here, tmp_path / "b.tar.gz", quiet())
    workspace = Workspace(here).open()
    workspace.revert(workspace.head(), ANA)
    reverted = workspace.head()
    list(restore(here, archive, True, quiet()))
    assert Workspace(here).open().head() != reverted
    (kept,) = here.var.glob("replaced-*")
    assert (kept / "workspace" / ".git").exists()
    assert (kept / "releases" / "0002" / "model.tar.gz").exists()
    assert (kept / "serving.json").exists()


def test_without_edits_and_releases_a_backup_is_as_before_and_leaves_what_is_there(make_place, here, tmp_path):
    bare = replace(make_place("sqlite", "bare").settings, port=closed_port())
    archive, manifest = backup(bare, tmp_path / "b.tar.gz", quiet())
    assert {staff_work.BUNDLE, staff_work.RELEASES}.isdisjoint(manifest.files)
    head = Workspace(here).open().head()
    list(restore(here, archive, True, quiet()))
    assert Workspace(here).open().head() == head
    assert serving.read(here).serving == Seat(2, "a")


def test_a_file_that_points_out_of_its_folder_is_left_out(there, tmp_path):
    with tarfile.open(tmp_path / staff_work.RELEASES, "w") as tar:
        for name in ("releases/../../evil", "/etc/evil", "evil", "releases/0001/release.json"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    staff_work.put_back(there, tmp_path, tmp_path / "kept")
    assert [path.name for path in there.var.rglob("*") if path.is_file()] == ["release.json"]
    assert not list(tmp_path.parent.rglob("evil"))


def test_what_cannot_be_read_is_said(here, there, tmp_path):
    (here.var / "serving.json").write_text("{")
    with pytest.raises(Refused, match=r"serving\.json"):
        backup(here, tmp_path / "b.tar.gz", quiet())
    (tmp_path / staff_work.BUNDLE).write_text("no bundle")
    with pytest.raises(Failed, match="what staff edited is not"):
        staff_work.put_back(there, tmp_path, tmp_path / "kept")
