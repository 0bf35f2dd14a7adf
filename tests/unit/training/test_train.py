"""Training around Rasa: mistakes in files, cut-short trainings, full disks. Rasa itself trains in tests/integration."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from pathlib import Path

import pytest

from patchline.settings import Settings
from patchline.training import train as module
from patchline.training.model import ModelError, current
from patchline.training.progress import Progress, Tail
from patchline.training.sources import count_examples
from patchline.training.train import phase, train
from patchline.training.worker import disk_is_full

NLU = """nlu:
- intent: greet
  examples: |
    - hi
    - hello there
- lookup: x
  examples: |
    - y
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {
        "config.yml": "a: 1\n",
        "domain.yml": "a: 1\n",
        "data/nlu.yml": NLU,
        "content/c.yml": "",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def settings(root: Path) -> Settings:
    return Settings(models=root / "models", var=root / "var", content=root / "content")


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stands in for the process that runs Rasa: it writes an archive; the list tells how often."""
    calls: list[str] = []

    def worker(settings: Settings, progress: Progress, root: Path, work: Path, examples: int) -> None:
        calls.append(work.name)
        (work / "model.tar.gz").write_bytes(b"model")

    monkeypatch.setattr(module, "_run_worker", worker)
    return calls


def test_a_second_training_finds_the_model_current(root, settings, out, trained) -> None:
    archive = train(settings, Progress(out), root=root)
    assert train(settings, Progress(out), root=root) == archive == current(settings, root)
    assert len(trained) == 1
    assert f"{archive.name} is current" in out.getvalue()


def test_force_trains_a_current_model_again(root, settings, out, trained) -> None:
    train(settings, Progress(out), root=root)
    train(settings, Progress(out), root=root, force=True)
    assert len(trained) == 2


def test_a_damaged_model_is_trained_again_with_a_sentence(root, settings, out, trained) -> None:
    archive = train(settings, Progress(out), root=root)
    archive.write_bytes(b"mod")
    train(settings, Progress(out), root=root)
    assert len(trained) == 2
    assert f"The model {archive.name} is damaged: it is trained again." in out.getvalue()
    assert current(settings, root) == archive


def test_a_training_that_is_cut_short_leaves_no_model_and_nothing_behind(root, settings, out, monkeypatch) -> None:
    def interrupted(settings: Settings, progress: Progress, root: Path, work: Path, examples: int) -> None:
        (work / "half").write_text("x")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "_run_worker", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(settings, Progress(out), root=root)
    assert [path.name for path in settings.models.iterdir()] == [".training.lock"]
    with pytest.raises(ModelError):
        current(settings, root)


def test_what_a_killed_training_left_is_removed_by_the_next(root, settings, out, trained) -> None:
    left = settings.models / ".training-99999"
    left.mkdir(parents=True)
    (left / "half").write_text("x")
    train(settings, Progress(out), root=root)
    assert not left.exists()


def test_a_training_waits_for_another_one_to_end(root, settings, out, trained, monkeypatch) -> None:
    settings.models.mkdir()
    other = open(settings.models / ".training.lock", "w")  # noqa: SIM115 (closed by the sleep below)
    fcntl.flock(other, fcntl.LOCK_EX)
    monkeypatch.setattr(module.time, "sleep", lambda seconds: other.close())  # the other training ends meanwhile
    train(settings, Progress(out), root=root)
    assert "waiting for another training to end" in out.getvalue()


def test_a_disk_that_is_full_is_one_sentence(root, settings, out, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "_run_worker", full)
    with pytest.raises(ModelError, match=r"^the disk is full: .* free some space and try again$"):
        train(settings, Progress(out), root=root)


def test_a_full_disk_is_seen_behind_the_errors_that_rasa_puts_around_it() -> None:
    cause = OSError(errno.ENOSPC, "No space left on device")
    error = RuntimeError("Error running graph component")
    error.__cause__ = cause
    assert disk_is_full(error)
    assert not disk_is_full(RuntimeError("another"))


def test_examples_of_intents_are_counted_and_nothing_else(root: Path) -> None:
    assert count_examples(root) == 2


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("data/bad.yml", "nlu:\n- intent: a\n  examples: |\n    - x\n bad: {\n", "data/bad.yml line 5: not valid YAML"),
        ("domain.yml", "intents: [a, b\nx: 1\n", "domain.yml line 2: not valid YAML"),
        ("data/twice.yml", "a: 1\na: 2\n", "data/twice.yml line 2: not valid YAML"),
        ("data/tab.yml", "a:\n\t- b\n", "data/tab.yml line 2: not valid YAML"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_file_and_line(root, settings, out, trained, name, text, place) -> None:
    (root / name).write_text(text)
    with pytest.raises(ModelError, match=place):
        train(settings, Progress(out), root=root)
    assert not trained


def test_a_missing_file_is_named(root: Path) -> None:
    (root / "domain.yml").unlink()
    with pytest.raises(ModelError, match=r"^domain.yml: No such file"):
        count_examples(root)


def test_the_log_of_rasa_tells_the_phases() -> None:
    log = """10:32:01 INFO patchline.training: Rasa is loaded
10:32:05 INFO rasa.engine.training.hooks: Starting to train component 'IntentClassifier'.
10:32:06 DEBUG rasa.engine.storage.local_model_storage: Resource 'a' was persisted.
10:32:09 INFO rasa.engine.training.hooks: Finished training component 'IntentClassifier'.
10:32:09 DEBUG rasa.engine.storage.local_model_storage: Start to created model package for path 'm'."""
    phases = [text for line in log.splitlines() if (text := phase(line, 1234))]
    assert phases == ["reading 1,234 examples", "training IntentClassifier", "writing the model"]


def test_progress_outside_a_terminal_is_one_line_a_phase(out: io.StringIO) -> None:
    progress = Progress(out)
    for _ in range(3):
        progress.phase("loading Rasa")
        progress.tick()
    progress.phase("writing")
    assert out.getvalue() == "loading Rasa …\nwriting …\n"


def test_progress_on_a_terminal_draws_the_seconds_in_place() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    now = [100.0]
    terminal = Terminal()
    progress = Progress(terminal, clock=lambda: now[0])
    progress.phase("loading Rasa")
    now[0] = 107.4
    progress.tick()
    assert terminal.getvalue().endswith("\r\x1b[Kloading Rasa … 7 s")
    progress.end()
    assert terminal.getvalue().endswith("\n")


def test_a_log_is_followed_from_its_end_in_whole_lines(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("old\n")
    tail = Tail(log)
    with open(log, "a") as file:
        file.write("one\ntw")
        file.flush()
        assert tail.lines() == ["one"]
        file.write("o\n")
        file.flush()
        assert tail.lines() == ["two"]
    log.write_text("new\n")  # rotated: shorter than what was read
    assert tail.lines() == ["new"]
