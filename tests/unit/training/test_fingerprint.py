"""The fingerprint follows what a model is made from, and nothing else."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from patchline.training import fingerprint as module
from patchline.training.fingerprint import fingerprint, sources

FILES = {
    "config.yml": "recipe: default.v1\n",
    "domain.yml": "intents: [faq]\n",
    "data/rules.yml": "rules: []\n",
    "data/faq/lie_flat.yml": "nlu: []\n",
    "content/red_flags.yml": "groups: []\n",
    "patchline/nlu/channel.py": "x = 1\n",
    "patchline/safety/rules/fever.py": "y = 1\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in FILES.items():
        write(root / name, text)
    return root


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_copy_elsewhere_with_other_times_has_the_same_fingerprint(project: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(project, tmp_path / "a copy")
    for path in copy.rglob("*"):
        os.utime(path, (1, 1))
    assert fingerprint(copy) == fingerprint(project)


@pytest.mark.parametrize("name", FILES)
def test_one_more_character_in_any_training_file_changes_it(project: Path, name: str) -> None:
    before = fingerprint(project)
    write(project / name, FILES[name] + "#")
    assert fingerprint(project) != before


def test_a_new_topic_file_changes_it(project: Path) -> None:
    before = fingerprint(project)
    write(project / "data/faq/new_topic.yml", "nlu: []\n")
    assert fingerprint(project) != before


def test_a_renamed_file_changes_it(project: Path) -> None:
    before = fingerprint(project)
    (project / "data/rules.yml").rename(project / "data/other.yml")
    assert fingerprint(project) != before


def test_text_that_moves_from_one_file_to_the_next_changes_it(project: Path) -> None:
    write(project / "data/a.yml", "one\n")
    write(project / "data/b.yml", "two\n")
    before = fingerprint(project)
    write(project / "data/a.yml", "one\ntwo\n")
    write(project / "data/b.yml", "")
    assert fingerprint(project) != before


@pytest.mark.parametrize("name", ["README.md", "tests/test_x.py", "docs/a.md", "patchline/run/start.py", "var/rasa.db"])
def test_tests_documents_and_the_running_of_processes_do_not_count(project: Path, name: str) -> None:
    before = fingerprint(project)
    write(project / name, "anything")
    assert fingerprint(project) == before


def test_another_version_of_a_library_changes_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint(project)
    monkeypatch.setattr(module.metadata, "version", lambda name: "9.9")
    assert fingerprint(project) != before


def test_content_kept_elsewhere_stands_in_for_the_folder_of_the_project(project: Path, tmp_path: Path) -> None:
    elsewhere = shutil.copytree(project / "content", tmp_path / "clinic content")
    assert fingerprint(project, elsewhere) == fingerprint(project)
    write(elsewhere / "red_flags.yml", "groups: [fever]\n")
    assert fingerprint(project, elsewhere) != fingerprint(project)


def test_this_project_has_all_kinds_of_training_files() -> None:
    from patchline.settings import ROOT

    names = [name for name, _ in sources(ROOT)]
    for start in ("config.yml", "domain.yml", "data/faq/", "content/", "patchline/nlu/", "patchline/safety/"):
        assert any(name.startswith(start) for name in names), start


def test_what_is_read_when_a_process_starts_needs_no_training(project: Path) -> None:
    before = fingerprint(project)
    write(project / "content/clinic.yml", "name: Parkview\n")
    assert fingerprint(project) == before
