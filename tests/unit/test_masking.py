"""Masking, measured on sentences in `tests/masking.yml`."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from patchline import masking
from patchline.masking import mask

SENTENCES = YAML(typ="safe").load((Path(__file__).parents[1] / "masking.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence["text"][:40])
def test_personal_data_is_masked_and_everything_else_stays(sentence):
    wanted = sentence.get("made") or sentence.get("masked") or sentence["text"]
    assert mask(sentence["text"]) == wanted


def test_the_figures_of_the_guide_are_those_of_the_sentences():
    personal = [one for one in SENTENCES if "masked" in one]
    missed = [one for one in personal if "made" in one]
    assert (len(SENTENCES), len(personal), len(missed)) == (100, 60, 5)


def test_a_text_that_is_masked_already_stays_as_it_is():
    assert all(mask(mask(one["text"])) == mask(one["text"]) for one in SENTENCES[:60:5])


def test_nothing_of_it_asks_the_network(monkeypatch):
    import socket

    def refused(*arguments):
        raise AssertionError("masking asked the network")

    monkeypatch.setattr(socket.socket, "connect", refused)
    masking._engine.cache_clear()
    assert mask("write to maria@example.com, https://example.org, (202) 555-0142") == "write to [email], [link] [phone]"


def test_a_long_text_and_an_empty_one_are_masked():
    assert mask("") == ""
    assert mask("Robert said so. " * 60).count("[name]") >= 50
