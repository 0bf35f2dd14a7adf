"""Known faults of packages: what is refused, what is accepted with a reason, and what an old reason is worth."""

import pytest
import yaml

from deploy import audit
from patchline.settings import ROOT

LOCKED = {"some-package": {"1.4.0"}, "another": {"2.0"}}


def advisory(folder, package, *events, versions=(), **more):
    """An advisory of our own, in the form of the database."""
    ranges = [{"type": "ECOSYSTEM", "events": [{kind: at} for kind, at in events]}]
    affected = {"package": {"name": package, "ecosystem": "PyPI"}, "ranges": ranges, "versions": list(versions)}
    path = folder / "vulns" / package.lower() / "PYSEC-2026-1.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"id": "PYSEC-2026-1", "aliases": ["CVE-2026-1"], "affected": [affected]} | more))


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([("introduced", "0")], True),
        ([("introduced", "0"), ("fixed", "1.4.0")], False),
        ([("introduced", "1.4"), ("fixed", "1.4.1")], True),
        ([("introduced", "1.5")], False),
        ([("introduced", "0"), ("last_affected", "1.4.0")], True),
        ([("introduced", "0"), ("fixed", "1.2"), ("introduced", "1.3.9"), ("fixed", "2")], True),
    ],
)
def test_a_fault_is_found_by_its_range(tmp_path, events, found):
    advisory(tmp_path, "some-package", *events)
    faults = list(audit.in_copy(tmp_path, LOCKED))
    assert [(fault.package, fault.version) for fault in faults] == [("some-package", "1.4.0")] * found


def test_a_fault_is_found_by_its_version_and_not_when_it_was_withdrawn(tmp_path):
    advisory(tmp_path / "one", "another", versions=["2.0"])
    assert [str(fault) for fault in audit.in_copy(tmp_path / "one", LOCKED)] == [
        "another 2.0: CVE-2026-1, PYSEC-2026-1"
    ]
    advisory(tmp_path / "two", "another", versions=["2.0"], withdrawn="2026-01-01T00:00:00Z")
    assert list(audit.in_copy(tmp_path / "two", LOCKED)) == []


def test_an_accepted_fault_needs_its_reason_and_the_version_that_it_was_decided_for():
    entry = {"id": "CVE-2026-1", "package": "Another", "version": "2.0", "why": "never called", "decided": "2026-12-01"}

    def read(**changes):
        return audit.accepted(yaml.safe_dump({"accepted": [entry | changes]}), LOCKED)

    assert read() == ({("another", "CVE-2026-1")}, [])
    assert read(why="") == (set(), ["deploy/advisories.yml, entry 1: why is missing"])
    assert read(version="1.9") == (set(), ["deploy/advisories.yml, entry 1: no lock file has another 1.9 any more"])


def test_a_fault_that_nobody_accepted_is_refused_and_one_that_was_is_not(tmp_path, monkeypatch, capsys):
    package, version = next(iter(audit.pinned((ROOT / "requirements.txt").read_text()).items()))
    advisory(tmp_path, package, ("introduced", "0"))
    monkeypatch.setenv("PATCHLINE_ADVISORIES", str(tmp_path))
    monkeypatch.setattr(audit, "_json", lambda command: {"dependencies": []})  # a network that is closed
    assert audit.main() == 1
    said = capsys.readouterr().out
    assert f"{package} {version}: CVE-2026-1, PYSEC-2026-1" in said
    assert "npm about widget: it does not answer; NOT CHECKED" in said


def test_a_closed_network_without_a_copy_is_said_and_not_called_checked(monkeypatch, capsys):
    monkeypatch.delenv("PATCHLINE_ADVISORIES", raising=False)
    monkeypatch.setattr(audit, "_json", lambda command: {"dependencies": []})
    assert audit.main() == 0
    assert "NOT CHECKED" in capsys.readouterr().out


def test_what_is_accepted_today_fits_the_lock_files():
    packages = {}
    for name in audit.LOCKS:
        for package, version in audit.pinned((ROOT / name).read_text()).items():
            packages.setdefault(package, set()).add(version)
    assert audit.accepted((ROOT / "deploy/advisories.yml").read_text(), packages)[1] == []
