"""Sentence vectors are the same whether they were kept or made now."""

import numpy as np
import pytest

from patchline.nlu.vectors import KeptVectors, version

SENTENCES = [f"can i eat {number} eggs before it" for number in range(250)] + ["can i eat 3 eggs before it"]


def file_of(folder, cache):
    return cache / f"vectors.{version(folder)}.npz"


def test_kept_vectors_are_those_of_the_encoder_bit_by_bit(encoder, encoder_folder, tmp_path):
    first = KeptVectors(encoder_folder, tmp_path)
    made = first.encode(SENTENCES)
    first.keep()
    again = KeptVectors(encoder_folder, tmp_path).encode(SENTENCES)
    assert np.array_equal(made, encoder.encode(SENTENCES))
    assert np.array_equal(again, made)
    assert again.dtype == np.float32


def test_only_new_sentences_are_encoded(encoder_folder, tmp_path, monkeypatch):
    first = KeptVectors(encoder_folder, tmp_path)
    first.encode(["lie flat"])
    first.keep()
    second, asked = KeptVectors(encoder_folder, tmp_path), []
    encode = second._encoder.encode
    monkeypatch.setattr(second._encoder, "encode", lambda texts: asked.extend(texts) or encode(texts))
    second.encode(["lie flat", "sit up", "sit up"])
    assert asked == ["sit up"]


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_made_anew(encoder, encoder_folder, tmp_path, damage):
    file_of(encoder_folder, tmp_path).write_bytes(damage)
    vectors = KeptVectors(encoder_folder, tmp_path)
    assert np.array_equal(vectors.encode(["lie flat"]), encoder.encode(["lie flat"]))
    vectors.keep()
    assert len(KeptVectors(encoder_folder, tmp_path)._known) == 1


def test_what_is_not_kept_leaves_no_trace(encoder_folder, tmp_path):
    KeptVectors(encoder_folder, tmp_path).encode(["my name is Ana and my leg is numb"])
    assert list(tmp_path.iterdir()) == []


def test_the_file_names_no_sentence(encoder_folder, tmp_path):
    vectors = KeptVectors(encoder_folder, tmp_path)
    vectors.encode(["how long do i lie flat"])
    vectors.keep()
    assert b"flat" not in file_of(encoder_folder, tmp_path).read_bytes()


def test_a_full_or_missing_disk_does_not_stop_a_training(encoder_folder, tmp_path):
    (tmp_path / "file").write_text("in the way")
    vectors = KeptVectors(encoder_folder, tmp_path / "file")
    vectors.encode(["lie flat"])
    vectors.keep()
    assert (tmp_path / "file").read_text() == "in the way"
