"""Teaching the encoder: what is learnt is stored and merged, and the network that learns is the encoder."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from patchline.nlu import adapter, encoder
from patchline.training import adapt
from tests.answers import ROOT

SENTENCES = ["How long do I lie flat?", "my leg is numb and I can't pee today", "what if I get a fever"]
LABELS = ["faq/lie_flat", "red_flag/emergency", "what_if"]


def test_the_learning_rate_rises_in_a_tenth_of_the_steps_and_falls_to_nothing():
    rates = [adapt.rate_at(step, 100) for step in range(101)]
    assert (rates[0], rates[10]) == (0, 1)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0)


def test_every_sentence_is_in_one_batch_beside_sentences_of_like_length():
    ids = [[1] * (number % 40 + 1) for number in range(200)]
    found = list(adapt.batches(ids, np.random.default_rng(0)))
    assert sorted(row for rows in found for row in rows) == list(range(200))
    assert max(max(len(ids[row]) for row in rows) - min(len(ids[row]) for row in rows) for rows in found) < 15


def test_sentences_are_read_with_their_intent_and_whether_they_are_warning_signs():
    found = adapt.read(SENTENCES, LABELS)
    assert list(found.red_flags) == [0, 1, 0]
    assert [found.names[index] for index in found.intents] == LABELS
    assert adapt.padded(found.ids).shape == (3, max(map(len, found.ids)))


def test_what_is_written_is_merged_into_the_weights_and_nothing_else(tmp_path):
    weights = {"a.weight": np.ones((3, 2), np.float32), "b.weight": np.ones((2, 2), np.float32)}
    changes = {"a.weight.down": np.array([[1.0, 2.0]]), "a.weight.up": np.array([[0.0], [1.0], [0.5]])}
    adapter.write(changes, {"sentences": "3"}, tmp_path / "adapter.safetensors")
    merged = adapter.merge(weights, tmp_path / "adapter.safetensors")
    assert merged["a.weight"].tolist() == [[1, 1], [2, 3], [1.5, 2]]
    assert merged["b.weight"] is weights["b.weight"]


def test_an_adapter_for_other_weights_is_refused(tmp_path):
    changes = {"c.weight.down": np.ones((1, 2)), "c.weight.up": np.ones((2, 1))}
    adapter.write(changes, {}, tmp_path / "adapter.safetensors")
    with pytest.raises(KeyError, match=r"c\.weight"):
        adapter.merge({}, tmp_path / "adapter.safetensors")


def test_the_shipped_adapter_fits_the_published_weights():
    weights = load_file(encoder.weights_folder() / "model.safetensors")
    merged = adapter.merge(weights)
    changed = {name for name in weights if not np.array_equal(weights[name], merged[name])}
    assert len(changed) == 6 * len(adapt.ADAPTED)


def test_before_it_has_learnt_the_network_is_the_published_encoder_and_what_it_learns_is_written(tmp_path, monkeypatch):
    import tensorflow

    weights = load_file(encoder.weights_folder() / "model.safetensors")
    sentences = adapt.read(SENTENCES, LABELS)
    found = adapt._Network(tensorflow, weights, 3).vectors(adapt.padded(sentences.ids)).numpy()
    encoder.build(tmp_path, cache=ROOT / ".rasa" / "encoder", adapted=False)
    assert ((found * encoder.Encoder(tmp_path).encode(SENTENCES)).sum(axis=1) > 0.97).all()

    monkeypatch.setattr(adapt, "EPOCHS", 8)
    said = []
    adapter.write(adapt.learn(sentences, said.append), {}, tmp_path / "adapter.safetensors")
    assert said[-1].strip().startswith("step 8 of 8")
    merged = adapter.merge(weights, tmp_path / "adapter.safetensors")
    learnt = adapt._Network(tensorflow, merged, 3).vectors(adapt.padded(sentences.ids)).numpy()
    assert learnt[0] @ learnt[1] < found[0] @ found[1]
