"""What stands in the way of a start is told in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from patchline import cli
from patchline.run.checks import StartError, check_disk, check_folder, check_machine, check_ports
from patchline.settings import Settings, SettingsError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var=tmp_path / "var", port=free_port(), rasa_port=free_port(), actions_port=free_port())


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_free_ports_and_a_roomy_disk_are_fine(settings: Settings) -> None:
    check_machine(settings, free_bytes=lambda path: 10**10)


@pytest.mark.parametrize(
    ("field", "variable"),
    [("port", "PATCHLINE_PORT"), ("rasa_port", "PATCHLINE_RASA_PORT"), ("actions_port", "PATCHLINE_ACTIONS_PORT")],
)
def test_a_taken_port_is_named_with_the_setting_that_changes_it(settings, taken, field, variable) -> None:
    chosen = Settings(**{**vars(settings), field: taken})
    with pytest.raises(StartError) as error:
        check_ports(chosen)
    assert str(error.value) == f"Port {taken} is taken by another program; stop it or set {variable}"


def test_a_port_that_an_earlier_run_holds_is_told_with_the_process(settings: Settings, tmp_path: Path) -> None:
    code = (
        "import socket, time; s = socket.create_server(('127.0.0.1', 0));"
        "print(s.getsockname()[1], flush=True); time.sleep(60)  # patchline.gateway"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True, text=True
    ) as earlier:
        port = int(earlier.stdout.readline())
        (settings.var / "run").mkdir(parents=True)
        (settings.var / "run" / "session").write_text(str(earlier.pid))
        try:
            with pytest.raises(StartError, match=rf"that has not ended \(`kill {earlier.pid}` ends it\)"):
                check_ports(Settings(**{**vars(settings), "port": port}))
        finally:
            earlier.kill()


def test_one_port_for_two_programs_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="PATCHLINE_PORT must differ"):
        check_ports(Settings(**{**vars(settings), "rasa_port": settings.port}))


def test_a_port_that_does_not_exist_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError, match="PATCHLINE_PORT must be between 1 and 65535, not 70000"):
        check_ports(Settings(**{**vars(settings), "port": 70000}))


def test_an_address_of_another_machine_is_refused(settings: Settings) -> None:
    with pytest.raises(SettingsError, match=r"no address '192\.0\.2\.1'; set PATCHLINE_HOST"):
        check_ports(Settings(**{**vars(settings), "host": "192.0.2.1"}))


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StartError) as error:
        check_disk(tmp_path, lambda path: 300_000_000)
    assert str(error.value) == f"Only 0.3 GB are free on the disk of {tmp_path}; Patchline needs 1 GB"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"Cannot write to .*/file/var: Not a directory; .* PATCHLINE_VAR"):
        check_folder(tmp_path / "file" / "var")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("PATCHLINE_PORT", "eight", "patchline: PATCHLINE_PORT must be a whole number, not 'eight'\n"),
        ("PATCHLINE_RASA_TIMEOUT", "60", "patchline: PATCHLINE_RASA_TIMEOUT must be between 0 and 7.5 seconds"),
    ],
)
def test_a_wrong_setting_is_one_sentence_and_exit_code_2(monkeypatch, capsys, tmp_path, name, value, sentence) -> None:
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    monkeypatch.setenv(name, value)
    assert cli.main(["train"]) == 2
    said = capsys.readouterr().err
    assert said.startswith(sentence)
    assert said.count("\n") == 1


def test_content_with_a_mistake_is_told_before_anything_starts(monkeypatch, capsys, tmp_path) -> None:
    import shutil

    from patchline.settings import ROOT

    content = shutil.copytree(ROOT / "content", tmp_path / "content")
    (content / "clinic.yml").write_text("name: [\n")
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("PATCHLINE_CONTENT", str(content))
    environment = os.environ | {"PATCHLINE_PORT": str(free_port())}
    done = subprocess.run(
        [sys.executable, "-m", "patchline.cli", "run"], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith("patchline: clinic.yml line")
    assert done.stderr.count("\n") == 1
