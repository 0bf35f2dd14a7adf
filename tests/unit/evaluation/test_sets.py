import dataclasses

import pytest

from evaluation import sets
from evaluation.messages import Message
from evaluation.scores import OUT


@pytest.fixture
def benchmarks(tmp_path):
    """A folder of public sets with the published layout and a message or two in each file."""
    few_shot, hint3 = tmp_path / "fewshot", tmp_path / "hint3" / "v1"
    for path, texts, labels in [
        ("BANKING77/train_10", "where is my card\n", "card_arrival\n"),
        ("BANKING77/test", "card has not come\n", "card_arrival\n"),
        ("BANKING77/oos/test", "what is the weather\n", "oos\n"),
        ("HWU64/train_10", "wake me at six\n", "alarm_set\n"),
        ("HWU64/test", "alarm at seven\n", "alarm_set\n"),
        ("CLINC150/oos/test", "how tall is the eiffel tower\n", "oos\n"),
    ]:
        (few_shot / path).mkdir(parents=True)
        (few_shot / path / "seq.in").write_text(texts)
        (few_shot / path / "label").write_text(labels)
    for part in ("train", "test"):
        (hint3 / part).mkdir(parents=True)
    (hint3 / "train" / "curekart_train.csv").write_text('sentence,label\n"Refund, please",REFUND\n')
    (hint3 / "test" / "curekart_test.csv").write_text("sentence,label\nmy money back,REFUND\nhi,NO_NODES_DETECTED\n")
    return tmp_path


def test_hint3_messages_that_no_intent_answers_are_out_of_scope(benchmarks):
    data = sets.load("curekart", benchmarks=benchmarks)
    assert data.train == (Message("Refund, please", "REFUND"),)
    assert data.test == (Message("my money back", "REFUND"), Message("hi", OUT))
    assert not data.trained_out


def test_few_shot_sets_take_their_own_out_of_scope_messages_and_hwu64_takes_those_of_clinc150(benchmarks):
    banking = sets.load("banking77", benchmarks=benchmarks)
    assert banking.test == (Message("card has not come", "card_arrival"), Message("what is the weather", OUT))
    assert sets.load("hwu64", benchmarks=benchmarks).test[-1] == Message("how tall is the eiffel tower", OUT)


def test_a_missing_set_is_told_in_a_sentence_that_names_the_variable(tmp_path):
    with pytest.raises(sets.SetMissing, match="PATCHLINE_BENCHMARKS"):
        sets.load("curekart", benchmarks=tmp_path)


def test_the_folder_of_the_public_sets_is_the_variable_or_beside_the_checkout(tmp_path):
    assert sets.benchmarks_folder({"PATCHLINE_BENCHMARKS": str(tmp_path)}) == tmp_path
    assert sets.benchmarks_folder({}) == sets.ROOT.parent / "shared" / "benchmarks"


def test_our_own_set_is_trained_with_out_of_scope_examples():
    assert sets.load(sets.DEV).trained_out


def test_a_set_reaches_another_process_unchanged(benchmarks):
    data = sets.load("curekart", benchmarks=benchmarks)
    assert sets.from_json(data.to_json()) == data


def test_a_fingerprint_changes_with_a_label_and_with_a_sentence(benchmarks):
    data = sets.load("curekart", benchmarks=benchmarks)
    other_label = dataclasses.replace(data, train=(Message("Refund, please", "MONEY"),))
    other_text = dataclasses.replace(data, test=(*data.test[:1], Message("hello", OUT)))
    same = sets.load("curekart", benchmarks=benchmarks)
    assert data.fingerprint == same.fingerprint
    assert len({data.fingerprint, other_label.fingerprint, other_text.fingerprint}) == 3
