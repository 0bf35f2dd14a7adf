"""What this room knows: nothing that stands right of it; and the processes that follow serving.json stay small."""

from __future__ import annotations

import subprocess
import sys


def loaded(module: str) -> set[str]:
    program = f"import {module}, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def rooms(modules: set[str]) -> set[str]:
    return {name.split(".")[1] for name in modules if name.startswith("patchline.")}


def test_releases_know_no_room_right_of_them() -> None:
    found = loaded("patchline.releases.commands, patchline.releases.following, patchline.releases.starting")
    assert not rooms(found) & {"review", "desk", "run", "cli"}
    assert "rasa" not in found


def test_the_gateway_knows_nothing_of_releases() -> None:
    assert not rooms(loaded("patchline.gateway.app")) & {"releases", "trial", "workspace", "desk", "run"}


def test_a_process_that_looks_after_a_slot_is_small() -> None:
    found = loaded("patchline.run.slot")
    assert rooms(found) <= {"run", "releases", "settings", "lifeline", "health"}
    assert not found & {"ruamel.yaml", "sqlalchemy", "starlette", "rasa", "phonenumbers"}
