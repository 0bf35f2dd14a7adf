"""What the setup decides on a fresh machine, without doing it."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from patchline.settings import ROOT

_spec = importlib.util.spec_from_file_location("bootstrap", ROOT / "deploy" / "bootstrap.py")
bootstrap = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(bootstrap)

LOCK = """absl-py==1.4.0 \\
    --hash=sha256:0d \\
    --hash=sha256:d2
    # via rasa, setuptools
setuptools==70.3.0 \\
    --hash=sha256:f1
schemathesis[all]==4.0 \\
    --hash=sha256:aa
"""


def test_the_first_python_3_11_is_taken() -> None:
    found = [("/usr/bin/python3", (3, 12)), ("/opt/python3.11", (3, 11)), ("/usr/bin/python3.11", (3, 11))]
    assert bootstrap.choose_python(found) == "/opt/python3.11"


def test_an_older_or_newer_python_is_not_taken() -> None:
    assert bootstrap.choose_python([("/a", (3, 10)), ("/b", (3, 13)), ("/c", (0, 0))]) is None


def test_a_command_that_is_no_python_has_no_version(tmp_path: Path) -> None:
    shim = tmp_path / "python3.11"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    assert bootstrap.version_of(str(shim)) == (0, 0)
    assert bootstrap.version_of(str(tmp_path / "missing")) == (0, 0)


@pytest.mark.parametrize(
    ("ensurepip", "pip", "way"),
    [(True, True, "environment"), (True, False, "environment"), (False, True, "target"), (False, False, None)],
)
def test_pip_comes_from_an_environment_or_the_system_or_not_at_all(ensurepip: bool, pip: bool, way: str | None) -> None:
    assert bootstrap.way_to_pip(ensurepip, pip) == way


def test_system_packages_are_installed_only_for_root_who_allowed_it() -> None:
    assert bootstrap.may_use_apt({"PATCHLINE_APT": "yes"}, True, True)
    assert not bootstrap.may_use_apt({}, True, True)
    assert not bootstrap.may_use_apt({"PATCHLINE_APT": "yes"}, False, True)
    assert not bootstrap.may_use_apt({"PATCHLINE_APT": "yes"}, True, False)


def test_a_full_disk_is_one_sentence_with_both_sizes() -> None:
    sentence = bootstrap.lack_of_space(free=2_500_000_000, fresh=True, folder="/srv/patchline")
    assert sentence == ("Setting up needs about 4 GB of free disk; /srv/patchline has 2.5 GB. Free some and try again.")
    assert bootstrap.lack_of_space(free=2_500_000_000, fresh=False, folder="/srv/patchline") is None


@pytest.mark.parametrize(
    "machine",
    [("Darwin", "arm64", ""), ("Linux", "aarch64", "glibc"), ("Linux", "x86_64", ""), ("Windows", "AMD64", "")],
)
def test_an_unsupported_machine_is_told_what_is_supported(machine: tuple[str, str, str]) -> None:
    assert "Linux on x86-64" in bootstrap.unsupported(*machine)


def test_debian_on_x86_64_is_supported() -> None:
    assert bootstrap.unsupported("Linux", "x86_64", "glibc") is None


def test_packages_of_a_lock_are_counted() -> None:
    assert bootstrap.count_packages(LOCK) == 3


def test_the_build_tools_are_taken_from_the_lock_with_their_hashes() -> None:
    assert bootstrap.entries(LOCK, ("setuptools", "wheel")) == "setuptools==70.3.0 \\\n    --hash=sha256:f1\n"


def test_the_lock_of_this_project_has_the_build_tools_and_hashes_only() -> None:
    lock = (ROOT / "requirements.txt").read_text()
    tools = bootstrap.entries(lock, bootstrap.BUILD_TOOLS)
    assert bootstrap.count_packages(tools) == len(bootstrap.BUILD_TOOLS)
    assert bootstrap.count_packages(lock) > 100
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text, f"{name} names a host"
        assert all(
            "--hash=sha256:" in bootstrap.entries(text, (line.split("==")[0].split("[")[0],))
            for line in text.splitlines()
            if line[:1].isalnum()
        )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, root / name)
    return root


def test_what_was_set_up_for_tests_holds_for_running_but_not_the_other_way(project: Path) -> None:
    wanted = bootstrap.wanted_state(project)
    assert bootstrap.is_current({"dev": wanted["dev"]}, wanted, "run")
    assert bootstrap.is_current({"dev": wanted["dev"]}, wanted, "dev")
    assert bootstrap.is_current({"run": wanted["run"]}, wanted, "run")
    assert not bootstrap.is_current({"run": wanted["run"]}, wanted, "dev")
    assert not bootstrap.is_current({}, wanted, "run")


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-bootstrap.txt", "pyproject.toml"])
def test_a_changed_lock_is_set_up_again(project: Path, name: str) -> None:
    stamp = bootstrap.wanted_state(project)
    with open(project / name, "a") as file:
        file.write("# changed\n")
    wanted = bootstrap.wanted_state(project)
    assert not bootstrap.is_current(stamp, wanted, "run")
    assert not bootstrap.is_current(stamp, wanted, "dev")


def test_a_changed_lock_for_tests_leaves_running_alone(project: Path) -> None:
    stamp = {"run": bootstrap.wanted_state(project)["run"]}
    with open(project / "requirements-dev.txt", "a") as file:
        file.write("# changed\n")
    assert bootstrap.is_current(stamp, bootstrap.wanted_state(project), "run")


def test_a_project_that_was_moved_is_set_up_again(project: Path) -> None:
    stamp = bootstrap.wanted_state(project)
    moved = project.rename(project.with_name("moved"))
    assert not bootstrap.is_current(stamp, bootstrap.wanted_state(moved), "run")
