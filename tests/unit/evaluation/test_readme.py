import dataclasses
import json

import pytest

from evaluation import by_half, peers, readme, results, sets, table
from evaluation.bench import report
from evaluation.bench.__main__ import PATH as BENCHMARK
from evaluation.bench.__main__ import RESULT as BENCH_RESULT
from evaluation.scores import OUT, all_scores


@pytest.fixture
def result():
    truth, label, score = ["a", "a", "b", OUT], ["a", "b", "b", "b"], [0.9, 0.6, 0.8, 0.1]
    return results.Result(
        set="dev",
        peer="sparse",
        fingerprint="f00d",
        version="scikit-learn 1",
        epochs=100,
        machine="2 cores",
        measured="2026-01-02",
        examples=1234,
        training_s=3.21,
        memory_mb=120.4,
        p50_ms=1.04,
        p95_ms=2.06,
        scores=all_scores(truth, label, score, trained_out=True),
    )


def test_the_readme_shows_what_the_stored_results_say():
    written = readme.between(readme.PATH)
    assert written == readme.tables(results.read_all(), by_half.read()), (
        "run `make evaluate` or `python -m evaluation --table`"
    )


@pytest.mark.skipif(not BENCH_RESULT.exists(), reason="the service benchmark has not been run yet")
def test_the_benchmark_page_shows_what_the_stored_figures_say():
    written = readme.between(BENCHMARK)
    assert written == report.render(json.loads(BENCH_RESULT.read_text())), "run `python -m evaluation.bench --table`"


def test_every_peer_is_described_beside_the_tables():
    text = readme.PATH.read_text(encoding="utf-8")
    for name in peers.NAMES:
        assert f"`{name}`: {peers.load(name).ABOUT}" in " ".join(text.split())


def test_a_measured_peer_has_a_row_with_its_figures(result):
    lines = table.dev_table({("dev", "sparse"): result}, "dev").splitlines()
    (row,) = [line for line in lines if line.startswith("| sparse ")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1].startswith("66.7 (")
    assert cells[4:] == ["100.0", "100.0 / 100.0", "0.0 / 0.0", "1.0 / 2.1", "120", "3.2"]


def test_what_is_not_measured_is_a_dash_and_is_named(result):
    text = table.render([result], [])
    assert "| diet | – | – | – | – | – | – | – | – | – |" in text
    assert "- Not measured yet: diet on development set, development set, 25 examples a topic, BANKING77" in text


def test_fewer_epochs_than_the_default_are_said_in_the_table(result):
    short = dataclasses.replace(result, peer="diet", epochs=2)
    assert "diet (only 2 epochs somewhere)" in table.render([short], [])


def test_published_figures_stand_in_a_table_of_their_own(result):
    text = table.render([result], [{"name": "LUIS", "source": "HINT3", "curekart": "73.7 / 82.7"}])
    before, after = text.split("Published, or measured before and not by this command")
    assert "LUIS" not in before
    assert "| LUIS | HINT3 | – | – | – | 73.7 / 82.7 | – | – |" in after


def test_a_result_is_read_back_as_it_was_written(result, tmp_path):
    results.write(result, tmp_path)
    assert results.read("dev", "sparse", tmp_path) == result
    assert results.read_all(tmp_path) == [result]
    assert results.read("dev", "diet", tmp_path) is None


def test_a_result_is_stale_when_the_data_the_peer_or_the_epochs_change():
    data = "0" * 64
    assert results.fingerprint(data, "sparse", 100) == results.fingerprint(data, "sparse", 100)
    others = [("1" * 64, "sparse", 100), (data, "encoder", 100), (data, "sparse", 5)]
    assert len({results.fingerprint(*other) for other in others} | {results.fingerprint(data, "sparse", 100)}) == 4


def test_text_outside_the_markers_stays(tmp_path):
    path = tmp_path / "README.md"
    path.write_text(f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n")
    assert readme.replace(path, "new\n")
    assert path.read_text() == f"before\n{readme.BEGIN}\nnew\n{readme.END}\nafter\n"
    assert not readme.replace(path, "new\n")


def test_a_file_without_markers_is_left_alone(tmp_path):
    path = tmp_path / "README.md"
    path.write_text("nothing here\n")
    with pytest.raises(readme.MarkersMissing):
        readme.replace(path, "new\n")
    assert path.read_text() == "nothing here\n"


def test_published_rows_name_known_sets_only():
    from ruamel.yaml import YAML

    for row in YAML(typ="safe").load(readme.PUBLISHED.read_text(encoding="utf-8")):
        assert set(row) - {"name", "source"} <= set(sets.TITLES)
