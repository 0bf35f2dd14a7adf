"""`patchline test` and `patchline compare`, as far as they go without a model."""

import pytest

from patchline.cli import main


@pytest.mark.parametrize("command", [["test", "x"], ["test", "99"], ["compare", "0", "99"]])
def test_a_release_that_there_is_not_is_named_and_nothing_is_begun(monkeypatch, tmp_path, capsys, command):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    assert main(command) == 1
    assert f"There is no release {repr(command[-1]) if command[-1] == 'x' else command[-1]}" in capsys.readouterr().err
    assert not list(tmp_path.glob("tmp*"))
