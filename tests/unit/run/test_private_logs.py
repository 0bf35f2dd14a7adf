"""No patient's word in the logs of Rasa and the actions; and TensorFlow only for who needs it."""

from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from patchline.run.deferred import defer
from patchline.run.private_logs import FORMAT, PrivateFormatter

WORDS = "my legs feel numb since the canary procedure"


def record(error: BaseException | None = None) -> logging.LogRecord:
    info = (type(error), error, error.__traceback__) if error else None
    return logging.LogRecord("rasa.core.tracker_store", logging.ERROR, "/x/store.py", 1430, f"lost: {WORDS}", (), info)


def failure() -> BaseException:
    try:
        try:
            raise ValueError(f"INSERT INTO events VALUES ('{WORDS}')")
        except ValueError as cause:
            raise RuntimeError(f"could not save {WORDS}") from cause
    except RuntimeError as error:
        return error


def test_while_patients_are_served_a_line_says_who_and_where_but_not_what() -> None:
    formatter = PrivateFormatter(FORMAT)
    formatter.serving = True
    line = formatter.format(record(failure()))
    assert "canary" not in line
    assert "ERROR rasa.core.tracker_store at store.py:1430: RuntimeError at test_private_logs.py" in line
    assert "from ValueError at test_private_logs.py" in line
    assert "canary" not in formatter.format(record())


def test_while_starting_errors_are_told_in_full() -> None:
    line = PrivateFormatter(FORMAT).format(record(failure()))
    assert "could not save" in line
    assert "Traceback" in line


@pytest.fixture
def heavy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with a module that tells when its code runs."""
    package = tmp_path / "heavy_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("import sys\nsys.heavy_part_ran = True\nvalue = 42\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "heavy_part_ran", False, raising=False)
    yield "heavy_package.part"
    for name in ("heavy_package", "heavy_package.part"):
        sys.modules.pop(name, None)


def test_a_deferred_module_runs_at_its_first_use(heavy: str) -> None:
    defer(heavy)
    import heavy_package.part

    assert not sys.heavy_part_ran
    assert heavy_package.part.value == 42
    assert sys.heavy_part_ran
    with pytest.raises(AttributeError):
        heavy_package.part.missing  # noqa: B018


def test_a_module_that_is_loaded_already_stays_as_it_is(heavy: str) -> None:
    import heavy_package.part as before

    defer(heavy)
    assert sys.modules[heavy] is before


def test_a_module_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ModuleNotFoundError):
        defer("patchline.no_such_module")


def test_rasa_is_ready_to_serve_without_tensorflow() -> None:
    """Guards the start time and memory of the Rasa process: a new import somewhere would bring TensorFlow back."""
    code = """
        import sys
        from patchline.run.deferred import defer
        from patchline.run.rasa_server import TENSORFLOW_USERS
        defer(TENSORFLOW_USERS)
        import rasa.core.run, rasa.core.policies.rule_policy, rasa.core.policies.memoization
        import patchline.nlu.intent_classifier, patchline.nlu.channel
        print("tensorflow" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "False"
