"""What this room knows: safety and the database, and nothing of the web, of Rasa or of spaCy."""

import subprocess
import sys


def test_tickets_and_spool_load_no_other_room_and_none_of_its_weight():
    program = "import patchline.escalation.tickets, patchline.escalation.spool, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rooms = {name.split(".")[1] for name in loaded if name.startswith("patchline.")}
    assert rooms <= {"escalation", "database", "safety", "settings", "chain", "hours", "clock"}
    assert not loaded & {"rasa", "rasa_sdk", "starlette", "spacy"}


def test_the_worker_knows_no_room_above_its_own():
    program = "import patchline.escalation.worker, sys; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    rooms = {name.split(".")[1] for name in loaded if name.startswith("patchline.")}
    assert not rooms & {"gateway", "desk", "training", "nlu", "run", "cli"}
    assert not loaded & {"rasa", "rasa_sdk", "starlette", "spacy", "apprise"}
