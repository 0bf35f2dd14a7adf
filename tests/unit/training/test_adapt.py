"""Teaching the encoder: what is learnt is stored and merged, and the network that learns is the encoder."""

import numpy as np
import pytest
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from patchline.nlu import adapter, encoder
from patchline.nlu.heads import SIGN_HEAD, TOPIC_HEAD, Head
from patchline.nlu.labels import SIGNS
from patchline.training import adapt
from tests.answers import ROOT

SENTENCES = [
    "How long do I lie flat?",
    "my leg is numb and I can't pee today",
    "what if I get a fever",
    "something is not right",
    "can I eat and who drives me home",
]
INTENTS = ["faq/lie_flat", "red_flag/emergency", "what_if", "check", "several_questions"]


def ids(texts):
    """Token ids as the encoder reads them, padded."""
    tokenizer = Tokenizer.from_file(str(encoder.weights_folder() / encoder.TOKENIZER))
    tokenizer.no_padding()
    return adapt.padded([item.ids for item in tokenizer.encode_batch(texts)])


def test_the_learning_rate_rises_in_a_tenth_of_the_steps_and_falls_to_nothing():
    rates = [adapt.rate_at(step, 100) for step in range(101)]
    assert (rates[0], rates[10]) == (0, 1)
    assert rates[:11] == sorted(rates[:11])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0)


def test_every_sentence_is_in_one_batch_beside_sentences_of_like_length():
    lengths = [number % 40 + 1 for number in range(4 * adapt.BATCH)]
    found = list(adapt.batches(lengths, np.random.default_rng(0)))
    assert sorted(row for rows in found for row in rows) == list(range(4 * adapt.BATCH))
    assert max(max(lengths[row] for row in rows) - min(lengths[row] for row in rows) for rows in found) < 15


def test_sentences_are_padded_to_the_longest():
    assert adapt.padded([[1, 2, 3], [4]]).tolist() == [[1, 2, 3], [4, 0, 0]]


def test_a_question_teaches_its_topic_and_that_there_is_no_sign_and_a_sign_no_topic():
    found = adapt.read(SENTENCES, INTENTS)
    assert found.names == ["faq/lie_flat", "what_if"]
    assert found.topics.tolist() == [0, -1, 1, -1, -1]
    assert found.signs[[0, 1, 2, 4]].tolist() == [[1, 0, 0, 0], [0, 0, 1, 0], [1, 0, 0, 0], [1, 0, 0, 0]]
    assert found.signs[3] == pytest.approx([0.5, 0.35, 0.15, 0])


def test_a_slip_is_one_letter_in_one_longer_word():
    text, kinds = "my legs are numb", set()
    for seed in range(60):
        changed = adapt.slip(text, np.random.default_rng(seed))
        (pair,) = [pair for pair in zip(text.split(), changed.split(), strict=True) if pair[0] != pair[1]] or [("", "")]
        assert len(pair[0]) in (0, 4)
        assert changed[:1] == text[:1]
        kinds.add(len(changed) - len(text))
    assert kinds == {-1, 0, 1}
    assert adapt.slip("I am so ill", np.random.default_rng(0)) == "I am so ill"


def test_a_sentence_is_roughened_now_and_then_and_stays_the_sentence():
    rng, text = np.random.default_rng(0), "my leg is numb."
    found = [adapt.roughened(text, rng) for _ in range(400)]
    assert 0.4 < found.count(text) / len(found) < 0.7
    assert any(item == "my leg is numb" for item in found)
    assert all("my" in item and "is" in item for item in found)
    assert all(adapt.roughened("?!", rng) for _ in range(50)), "nothing becomes empty"


HEADS = {
    SIGN_HEAD: Head(list(SIGNS), np.arange(8.0).reshape(2, 4), np.array([0.5, 0, 0, 1])),
    TOPIC_HEAD: Head(["faq/a", "thanks"], np.ones((2, 2)), np.zeros(2)),
}


