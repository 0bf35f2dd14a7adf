"""The hazard log names tests that exist."""

import ast
import re

import pytest

from patchline.settings import ROOT

LOG = (ROOT / "docs" / "hazards.md").read_text(encoding="utf-8")
HAZARDS = re.split(r"^## (?=H\d+ )", LOG.split("\n## Open")[0], flags=re.MULTILINE)[1:]


def test_there_are_at_least_ten_hazards_numbered_in_order():
    numbers = [int(hazard[1:].split()[0]) for hazard in HAZARDS]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 10


@pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.split()[0])
def test_a_hazard_has_cause_effect_control_and_risk_and_its_proofs_exist(hazard):
    for part in ("Cause", "Effect", "Control", "Proof", "Risk"):
        assert f"**{part}.**" in hazard
    proofs = re.findall(r"`(tests/\S+?)::(\w+)`", hazard)
    assert proofs
    for file, name in proofs:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert any(isinstance(item, ast.FunctionDef) and item.name == name for item in tree.body), f"{file}::{name}"
