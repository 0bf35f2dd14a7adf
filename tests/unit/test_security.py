"""The security list names tests that exist, and the installer's commands."""

import ast
import re

import pytest

from patchline.settings import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.split("## The list")[1].split("\n## ")[0].splitlines() if re.match(r"\| \d", line)]


def test_every_chapter_of_the_standard_that_concerns_us_has_a_row():
    chapters = {number for row in ROWS for number in re.findall(r"\b(\d+)\.\d", row.split("|")[1])}
    assert chapters >= {str(number) for number in range(1, 15)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip())
def test_a_row_has_proofs_that_exist(row):
    proofs = re.findall(r"`(tests/\S+?)::(\w+)`", row)
    assert proofs
    for file, name in proofs:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert any(isinstance(item, ast.FunctionDef) and item.name == name for item in tree.body), f"{file}::{name}"
