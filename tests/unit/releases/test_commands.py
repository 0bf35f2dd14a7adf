"""The commands say what they did; their exit codes are for scripts."""

from __future__ import annotations

import argparse

import pytest

from patchline.cli import main
from patchline.releases import serving
from patchline.releases.commands import run_models, told
from patchline.releases.release import Promotion
from patchline.releases.serving import Seat, Serving


def test_the_list_says_what_serves_what_stands_by_and_who_did_it(make, settings, releases, capsys) -> None:
    make(), make(), make(passed=False)
    serving.write(settings, Serving(Seat(2, "b"), Seat(1, "a"), (0, 1)))
    releases.note_promotion(Promotion("2026-11-23T09:41:12+00:00", "Ben Ito", 2, 1, "promote"))
    assert run_models(argparse.Namespace(), settings) == 0
    lines = [line.split("  ") for line in capsys.readouterr().out.splitlines()]
    rows = {line[0].strip(): [part.strip() for part in line if part.strip()] for line in lines}
    assert rows["3"][1] == "failed"
    assert rows["2"][1] == "serving"
    assert rows["2"][2] == "f00d"
    assert {"Ana López", "Ben Ito", "2026-11-23 09:41"} <= set(rows["2"])
    assert rows["1"][1] == "stands by"
    assert rows["0"][1] == "installed"


def test_a_release_that_did_not_pass_is_exit_code_one_with_the_reasons(make, capsys) -> None:
    assert told(make(passed=False)) == 1
    assert "It misses 3 of 530 emergencies." in capsys.readouterr().err
    assert told(make()) == 0
    assert "`patchline promote 2`" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["promote", "7"], 1, "There is no release 7."),
        (["rollback"], 1, "nothing to go back to"),
    ],
)
def test_what_is_refused_is_one_sentence_and_exit_code_one(settings, monkeypatch, capsys, words, code, says) -> None:
    monkeypatch.setenv("PATCHLINE_VAR", str(settings.var))
    assert main(words) == code
    assert says in capsys.readouterr().err


def test_a_serving_file_that_cannot_be_read_is_exit_code_two(settings, monkeypatch, capsys) -> None:
    settings.var.mkdir()
    serving.path_of(settings).write_text("{")
    monkeypatch.setenv("PATCHLINE_VAR", str(settings.var))
    assert main(["models"]) == 2
    assert "move it away" in capsys.readouterr().err


def test_the_number_of_a_release_is_a_number(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["promote", "seven"])
    assert ended.value.code == 2
    assert "must be the number of a release, not 'seven'" in capsys.readouterr().err
