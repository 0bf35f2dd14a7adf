"""`make audit`: are there known faults in the packages of the lock files? Asks PyPI (pip-audit) and npm (npm audit).

Where these do not answer, faults of Python packages are looked up in a copy of the PyPA's advisory database, a checkout
of github.com/pypa/advisory-database named by `PATCHLINE_ADVISORIES`; without one it says that nothing was checked.
Faults that we ship with, and why, stand in deploy/advisories.yml.

Ends with 1 where a fault is not accepted there or an entry there is out of date, with 0 otherwise.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt", "requirements-check.txt")
NPM = ("widget", "evaluation/peers/nlpjs")
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
WAIT_S = 300


@dataclass(frozen=True)
class Fault:
    """A known fault of one version of a package. `names`: its id and what else it is called."""

    package: str
    version: str
    names: frozenset[str]

    def __str__(self) -> str:
        return f"{self.package} {self.version}: {', '.join(sorted(self.names))}"


def pinned(lock: str) -> dict[str, str]:
    """The versions that the text of a lock file names, by package.

    >>> pinned("Jinja2==3.1.6 \\\\\\n    --hash=sha256:00\\n")
    {'jinja2': '3.1.6'}
    """
    return {canonicalize_name(name): version for name, version in PINNED.findall(lock)}


def accepted(text: str, packages: Mapping[str, set[str]]) -> tuple[set[tuple[str, str]], list[str]]:
    """The (package, id) of deploy/advisories.yml, and what is wrong with its entries."""
    taken, wrong = set(), []
    for number, entry in enumerate((yaml.safe_load(text) or {}).get("accepted") or [], start=1):
        missing = [name for name in ("id", "package", "version", "why", "decided") if not entry.get(name)]
        package = canonicalize_name(str(entry.get("package", "")))
        if missing:
            wrong.append(f"deploy/advisories.yml, entry {number}: {', '.join(missing)} is missing")
        elif str(entry["version"]) not in packages.get(package, set()):
            what = f"{package} {entry['version']}"
            wrong.append(f"deploy/advisories.yml, entry {number}: no lock file has {what} any more")
        else:
            taken.add((package, str(entry["id"])))
    return taken, wrong


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether an `affected` part of an advisory (OSV schema 1.6) names a version.

    >>> is_affected("1.4", {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.5"}]}]})
    True
    """
    if version in affected.get("versions", []):
        return True
    return any(_within(version, one["events"]) for one in affected.get("ranges", []) if one["type"] == "ECOSYSTEM")


def _within(version: str, events: Iterable[Mapping[str, str]]) -> bool:
    within = False
    try:
        this = Version(version)
        for event in events:
            (kind, at), *_ = event.items()
            if kind == "introduced":
                within = within or at == "0" or this >= Version(at)
            elif (kind == "fixed" and this >= Version(at)) or (kind == "last_affected" and this > Version(at)):
                within = False
    except InvalidVersion:
        return False
    return within


def in_copy(folder: Path, packages: Mapping[str, set[str]]) -> Iterator[Fault]:
    """The faults that a copy of the advisory database knows of these packages."""
    for path in sorted(folder.glob("vulns/*/*.yaml")):
        if canonicalize_name(path.parent.name) not in packages:
            continue
        advisory = yaml.safe_load(path.read_text())
        if advisory.get("withdrawn"):
            continue
        names = frozenset([advisory["id"], *advisory.get("aliases", [])])
        for part in advisory["affected"]:
            package = canonicalize_name(part["package"]["name"])
            for version in sorted(packages.get(package, ())):
                if is_affected(version, part):
                    yield Fault(package, version, names)


def from_pypi(lock: str) -> tuple[list[Fault], int]:
    """What pip-audit finds for one lock file, and of how many of its packages PyPI said nothing."""
    command = [ROOT / ".venv/check/bin/pip-audit", "-r", ROOT / lock, "--require-hashes", "--disable-pip", "-f", "json"]
    packages = _json(command)["dependencies"]
    faults = [
        Fault(canonicalize_name(one["name"]), one["version"], frozenset([fault["id"], *fault["aliases"]]))
        for one in packages
        for fault in one.get("vulns", [])
    ]
    return faults, len(pinned((ROOT / lock).read_text())) - sum("skip_reason" not in one for one in packages)


def from_npm(folder: str) -> list[Fault] | None:
    """What npm finds for one folder; None where the registry does not answer."""
    found = _json(["npm", "audit", "--json", "--package-lock-only", "--prefix", ROOT / folder])
    if "vulnerabilities" not in found:
        return None
    causes = {
        name: (one["range"], [str(via.get("url", via["source"])) for via in one["via"] if isinstance(via, dict)])
        for name, one in found["vulnerabilities"].items()
    }
    return [Fault(name, versions, frozenset(ids)) for name, (versions, ids) in causes.items() if ids]


def _json(command: list[Any]) -> dict[str, Any]:
    try:
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, timeout=WAIT_S)
        return json.loads(done.stdout or "{}") or {"dependencies": []}
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return {"dependencies": []}


def main() -> int:
    faults: list[Fault] = []
    packages: dict[str, set[str]] = {}
    for name in LOCKS:
        for package, version in pinned((ROOT / name).read_text()).items():
            packages.setdefault(package, set()).add(version)
    print(f"{len(packages)} Python packages of {len(LOCKS)} lock files, {date.today()}")
    silent = 0
    for number, name in enumerate(LOCKS, start=1):
        print(f"  {number} of {len(LOCKS)}: asking PyPI about {name} …", flush=True)
        found, unanswered = from_pypi(name)
        faults += found
        silent += unanswered
    if silent > 0:
        print(f"  PyPI says nothing of {silent}")
        faults += _looked_up(packages)
    for folder in NPM:
        found = from_npm(folder)
        print(f"  npm about {folder}: {'it does not answer; NOT CHECKED' if found is None else f'{len(found)} faults'}")
        faults += found or []
    taken, wrong = accepted((ROOT / "deploy/advisories.yml").read_text(), packages)
    new = sorted({str(fault) for fault in faults if not any((fault.package, name) in taken for name in fault.names)})
    for line in (*wrong, *new):
        print(f"  {line}")
    print("Refused." if wrong or new else "No known fault that is not accepted, in what was checked.")
    return 1 if wrong or new else 0


def _looked_up(packages: Mapping[str, set[str]]) -> list[Fault]:
    copy = os.environ.get("PATCHLINE_ADVISORIES")
    if not copy:
        print("  PATCHLINE_ADVISORIES names no copy of the advisories: NOT CHECKED")
        return []
    if not (Path(copy) / "vulns").is_dir():
        sys.exit(f"PATCHLINE_ADVISORIES: {copy} has no folder vulns; name a checkout of the PyPA's advisory database.")
    print(f"  looking up {len(packages)} packages in {copy} …", flush=True)
    return list(in_copy(Path(copy), packages))


if __name__ == "__main__":
    sys.exit(main())
