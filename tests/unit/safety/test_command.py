"""`patchline safety explain`, called as the command line calls it."""

import io

import pytest

from patchline.cli import main
from patchline.safety.command import NO_MESSAGE


@pytest.fixture(autouse=True)
def _own_files(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    monkeypatch.setenv("PATCHLINE_MODELS", str(tmp_path / "models"))  # none: the rules alone


def test_a_message_is_explained_in_words_that_a_nurse_reads(capsys):
    assert main(["safety", "explain", "no fever but my leg is numb"]) == 0
    told = capsys.readouterr().out
    assert told.startswith("Message:  no [fever]1 but my [leg is numb]2\n")
    assert "lowered by the rule 'no': said not to be there" in told
    assert told.endswith("Outcome:  The patient is told to call the clinic today.\n")


def test_without_a_model_a_line_says_that_the_rules_explain_alone_and_what_to_do(capsys):
    assert main(["safety", "explain", "numb legs"]) == 0
    *_, decided, _ = capsys.readouterr().out.splitlines()
    assert decided == (
        "Decided:  by the rules alone: there is no model for the present training files; run `patchline train`."
    )


def test_the_rules_alone_explain_where_they_are_asked_for(capsys):
    assert main(["safety", "explain", "--rules", "numb legs"]) == 0
    assert "Decided:  by the rules alone: --rules asks for them.\n" in capsys.readouterr().out


def test_several_messages_are_explained_one_after_the_other(capsys):
    assert main(["safety", "explain", "I can't pee", "when can I shower"]) == 0
    first, second = capsys.readouterr().out.split("\n\n")
    assert "told to call 911 now" in first
    assert "No alert" in second


@pytest.mark.parametrize("arguments", [[], ["-"]])
def test_without_a_message_the_lines_of_stdin_are_read(capsys, monkeypatch, arguments):
    monkeypatch.setattr("sys.stdin", io.StringIO("numb legs\n\nI want to die\n"))
    assert main(["safety", "explain", *arguments]) == 0
    assert capsys.readouterr().out.count("Outcome:") == 2


def test_no_message_at_all_is_said_with_an_example(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert main(["safety", "explain"]) == NO_MESSAGE
    assert 'patchline safety explain "my leg is numb"' in capsys.readouterr().err


def test_a_mistake_in_the_patterns_is_told_with_its_file_and_ends_with_2(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("PATCHLINE_CONTENT", str(tmp_path))
    (tmp_path / "red_flags.yml").write_text("reviewer: A nurse\n", encoding="utf-8")
    (tmp_path / "context_rules.yml").write_text("reviewer: A nurse\n", encoding="utf-8")
    assert main(["safety", "explain", "numb"]) == 2
    assert "red_flags.yml" in capsys.readouterr().err
