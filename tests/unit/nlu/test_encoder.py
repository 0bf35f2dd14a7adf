"""The sentence encoder: built from the published weights, and as good as the original."""

import numpy as np
import pytest

from patchline.nlu import adapter
from patchline.nlu import encoder as module
from patchline.nlu.heads import SIGN_HEAD, TOPIC_HEAD
from tests.answers import ROOT

SENTENCES = [
    "How long do I have to lie flat afterwards?",
    "do i need to stay flat on my back after it",
    "How much does it cost?",
    "My legs went numb and I can't pee.",
    "will insurance pay for the blood patch",
    "hi",
]
# Cosines of all-MiniLM-L6-v2 in float32 (PyTorch 2.13, transformers), row by row above the diagonal.
ORIGINAL = [
    [0.656, 0.029, 0.254, 0.106, 0.023],
    [0.010, 0.184, 0.165, 0.005],
    [-0.009, 0.216, 0.120],
    [0.202, 0.093],
    [-0.016],
]


def test_without_the_adapter_cosines_of_sentence_pairs_are_those_of_the_original(tmp_path):
    module.build(tmp_path, cache=ROOT / ".rasa" / "encoder", adapted=False)
    vectors = module.Encoder(tmp_path).encode(SENTENCES)
    found = vectors @ vectors.T
    for row, expected in enumerate(ORIGINAL):
        assert np.abs(found[row, row + 1 :] - expected).max() < 0.05


def test_with_the_adapter_a_sign_that_is_there_lies_apart_from_one_that_is_over(encoder):
    there, too, over = encoder.encode(
        ["I have a fever since the patch", "my wife is burning up, 102", "I had a fever last year, do I list it?"]
    )
    assert there @ too > there @ over + 0.2


def test_the_heads_that_were_learnt_with_it_read_what_it_writes(encoder):
    texts = ["I have a fever since the patch", "I had a fever last year, do I list it?", "Can I eat before it?"]
    there, over, lunch = adapter.head(SIGN_HEAD).probabilities(encoder.encode(texts))[:, 0]
    assert there < 0.5 < min(over, lunch)
    topics = adapter.head(TOPIC_HEAD)
    likeliest = topics.probabilities(encoder.encode(texts[2:])).argmax()
    assert topics.names[likeliest] == "faq/eating_drinking"


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(encoder):
    together = encoder.encode(SENTENCES)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.concatenate([encoder.encode([sentence]) for sentence in SENTENCES])
    assert np.allclose(together, alone, atol=1e-5)


def test_a_very_long_or_empty_message_is_encoded_too(encoder):
    assert encoder.encode(["word " * 5000, ""]).shape == (2, module.WIDTH)


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setattr(module, "weights_folder", lambda: tmp_path)
    with pytest.raises(module.EncoderError, match="not the published"):
        module.build(tmp_path / "out")
