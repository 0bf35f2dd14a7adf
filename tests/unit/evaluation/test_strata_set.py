"""The messages by stratum as a set for the peers: what their labels mean, and that no sealed message is kept."""

import dataclasses
import json

import pytest

from evaluation import by_half, halves, measure, results, sets, strata_set, strata_table
from evaluation.by_half import Gate
from evaluation.messages import Message
from patchline.nlu.strata import Line
from patchline.trial.report import Figure
from patchline.trial.shares import Share

SECRET = "zqx the sealed words"
LINES = [
    Line("real", "none", ("faq/lie_flat",), "", "how long flat"),
    Line("real", "none", ("faq/cost", "faq/duration"), "", "how much and how long"),
    Line("real", "emergency", (), "", "my leg is dead"),
    Line("spanish", "clinic", (), "", "me duele"),
]


@pytest.fixture
def data(monkeypatch):
    """A set of a few messages, one of them sealed, as `sets.load` makes it."""
    monkeypatch.setattr(halves, "opened", lambda: LINES)
    monkeypatch.setattr(halves, "sealed", lambda: [Line("real", "clinic", (), "", SECRET)])
    monkeypatch.setattr(halves, "public", lambda folder: [Line("public", "none", (), "", "lower the lights")])
    train = [
        Message(f"{label} {number}", label) for label in ("faq/lie_flat", "red_flag/clinic") for number in range(30)
    ]
    return sets.DataSet(sets.STRATA, tuple(train), tuple(strata_set.messages("anywhere")))


def test_a_red_flag_is_an_alarm_and_any_other_label_an_answer(data):
    labels = ["faq/lie_flat", "faq/cost", "red_flag/clinic", "check", "red_flag/crisis"]
    found = strata_set.scores(data.test, labels)
    assert found["accuracy"] == 1 / 2  # one label is not enough for a message that asks two things
    assert {(stratum, name): (right, of) for stratum, name, right, of in found["figures"]} == {
        ("real", "signs raised"): (1, 2),
        ("real", "signs raised or checked"): (2, 2),
        ("real", "emergency and crisis raised"): (1, 1),
        ("real", "tier of those raised"): (0, 1),
        ("real", "harmless without alarm"): (2, 2),
        ("real", "harmless without check"): (2, 2),
        ("real", "right topic"): (1, 2),
        ("public", "harmless without alarm"): (0, 1),
        ("public", "harmless without check"): (1, 1),
    }


def test_no_peer_is_asked_in_spanish_since_none_learns_it(data):
    assert "me duele" not in {message.text for message in data.test}
    assert {message.label for message in sets.load(sets.DEV).train}.isdisjoint({"spanish", "several_questions"})


def test_only_counts_are_kept_of_sealed_messages(data, monkeypatch, tmp_path):
    seen = []

    def worker(command, log, line):
        """Answers everything with one label, as the worker's process would."""
        given, answers = (tmp_path.__class__(path) for path in command[4:6])
        assert SECRET.encode() not in given.read_bytes()
        seen.append(given.parent)
        answered = [["faq/lie_flat", 0.5, 1.0]] * len(data.test)
        answers.write_text(json.dumps({"seconds": 1, "memory_mb": 1, "answers": answered}))

    monkeypatch.setattr(measure, "run", worker)
    monkeypatch.setattr(measure, "CACHE", tmp_path)
    found = measure.measure(data, "sparse", 100, None)
    assert not seen[0].exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    results.write(found, tmp_path)
    assert "sealed words" not in results.path_of(sets.STRATA, "sparse", tmp_path).read_text()


def test_diet_is_given_few_examples_a_topic_and_the_others_all(data):
    assert sets.for_peer(data, "sparse") == data
    few = sets.for_peer(data, "diet")
    assert len(few.train) == 2 * sets.SMALL
    assert few.test == data.test
    dev = dataclasses.replace(data, name=sets.DEV)
    assert sets.for_peer(dev, "diet") == dev


def test_the_product_is_not_measured_here_but_by_the_gate():
    assert sets.peers_of(sets.STRATA, ["patchline", "sparse"]) == ["sparse"]
    assert sets.peers_of(sets.DEV, ["patchline", "sparse"]) == ["patchline", "sparse"]


def test_without_the_public_sets_the_whole_set_is_skipped(tmp_path):
    with pytest.raises(sets.SetMissing, match="PATCHLINE_BENCHMARKS"):
        sets.load(sets.STRATA, benchmarks=tmp_path)


def test_the_gates_figures_are_no_peers_result(tmp_path):
    (tmp_path / results.GATE).write_text("{}")
    assert results.read_all(tmp_path) == []


def test_peers_stand_beside_the_product_and_what_is_missing_is_named():
    rows = by_half.rows([Figure("real", "signs raised", Share(9, 10))], [Figure("real", "signs raised", Share(9, 10))])
    gate = Gate("model.tar.gz", "2 cores", "2026-01-02", (1.5, 3.0), rows)
    scores = {"accuracy": 1.0, "figures": [["real", "signs raised", 10, 20], ["public", "right topic", 1, 1]]}
    sparse = results.Result(
        set=sets.STRATA, peer="sparse", fingerprint="f00d", version="scikit-learn 1", epochs=100, machine="2 cores",
        measured="2026-01-02", examples=1234, training_s=3.2, memory_mb=1, p50_ms=1.0, p95_ms=2.0, scores=scores,
    )  # fmt: skip
    text = strata_table.render(gate, [sparse])
    assert "| real | signs raised | 10 | 90.0 (59.6–98.2) | 10 | 90.0 (59.6–98.2) | 98 % | – |" in text
    assert "| signs raised | real | 20 | 90.0 (69.9–97.2) | 50.0 (29.9–70.1) | – | – | – |" in text
    assert "- sparse: trained on 1,234 examples in 3 s" in text
    assert "- Not measured yet: diet" in text
    assert "diet (25 examples a topic)" in text
    assert "run `make gate`" in strata_table.render(None, [])
