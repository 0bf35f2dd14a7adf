import re

from patchline.escalation.reference import LETTERS, new_reference


def test_a_reference_is_short_and_has_no_look_alikes():
    assert all(re.fullmatch(rf"PL-[{LETTERS}]{{5}}", new_reference()) for _ in range(200))
    assert not set(LETTERS) & set("0OQ1IL2Z5S8BUV")


def test_references_differ():
    assert len({new_reference() for _ in range(300)}) > 295
