"""The clinical gate: what it counts, says and stores, without a model."""

import json

import pytest

from evaluation import by_half, gate, halves, unchanged
from patchline.nlu.strata import Line
from patchline.trial import by_stratum
from patchline.trial.by_stratum import ANSWER, RAISE, Judged, Outcome
from patchline.trial.gate import MESSAGES, TIERS, read_cases
from patchline.trial.report import Figure
from patchline.trial.shares import Share

ALARM, NOTHING = Outcome(RAISE, "clinic", ()), Outcome(ANSWER, None, ("thanks",))


def line(text: str, tier: str = "none", stratum: str = "real", topics: tuple[str, ...] = ()) -> Line:
    return Line(stratum, tier, topics, "", text)


def test_every_different_message_is_asked_once_and_how_far_it_is_is_said_every_few_seconds(capsys):
    asked, now = [], iter(range(0, 1000, 2))
    found = gate.ask_all(["a", "b", "a", "c", "d"], lambda text: asked.append(text) or ALARM, lambda: next(now))
    assert asked == ["a", "b", "c", "d"]
    assert found == dict.fromkeys("abcd", ALARM)
    said = capsys.readouterr().out.splitlines()
    assert said
    assert all(part.endswith(" of 4") for part in said)


def test_a_wrong_message_is_one_line_with_every_figure_that_it_lacks():
    judged = [
        Judged(line("my leg is dead", "emergency"), NOTHING),
        Judged(line("hot tub?", topics=("faq/activity",)), ALARM),
        Judged(line("thanks", topics=("thanks",)), NOTHING),
    ]
    assert gate.wrong(judged) == [
        "[real: not signs raised, signs raised or checked, emergency and crisis raised] "
        "emergency → answer thanks: my leg is dead",
        "[real: not harmless without alarm, right topic] none + faq/activity → raise clinic: hot tub?",
    ]


def test_the_gate_is_closed_by_a_least_share_and_by_nothing_else(monkeypatch, capsys):
    monkeypatch.setattr(by_stratum, "LEAST", {("real", "signs raised"): 0.9})
    outcomes = {"one": ALARM, "two": NOTHING}
    missed = by_stratum.figures([line("one", "clinic"), line("two", "clinic")], outcomes)
    assert gate.closed(by_stratum.failures(missed)) == 1
    assert "The gate is closed." in capsys.readouterr().out
    assert gate.closed(by_stratum.failures(by_stratum.figures([line("one", "clinic")], outcomes))) == 0
    assert capsys.readouterr().out == "The gate is open.\n"


def test_without_a_least_share_it_says_that_nothing_can_close_it(monkeypatch, capsys):
    monkeypatch.setattr(by_stratum, "LEAST", {})
    assert gate.closed([]) == 0
    assert "nothing can close the gate" in capsys.readouterr().out


