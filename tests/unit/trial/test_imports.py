"""What this room costs a process that only shows reports: the gateway carries the desk, and answers patients."""

import subprocess
import sys

LIGHT = ", ".join(f"patchline.trial.{name}" for name in ("report", "questions", "words", "table", "run"))
HEAVY = {"rasa", "numpy", "onnxruntime", "sklearn", "tensorflow", "spacy", "rapidfuzz"}


def loaded_by(modules: str) -> set[str]:
    program = f"import {modules}, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_reading_a_report_and_starting_a_trial_load_nothing_that_learns():
    assert not loaded_by(LIGHT) & HEAVY


def test_the_room_knows_no_room_to_its_right():
    loaded = loaded_by("patchline.trial.worker, patchline.trial.run")
    rooms = {name.split(".")[1] for name in loaded if name.startswith("patchline.")}
    assert not rooms & {"releases", "review", "desk", "run", "cli"}


def test_the_desks_pages_load_nothing_that_learns():
    assert not loaded_by("patchline.desk.models.pages") & HEAVY
