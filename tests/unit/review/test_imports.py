"""What the desk's process loads of the review: nothing of the model's or the masking's weight."""

import subprocess
import sys

from patchline.nlu import intent_model, understanding
from patchline.review import names


def loaded(module):
    program = f"import {module}, sys; print(' '.join(sys.modules))"
    return set(
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    )


def test_the_desk_loads_neither_encoder_nor_masking():
    assert not loaded("patchline.desk.app") & {"onnxruntime", "sklearn", "presidio_analyzer", "rasa", "matplotlib"}


def test_the_review_knows_nothing_of_the_web_and_nothing_to_its_right():
    found = loaded("patchline.review.commands, patchline.review.__main__")
    assert not found & {"starlette", "patchline.desk", "patchline.run"}


def test_names_of_intents_are_the_models():
    assert names.OUT_OF_SCOPE == intent_model.OUT_OF_SCOPE
    assert (names.FALLBACK, names.WHAT_IF, names.CHECK) == (
        understanding.FALLBACK,
        understanding.WHAT_IF,
        understanding.CHECK,
    )
