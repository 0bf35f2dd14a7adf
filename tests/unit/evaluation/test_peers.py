import shutil
import subprocess
import sys

import pytest

from evaluation import peers, sets
from evaluation.peers import diet, nlpjs
from evaluation.peers.sparse import best_of

TEXTS = [
    "how long do i lie flat", "must i stay on my back", "flat for how many minutes",
    "what does it cost", "is it covered by insurance", "the price please",
    "tell me a joke", "what is the weather", "who won the game",
]  # fmt: skip
LABELS = ["lie_flat"] * 3 + ["cost"] * 3 + ["out_of_scope"] * 3


def options(folder):
    return peers.Options(out="out_of_scope", cache=sets.ROOT / ".cache", work=folder)


@pytest.mark.parametrize("name", ["sparse", "encoder", "patchline"])
def test_a_trained_peer_knows_its_topics_and_is_less_sure_of_what_is_out_of_scope(name, tmp_path):
    predictor = peers.load(name).train(TEXTS, LABELS, options(tmp_path))
    asked, joked = predictor.predict(["how much does it cost", "do you know a good joke about the weather"])
    assert asked.label == "cost"
    assert joked.label == "out_of_scope"
    assert asked.score > joked.score
    assert asked.ms > 0
    assert predictor.memory_mb() > 10


def test_the_score_is_the_best_topics_probability_even_when_out_of_scope_is_likelier():
    assert best_of(["a", "b", "out_of_scope"], [0.3, 0.1, 0.6], "out_of_scope") == ("out_of_scope", 0.3)
    assert best_of(["a", "b"], [0.3, 0.7], None) == ("b", 0.7)


def test_every_peer_runs_only_once_it_is_trained_so_naming_it_imports_no_library():
    script = (
        "import sys\nfrom evaluation import peers\n"
        "for name in peers.NAMES: peers.load(name).ABOUT\n"
        "print([name for name in ('sklearn', 'tensorflow', 'rasa', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=sets.ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_rasas_default_pipeline_comes_from_rasa_itself():
    config = diet.default_config(epochs=7)
    names = [part["name"] for part in config["pipeline"]]
    assert names[0] == "WhitespaceTokenizer"
    assert {"DIETClassifier", "ResponseSelector", "FallbackClassifier"} <= set(names)
    assert {part["name"] for part in config["policies"]} >= {"MemoizationPolicy", "RulePolicy", "TEDPolicy"}
    assert {part["epochs"] for part in config["pipeline"] + config["policies"] if "epochs" in part} == {7}


def test_rasa_reads_every_sentence_as_it_stands_under_a_plain_intent_name(tmp_path):
    from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

    texts = ["May I [eat]?", "two\nlines", "hi: there # no comment", "- dash", "yes"]
    names = diet.write_project(tmp_path, texts, ["faq/eating", "faq/eating", "greet", "greet", "affirm"], epochs=1)
    read = RasaYAMLReader().reads((tmp_path / "nlu.yml").read_text(encoding="utf-8")).intent_examples
    assert [(example.get("text"), names[example.get("intent")]) for example in read] == [
        ("May I (eat)?", "faq/eating"),
        ("two lines", "faq/eating"),
        ("hi: there # no comment", "greet"),
        ("- dash", "greet"),
        ("yes", "affirm"),
    ]
    assert not any("/" in name for name in names)


def test_the_lock_of_nlpjs_names_no_registry():
    lock = (nlpjs.FOLDER / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock


@pytest.mark.skipif(
    not shutil.which("node") or not (sets.ROOT / ".cache/nlpjs/installed.json").exists(),
    reason="NLP.js is installed by `make evaluate`, not by the tests",
)
def test_nlpjs_knows_its_topics(tmp_path):
    predictor = nlpjs.train(TEXTS, LABELS, options(tmp_path))
    asked, unknown = predictor.predict(["what does it cost", "zzz qqq"])
    assert asked.label == "cost"
    assert asked.score > unknown.score
    assert predictor.training_seconds() > 0
    assert predictor.memory_mb() > 10