def test_what_is_written_is_merged_into_the_weights_and_nothing_else(tmp_path):
    weights = {"a.weight": np.ones((3, 2), np.float32), "b.weight": np.ones((2, 2), np.float32)}
    changes = {"a.weight.down": np.array([[1.0, 2.0]]), "a.weight.up": np.array([[0.0], [1.0], [0.5]])}
    adapter.write(changes, HEADS, {"sentences": "3"}, tmp_path / "adapter.safetensors")
    merged = adapter.merge(weights, tmp_path / "adapter.safetensors")
    assert merged.keys() == weights.keys()
    assert merged["a.weight"].tolist() == [[1, 1], [2, 3], [1.5, 2]]
    assert merged["b.weight"] is weights["b.weight"]


def test_the_heads_come_back_with_the_names_of_their_classes(tmp_path):
    adapter.write({}, HEADS, {}, tmp_path / "adapter.safetensors")
    for name, wanted in HEADS.items():
        found = adapter.head(name, tmp_path / "adapter.safetensors")
        assert found.names == wanted.names
        assert found.weight.tolist() == wanted.weight.tolist()
        assert found.bias.tolist() == wanted.bias.tolist()


def test_an_adapter_without_a_head_has_none(tmp_path):
    adapter.write({"a.weight.down": np.ones((1, 2))}, {}, {"sentences": "3"}, tmp_path / "adapter.safetensors")
    assert adapter.head(SIGN_HEAD, tmp_path / "adapter.safetensors") is None


def test_an_adapter_for_other_weights_is_refused(tmp_path):
    changes = {"c.weight.down": np.ones((1, 2)), "c.weight.up": np.ones((2, 1))}
    adapter.write(changes, {}, {}, tmp_path / "adapter.safetensors")
    with pytest.raises(KeyError, match=r"c\.weight"):
        adapter.merge({}, tmp_path / "adapter.safetensors")


def test_the_shipped_adapter_fits_the_published_weights_and_has_both_heads():
    weights = load_file(encoder.weights_folder() / "model.safetensors")
    merged = adapter.merge(weights)
    changed = {name for name in weights if not np.array_equal(weights[name], merged[name])}
    assert len(changed) == 6 * len(adapt.ADAPTED)
    signs, topics = adapter.head(SIGN_HEAD), adapter.head(TOPIC_HEAD)
    assert signs.names == list(SIGNS)
    assert signs.weight.shape == (encoder.WIDTH, len(SIGNS))
    assert topics.weight.shape == (encoder.WIDTH, len(topics.names))
    assert not any(name.startswith("red_flag/") for name in topics.names)


def test_before_it_has_learnt_the_network_is_the_published_encoder_and_what_it_learns_is_written(tmp_path):
    import tensorflow

    weights = load_file(encoder.weights_folder() / "model.safetensors")
    sentences = adapt.read(SENTENCES, INTENTS)
    found = adapt._Network(tensorflow, weights, 2).vectors(ids(SENTENCES)).numpy()
    encoder.build(tmp_path, cache=ROOT / ".rasa" / "encoder", adapted=False)
    assert ((found * encoder.Encoder(tmp_path).encode(SENTENCES)).sum(axis=1) > 0.97).all()

    said = []
    learnt = adapt.learn(sentences, said.append, epochs=8)
    assert said[-1].strip().startswith("step 8 of 8")
    assert learnt.heads[TOPIC_HEAD].names == sentences.names
    adapter.write(learnt.changes, learnt.heads, {}, tmp_path / "adapter.safetensors")
    merged = adapter.merge(weights, tmp_path / "adapter.safetensors")
    after = adapt._Network(tensorflow, merged, 2).vectors(ids(SENTENCES)).numpy()
    assert after[0] @ after[1] < found[0] @ found[1]
    signs = adapter.head(SIGN_HEAD, tmp_path / "adapter.safetensors").probabilities(after)
    emergency = SIGNS.index("emergency")
    assert signs[:, emergency].argmax() == 1