def test_without_the_public_sets_it_says_so_and_goes_on(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATCHLINE_BENCHMARKS", str(tmp_path / "nowhere"))
    assert gate.public() == []
    assert "PATCHLINE_BENCHMARKS" in capsys.readouterr().err


class Pipeline:
    """Raises for everything that does not end in an h."""

    def __init__(self, *files):
        pass

    def read(self, text: str):
        return Outcome(*(NOTHING if text.endswith("h") else ALARM).__dict__.values())

    def detect(self, text: str) -> None:
        return None


@pytest.mark.parametrize("arguments", [[], ["--wrong"]])
def test_no_sealed_message_is_ever_printed_or_stored(arguments, monkeypatch, tmp_path, capsys):
    secret, both = "zqx the sealed words", "words of both halves"
    archive = tmp_path / "model.tar.gz"
    monkeypatch.setattr(gate, "Pipeline", Pipeline)
    monkeypatch.setattr(gate, "outcome", lambda reading: reading)
    monkeypatch.setattr(gate.model, "current", lambda chosen: archive)
    monkeypatch.setattr(halves, "opened", lambda: [line("open words", stratum="signs"), line(both, stratum="signs")])
    monkeypatch.setattr(halves, "sealed", lambda: [line(secret, stratum="signs"), line(both, stratum="signs")])
    monkeypatch.setattr(gate, "public", lambda: [])
    stored, shown = tmp_path / "figures.json", []
    monkeypatch.setattr(by_half, "write", lambda found, write=by_half.write: write(found, stored))
    monkeypatch.setattr(gate.readme, "write", lambda results: shown.append(results))
    gate.main(arguments)
    printed = "".join(capsys.readouterr())
    assert shown
    assert ("open words" in printed) == bool(arguments)
    assert "sealed words" not in printed + stored.read_text()
    assert both not in printed
    assert by_half.read(stored).row("signs", "harmless without alarm").sealed == Share(0, 2)


def test_both_halves_stand_beside_what_is_wanted():
    opened = [Figure("pairs", "signs raised", Share(9, 10), 0.8), Figure("public", "right topic", Share(1, 1))]
    first, second = by_half.rows(opened, [Figure("pairs", "signs raised", Share(4, 5))])
    assert first == by_half.Row("pairs", "signs raised", Share(9, 10), Share(4, 5), 0.95, 0.8)
    assert first.both == Share(13, 15)
    assert second.sealed is second.aim is second.least is None
    text = by_half.table([first, second]).splitlines()
    assert text[1].split() == "pairs signs raised 10 90.0% 59.6–98.2 5 80.0% 37.6–96.4 95 % 80 %".split()
    assert text[2].split()[-5:] == ["–"] * 5


def test_figures_are_read_back_as_they_were_written(tmp_path):
    rows = by_half.rows([Figure("pairs", "signs raised", Share(9, 10), 0.8)], [])
    found = by_half.Gate("model.tar.gz", "2 cores", "2026-01-02", (1.5, 3.0), rows)
    by_half.write(found, tmp_path / "figures.json")
    assert by_half.read(tmp_path / "figures.json") == found
    assert json.loads((tmp_path / "figures.json").read_text())["machine"] == "2 cores"
    assert by_half.read(tmp_path / "nothing.json") is None


def test_a_change_that_changes_nothing_in_a_message_is_not_asked_about():
    changes = {"lower case": str.lower, "name": lambda text: f"{text} - Carol"}
    found = unchanged.changed([line("ok"), line("OK"), line("OK", stratum="forms")], changes)
    assert sorted((name, text) for name, _, text in found) == [
        ("lower case", "ok"), ("name", "OK - Carol"), ("name", "ok - Carol"),
    ]  # fmt: skip


def test_the_sample_of_a_change_is_small_and_does_not_depend_on_the_order():
    lines = [line(f"Message {number}") for number in range(unchanged.SAMPLE + 50)]
    changes = {"upper": str.upper, "lower": str.lower}
    found = unchanged.changed(lines, changes)
    assert len(found) == 2 * unchanged.SAMPLE
    assert found == unchanged.changed(lines[::-1], changes)


def test_the_same_is_the_same_outcome_tier_and_topics_and_emergencies_must_stay_raised():
    low, high = ALARM, Outcome(RAISE, "emergency", ())
    sample = [
        ("name", line("numb", "emergency"), "numb - Carol"),
        ("name", line("dizzy", "emergency"), "dizzy - Carol"),
        ("name", line("so sad", "crisis"), "so sad - Carol"),
        ("name", line("bye"), "bye - Carol"),
    ]
    outcomes = {
        "numb": high, "numb - Carol": low,  # another tier: not the same, but raised
        "dizzy": high, "dizzy - Carol": NOTHING,
        "so sad": NOTHING, "so sad - Carol": NOTHING,  # missed without, too: not counted among those raised
        "bye": NOTHING, "bye - Carol": NOTHING,
    }  # fmt: skip
    found = unchanged.figures(unchanged.pairs(sample, outcomes))
    assert {(item.stratum, item.name): item.share for item in found} == {
        ("with any of these", "same as without"): Share(2, 4),
        ("with any of these", "emergency and crisis raised"): Share(1, 2),
        ("with name", "same as without"): Share(2, 4),
        ("with name", "emergency and crisis raised"): Share(1, 2),
    }
    assert by_stratum.aim("with name", "emergency and crisis raised") == 1.0
    assert gate.wrong_pairs(unchanged.pairs(sample, outcomes)) == [
        "[with name: not the same] raise emergency → raise clinic: numb - Carol",
        "[with name: not the same] raise emergency → answer thanks: dizzy - Carol",
    ]


def test_a_public_message_counts_once_wherever_it_stands(tmp_path):
    for path, text in {
        "fewshot/A/test/seq.in": "hello\nwhere is my card\n",
        "fewshot/A/oos/valid/seq.in": "hello\n \nlower the lights\n",
        "fewshot/A/train_10/seq.in": "trained\n",
        "hint3/v1/test/shop_test.csv": 'sentence,label\n"Refund, please",REFUND\nhello,NO\n',
        "hint3/v2/test/shop_test.csv": "sentence,label\nhy,NO\n",
        "hint3/v1/train/shop_train.csv": "sentence,label\ntrained,NO\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    found = halves.public(tmp_path)
    assert [item.text for item in found] == ["hello", "where is my card", "lower the lights", "Refund, please", "hy"]
    assert {(item.stratum, item.tier, item.topics) for item in found} == {("public", "none", ())}
    with pytest.raises(FileNotFoundError):
        halves.public(tmp_path / "nowhere")


def test_every_stratum_has_two_halves_and_every_aim_is_of_a_figure_that_is_measured():
    opened, sealed = ({item.stratum for item in half} for half in (halves.opened(), halves.sealed()))
    assert opened == sealed
    for key in by_stratum.AIMS:
        stratum, figure = key if isinstance(key, tuple) else (halves.SIGNS, key)
        assert stratum in opened | {halves.PUBLIC}
        assert figure in by_stratum.MEASURES


def test_the_development_set_is_as_broad_as_the_gate_promises():
    cases = read_cases(MESSAGES)
    signs = [case for case in cases if case.tier]
    assert len(signs) >= 300
    assert len(cases) - len(signs) >= 300
    assert {case.tier for case in signs} == set(TIERS)
    assert all(sum(case.category == name for case in signs) >= 20 for name in {case.category for case in signs})
