"""The releases of an installation: numbered folders, each sealed once it was tried.

    var/releases/0007/
        release.json     what it is: commit, who, when, state, and the seal over all of it
        files/           data, content, domain.yml, config.yml, tests/ of one commit of the workspace
        model.tar.gz     what Rasa loads, with its record model.json beside it
        report.json      what the trial said; holds no patient's words
    var/releases/promotions.jsonl    who had which release serve, a line each

Release 0 is what was installed: it has no folder, its files are the installation's own and its model is that of
`patchline train`.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from patchline import content
from patchline.releases import files as on_disk
from patchline.releases import seal, serving
from patchline.releases.errors import Refused
from patchline.releases.release import Promotion, Release
from patchline.releases.serving import INSTALLED, Serving
from patchline.settings import Settings, SettingsError
from patchline.training.fingerprint import code_fingerprint
from patchline.training.model import ModelError, current

OTHER_VERSION = "It was trained by another version of Patchline. Train again."
NO_MODEL = "Its model is not kept any more: train again to have one like it."


Files = Mapping[str, bytes]  # the files that staff edit, by their paths in the workspace
Unsigned = Callable[[Files, Files], list[str]]  # (files, those of what serves) -> what a clinician has yet to sign


class Releases:
    """All releases of one installation. Several processes may use it at once."""

    def __init__(self, settings: Settings, unsigned: Unsigned | None = None):
        self.settings, self.folder = settings, settings.releases
        self._unsigned = unsigned or self._not_signed

    def all(self) -> list[Release]:
        """Every release but 0, the newest first. A folder that cannot be read shows as failed."""
        found = [self._read(number) for number in self._numbers()]
        return sorted(found, key=lambda release: -release.number)

    def get(self, number: int) -> Release:
        """Raises `Refused` for a number that there is not."""
        if number == INSTALLED:
            return Release(INSTALLED, sentence="What was installed", state="installed", code=code_fingerprint())
        if number not in self._numbers():
            raise Refused(f"There is no release {number}.", ["`patchline models` lists them."])
        return self._read(number)

    def serving(self) -> Serving:
        """What answers patients now. Raises `ServingError`."""
        return serving.read(self.settings)

    def promotions(self) -> list[Promotion]:
        """Every switch, the newest first."""
        found = [Promotion(**line) for line in on_disk.read_lines(self._promotions) if isinstance(line, dict)]
        return found[::-1]

    def note_promotion(self, promotion: Promotion) -> None:
        """Put a switch on record. Called by the switch alone."""
        on_disk.add_line(self._promotions, asdict(promotion))

    def archive(self, release: Release) -> Path:
        """The model of a release, also of release 0. Raises `ModelError` when 0 has no current one."""
        return current(self.settings) if release.number == INSTALLED else release.archive

    def content(self, release: Release) -> Path:
        """The folder with a release's content, also of release 0."""
        return self.settings.content if release.number == INSTALLED else release.files / "content"

    def edited(self, release: Release) -> dict[str, bytes]:
        """The files of a release that staff edit, by their paths in the workspace, e.g. "data/faq/numbing.yml"."""
        from patchline.workspace.files import allowed, installed

        if release.number == INSTALLED:
            return installed(self.settings)
        found = {path.relative_to(release.files).as_posix(): path for path in release.files.rglob("*.yml")}
        return {name: path.read_bytes() for name, path in sorted(found.items()) if allowed(name)}

    def begin(self, commit: str, by: str, sentence: str) -> Release:
        """A new release, still empty; who began it holds `building()` while it is made."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            number = max(self._numbers(), default=INSTALLED) + 1
            folder = self._folder(number)
            try:
                folder.mkdir(mode=0o700)
                break
            except FileExistsError:
                continue  # another process was faster
        release = Release(number, commit, by, sentence, _now(), folder=folder)
        on_disk.write_json(folder / "release.json", _plain(release))
        return release

    def finish(self, number: int, report: Mapping[str, Any]) -> Release:
        """Seal a release with what the trial said of it: passed when its gate is open and there is a model."""
        begun = self.get(number)
        on_disk.write_json(begun.folder / "report.json", dict(report))
        record = _json(begun.folder / "model.json")
        passed = report["gate"]["open"] is True and begun.archive.exists() and bool(record)
        done = replace(
            begun,
            state="passed" if passed else "failed",
            finished_at=_now(),
            fingerprint=record.get("fingerprint", ""),
            code=code_fingerprint(),
        )
        sealed = _plain(done) | {"sealed": hashes(done.folder)}
        data = sealed | {"signature": seal.signature(sealed, self.settings.secret)}
        on_disk.write_json(begun.folder / "release.json", data)
        return done

    def faults(self, number: int) -> list[str]:
        """What was changed since it was sealed, a sentence each; [] for one that is as it was sealed, and for 0.

        Reads the whole model, which takes some tenths of a second.
        """
        if number == INSTALLED:
            return []
        release = self.get(number)
        data = _json(release.folder / "release.json")
        sealed = {key: value for key, value in data.items() if key != "signature"}
        if not seal.holds(sealed, str(data.get("signature", "")), self.settings.secret):
            return [
                "Its seal does not hold: somebody changed release.json, or this installation's secret is another one"
                " than when it was made."
            ]
        found, now = [], hashes(release.folder)
        names = {"model": "model", "record": "model's record", "files": "files", "report": "report"}
        for key, name in names.items():
            gone_by_itself = key == "model" and now["model"] is None
            if sealed["sealed"].get(key) != now[key] and not gone_by_itself:
                verb = "were" if key == "files" else "was"
                found.append(f"Its {name} {verb} changed after the trial.")
        return found

    def refusals(self, number: int) -> list[str]:
        """Why a release may not be promoted, a sentence each; [] when it may. Raises `Refused` for no release."""
        release, now = self.get(number), self.serving()
        if now.serving.release == number:
            return ["It is what patients are answered with already."]
        if release.state == "building":
            return ["It is still being trained and tried."]
        if release.state == "interrupted":
            return ["Its training was cut short. Train again."]
        return [*self._trial_refusals(release), *self.cannot_serve(number), *self._to_sign(release, now)]

    def cannot_serve(self, number: int) -> list[str]:
        """Why a release cannot answer patients at all, whatever the trial said: damage, no model, content, version."""
        release = self.get(number)
        if number == INSTALLED:
            try:
                current(self.settings)
            except ModelError as error:
                return [f"{str(error)[0].upper()}{str(error)[1:]}."]
            return self._content_faults(release)
        if faults := self.faults(number):
            return faults
        if not release.archive.exists():
            return [NO_MODEL]
        if release.code != code_fingerprint():
            return [OTHER_VERSION]
        return self._content_faults(release)

    def keep_models(self, most: int) -> list[int]:
        """Remove the models of old releases but the newest `most`, what serves and what stands by; their numbers.

        Files and reports stay.
        """
        now = self.serving()
        needed: set[int | None] = {now.serving.release, *([now.standby.release] if now.standby else [])}
        needed |= {now.trying.release} if now.trying else set()
        needed |= {now.back_to} if now.back_to is not None else set()
        having = [release for release in self.all() if release.archive.exists() and release.state != "building"]
        removed = []
        for release in having[most:]:
            if release.number not in needed:
                release.archive.unlink(missing_ok=True)
                removed.append(release.number)
        return removed

    def drop(self, number: int) -> None:
        """Remove a release that was never finished."""
        if self.get(number).state in ("building", "interrupted"):
            shutil.rmtree(self._folder(number), ignore_errors=True)

    @contextmanager
    def building(self) -> Iterator[None]:
        """Held by who makes a release; the system lets go of it when its holder dies. Raises `Refused` while held."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Refused("Another release is being trained.", ["Wait until it is done."]) from None
            yield

    def is_building(self) -> bool:
        """Whether some process makes a release right now."""
        try:
            with open(self._lock) as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                return False
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True

    @property
    def _lock(self) -> Path:
        return self.folder / ".building.lock"

    @property
    def _promotions(self) -> Path:
        return self.folder / "promotions.jsonl"

    def _folder(self, number: int) -> Path:
        return self.folder / f"{number:04d}"

    def _numbers(self) -> list[int]:
        names = (path.name for path in self.folder.iterdir()) if self.folder.exists() else ()
        return sorted(int(name) for name in names if name.isascii() and name.isdigit() and int(name) > 0)

    def _read(self, number: int) -> Release:
        folder = self._folder(number)
        data = _json(folder / "release.json")
        known = {name: data[name] for name in _FIELDS if isinstance(data.get(name), str)}
        release = Release(number, folder=folder, **known)
        if not data:
            return replace(release, state="failed" if (folder / "report.json").exists() else "interrupted")
        if release.state != "building":
            return release
        newest = number == max(self._numbers())
        return release if newest and self.is_building() else replace(release, state="interrupted")

    def _trial_refusals(self, release: Release) -> list[str]:
        if release.state in ("passed", "installed"):
            return []
        gate = (release.report() or {}).get("gate") or {}
        return [str(failure) for failure in gate.get("failures", [])] or ["It failed its trial."]

    def _to_sign(self, release: Release, now: Serving) -> list[str]:
        """Going back to what served or was installed needs no new signature: it had its own."""
        if release.number in (INSTALLED, *now.before):
            return []
        return self._unsigned(self.edited(release), self.edited(self.get(now.serving.release)))

    def _not_signed(self, files: Files, live_files: Files) -> list[str]:
        """Signatures of the workspace count, too: who signs after the training need not train again."""
        from patchline.workspace import Workspace, WorkspaceError
        from patchline.workspace.signatures import unsigned

        try:
            later = Workspace(self.settings).files()
        except WorkspaceError:  # nobody has opened the desk's editing yet
            later = {}
        return unsigned(files, live_files, later)

    def _content_faults(self, release: Release) -> list[str]:
        """What keeps the gateway or the worker from using its content, e.g. a demo number in production."""
        from patchline.escalation.channels.book import check_book
        from patchline.gateway.production import check_production

        try:
            loaded = content.load(self.content(release), self.settings.max_characters)
            # Whoever promotes need not have the token that the running processes share.
            check_production(replace(self.settings, internal_token=self.settings.internal_token or "shared"), loaded)
            check_book(loaded.clinic.chain, self.settings.channels)
        except (content.ContentError, SettingsError, OSError) as error:
            return [f"Its content cannot be used: {error}."]
        return []


_FIELDS = ("commit", "by", "sentence", "at", "state", "finished_at", "fingerprint", "code")


def hashes(folder: Path) -> dict[str, str | None]:
    """What a seal is over: the sha256 of the model, of its record, of the report, and of all files."""
    return {
        "model": seal.hash_of_file(folder / "model.tar.gz"),
        "record": seal.hash_of_file(folder / "model.json"),
        "files": seal.hash_of_folder(folder / "files"),
        "report": seal.hash_of_file(folder / "report.json"),
    }


def _plain(release: Release) -> dict[str, Any]:
    return {"number": release.number} | {name: getattr(release, name) for name in _FIELDS}


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
