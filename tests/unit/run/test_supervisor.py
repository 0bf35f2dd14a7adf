"""The supervisor: a configuration it understands, and processes that do not outlive whoever started them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from supervisor.options import ServerOptions

from patchline.run import supervisor as module
from patchline.run.supervisor import (
    PROGRAMS,
    TEMPLATE,
    Supervisor,
    configuration,
    environment,
    session_members,
    write_configuration,
)
from patchline.run.watch import LIMIT, Event, Exits, event
from patchline.settings import Settings

SIMPLE = """[supervisord]
nodaemon=true
silent=true
logfile={var}/logs/supervisord.log
pidfile={var}/run/supervisord.pid
%s
{user}

[program:one]
command={python} -m patchline.training.parent {python} -c "import time; time.sleep(60)"
{common}
"""


def parsed(text: str, folder: Path) -> dict[str, object]:
    """The programs as the supervisor itself reads them."""
    path = folder / "supervisord.conf"
    path.write_text(text)
    for name in ("logs", "run"):
        (folder / name).mkdir(exist_ok=True)
    options = ServerOptions()
    options.realize(["-c", str(path)])
    return {group.name: group.process_configs[0] for group in options.process_group_configs}


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    folder = tmp_path / "a 100% odd folder; with 'quotes'"
    folder.mkdir()
    return folder


def test_the_supervisor_reads_all_programs(tmp_path: Path) -> None:
    text = configuration(TEMPLATE.read_text(), Settings(var=tmp_path), superuser=os.geteuid() == 0)
    programs = parsed(text, tmp_path)
    assert set(programs) == set(PROGRAMS)
    for program in programs.values():
        assert program.autorestart is not False
        assert program.stopasgroup
        assert program.killasgroup
        assert program.startretries > 1000
        assert program.stdout_logfile_maxbytes == 10 * 1024 * 1024
        assert program.stdout_logfile_backups == 5
        assert program.redirect_stderr


def test_paths_with_spaces_percent_signs_and_quotes_survive(awkward: Path, tmp_path: Path) -> None:
    folder = tmp_path / "100% var"
    folder.mkdir()
    text = configuration(TEMPLATE.read_text(), Settings(var=folder), awkward, superuser=os.geteuid() == 0)
    programs = parsed(text, folder)
    assert programs["rasa_a"].directory == str(awkward)
    assert programs["gateway"].stdout_logfile == f"{folder}/logs/gateway.log"


def test_the_configuration_is_readable_by_its_owner_alone_and_holds_no_secret(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path, internal_token="very-secret-token", secret="s" * 40)
    path = write_configuration(settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "very-secret-token" not in path.read_text()
    assert "s" * 40 not in path.read_text()


def test_nothing_listens_to_steer_the_supervisor(tmp_path: Path) -> None:
    text = configuration(TEMPLATE.read_text(), Settings(var=tmp_path))
    sections = [line for line in text.splitlines() if line.startswith("[")]
    assert sorted(sections) == sorted(["[supervisord]", *(f"[program:{name}]" for name in PROGRAMS)])


def test_programs_share_a_token_and_send_nothing_home() -> None:
    env = environment({"PATCHLINE_PORT": "8001", "PATH": "/bin"}, Settings(internal_token="t", actions_port=5056))
    assert env["PATCHLINE_PORT"] == "8001"
    assert env["PATCHLINE_INTERNAL_TOKEN"] == "t"
    assert env["RASA_TELEMETRY_ENABLED"] == "false"


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A real supervisor with one real program that sleeps."""
    template = tmp_path / "template"
    template.write_text(SIMPLE.replace("%s", "minfds=256\nminprocs=10"))
    monkeypatch.setattr(module, "TEMPLATE", template)
    settings = Settings(var=tmp_path)
    running = Supervisor.start(write_configuration(settings), os.environ)
    try:
        wait_for(lambda: len(session_members(running.process.pid)) == 2)
        yield running
    finally:
        running.process.kill() if running.process.poll() is None else None
        running.process.wait()
        for pid in session_members(running.process.pid):
            os.kill(pid, signal.SIGKILL)


def wait_for(condition, seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_after_a_stop_no_process_is_left(started: Supervisor) -> None:
    assert started.stop() == []
    assert session_members(started.process.pid) == []


def test_a_program_that_dies_is_started_again(started: Supervisor) -> None:
    program = next(pid for pid in session_members(started.process.pid) if pid != started.process.pid)
    time.sleep(1.2)  # until it counts as started
    os.kill(program, signal.SIGKILL)
    wait_for(
        lambda: len(session_members(started.process.pid)) == 2 and program not in session_members(started.process.pid)
    )


def test_when_the_supervisor_is_killed_its_programs_end_too(started: Supervisor) -> None:
    os.kill(started.process.pid, signal.SIGKILL)
    started.process.wait()
    wait_for(lambda: session_members(started.process.pid) == [])


def test_a_process_ends_with_the_one_that_started_it() -> None:
    code = (
        "import subprocess, sys, time; from patchline.lifeline import stop_with_parent;"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], preexec_fn=stop_with_parent);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        child = int(parent.stdout.readline())
        parent.kill()
    wait_for(lambda: not Path(f"/proc/{child}").exists() or "\nState:\tZ" in Path(f"/proc/{child}/status").read_text())


def test_the_supervisors_log_is_read_as_events() -> None:
    lines = [
        "2026-11-22 15:44:26,210 INFO supervisord started with pid 40",
        "2026-11-22 15:44:26,210 INFO spawned: 'rasa' with pid 41",
        "2026-11-22 15:44:27,300 WARN exited: rasa (exit status 1; not expected)",
        "2026-11-22 15:44:29,300 INFO exited: gateway (terminated by SIGKILL; not expected)",
        "2026-11-22 15:44:30,300 INFO success: rasa entered RUNNING state, process has stayed up for > than 1 seconds",
    ]
    assert [found for line in lines if (found := event(line))] == [
        Event("rasa", "started"),
        Event("rasa", "died", "exit status 1; not expected"),
        Event("gateway", "died", "terminated by SIGKILL; not expected"),
    ]


def test_a_program_is_broken_when_it_died_three_times() -> None:
    exits = Exits()
    for _ in range(LIMIT - 1):
        exits.note(Event("rasa", "died"))
        exits.note(Event("rasa", "started"))
    exits.note(Event("gateway", "died"))
    assert exits.broken is None
    exits.note(Event("rasa", "died"))
    assert exits.broken == "rasa"


def test_a_process_whose_name_holds_brackets_is_read_rightly(tmp_path: Path) -> None:
    for pid, text in {"7": "7 (a) b (c) S 1 7 7 0", "8": "8 (x) Z 1 7 7 0", "9": "9 (y) S 1 9 9 0"}.items():
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_text(text)
    assert session_members(7, tmp_path) == [7]


def test_the_interpreter_of_the_programs_is_this_one(tmp_path: Path) -> None:
    text = configuration(TEMPLATE.read_text(), Settings(var=tmp_path))
    assert text.count(sys.executable) == 2 * len(PROGRAMS)
