"""What `patchline safety explain` costs where there is a model: Rasa, and nothing that learns or talks."""

import subprocess
import sys

PROGRAM = """
import sys, warnings
from patchline.run.explaining import quiet_rasa
quiet_rasa()
import patchline.nlu.red_flags
warnings.simplefilter("always")
warnings.warn("nobody reads this")
print("tensorflow" in sys.modules)
"""


def test_rasa_is_loaded_without_tensorflow_and_without_a_word():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
    assert done.stderr == ""
