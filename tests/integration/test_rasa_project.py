"""The root of the repository is a standard Rasa project: Rasa's own commands work there."""

import os
import subprocess
import sys

import pytest

from tests.answers import ROOT


@pytest.fixture(scope="module")
def rasa(archive, tmp_path_factory):
    """Runs a `rasa` command at the root."""
    folder = tmp_path_factory.mktemp("rasa")

    def run(*arguments: str) -> subprocess.CompletedProcess:
        environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PATCHLINE_VAR": str(folder)}
        return subprocess.run(
            [sys.executable, "-m", "rasa", *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return run


def test_rasa_data_validate_finds_nothing_to_fail_on(rasa):
    result = rasa("data", "validate", "--fail-on-warnings")
    assert result.returncode == 0, result.stdout + result.stderr


def test_rasa_test_passes_every_conversation(rasa, archive, tmp_path):
    result = rasa(
        "test", "core", "--model", str(archive), "--stories", "tests/conversations",
        "--fail-on-prediction-errors", "--out", str(tmp_path),
    )  # fmt: skip
    assert result.returncode == 0, result.stdout + result.stderr
    assert "None of the test stories failed" in (tmp_path / "failed_test_stories.yml").read_text()
