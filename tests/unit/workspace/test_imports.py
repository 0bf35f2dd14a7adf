"""What this room knows: the rooms to its left, and nothing of the web."""

import subprocess
import sys


def test_the_workspace_knows_no_room_to_its_right_and_loads_none_of_its_weight():
    program = (
        "import patchline.workspace, patchline.workspace.checks, patchline.workspace.signatures, sys;"
        "import patchline.workspace.topics, patchline.workspace.staff_tests; print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rooms = {name.split(".")[1] for name in loaded if name.startswith("patchline.")}
    assert not rooms & {"trial", "releases", "review", "desk", "gateway", "run", "cli", "escalation", "nlu", "database"}
    assert not loaded & {"rasa", "rasa_sdk", "starlette", "spacy", "textstat", "sqlalchemy"}
