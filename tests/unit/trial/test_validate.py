"""What validation finds in a small set of files, with the two sentences and where they stand."""

import numpy as np
import pytest

from patchline.settings import ROOT
from patchline.training import sources
from patchline.training.sources import Sentence
from patchline.trial import alike, validate
from patchline.trial.titles import Answers, answers
from patchline.trial.validate import Broken

NAMES = Answers({"faq/food": "Eating", "faq/ride": "Getting home"}, {"faq/food": "Eat.", "faq/ride": "A friend."})
MANY = [Sentence(f"can i eat {number} apples", "faq/food", "data/food.yml", number + 3) for number in range(15)]
RIDES = [Sentence(f"who drives me home at {number}", "faq/ride", "data/ride.yml", number + 3) for number in range(15)]


def checked(more=(), asked=(), known=frozenset(), names=NAMES):
    examples = validate.placed([*MANY, *RIDES, *more], names)
    return validate.validate(examples, names, asked, set(known))


def known_of(sentences):
    return {(item.intent, item.text) for item in sentences}


def test_nothing_is_found_where_nothing_is_wrong():
    assert checked() == validate.Validation()


def test_one_sentence_under_two_topics_is_an_error_with_both_places():
    twice = Sentence("Can I eat 3 apples?", "faq/ride", "data/ride.yml", 40)
    (found,) = checked([twice]).errors
    assert found.kind == "conflict"
    assert "“Eating” and “Getting home”" in found.sentence
    assert [(item.file, item.line) for item in found.examples] == [("data/food.yml", 6), ("data/ride.yml", 40)]


def test_a_topic_with_examples_and_no_answer_is_an_error():
    more = [Sentence(f"new {number}", "faq/new_topic", "data/new.yml", number) for number in range(12)]
    assert [item.kind for item in checked(more).errors] == ["no_answer"]


def test_a_topic_with_few_examples_is_named():
    (found,) = checked([Sentence("may i sing", "greet", "data/greet.yml", 3)]).warnings
    assert (found.kind, "1 example:" in found.sentence) == ("thin_topic", True)


def test_a_new_sentence_that_the_tests_ask_is_named_and_an_old_one_is_not():
    more = Sentence("Must I fast?", "faq/food", "data/food.yml", 30)
    assert [item.kind for item in checked([more], ["must i fast"], known_of([*MANY, *RIDES])).warnings] == [
        "test_sentence"
    ]
    assert checked([more], ["must i fast"], known_of([*MANY, *RIDES, more])).warnings == ()


def test_sentences_that_are_learnt_by_rule_are_left_out():
    assert validate.placed([Sentence("hola", "spanish", "f", 1), Sentence("Skip", "press_skip", "f", 2)], NAMES) == []


def test_a_new_sentence_among_another_topics_neighbours_is_asked_about():
    more = Sentence("may i eat grapes", "faq/ride", "data/ride.yml", 30)
    examples = validate.placed([*MANY, *RIDES, more], NAMES)
    vectors = np.zeros((len(examples), 384), np.float32)
    vectors[:15, 0], vectors[15:30, 1], vectors[30, 0] = 1, 1, 1
    (found,) = alike.odd_ones(examples, vectors, known_of([*MANY, *RIDES]))
    assert "as “Getting home”, but the sentences most like it stand under “Eating”" in found.sentence
    assert list(alike.odd_ones(examples, vectors, known_of([*MANY, *RIDES, more]))) == []


def test_near_duplicates_across_topics_come_new_ones_first_and_name_a_warning_sign():
    pairs = [
        Sentence("how long does it take", "faq/food", "a.yml", 1),
        Sentence("how long does that take", "faq/ride", "b.yml", 1),
        Sentence("my left leg is numb", "faq/food", "a.yml", 2),
        Sentence("my left leg is numb!!", "red_flag/clinic", "c.yml", 9),
        Sentence("my left leg was numb", "red_flag/clinic", "c.yml", 2),
    ]
    examples = validate.placed(pairs, NAMES)
    vectors = np.zeros((5, 384), np.float32)
    vectors[:2, 0], vectors[2:, 1] = 1, 1
    found = alike.near_duplicates(examples, vectors, known_of(pairs[:4]))
    assert [tuple(one.line for one in item.examples) for item in found] == [(2, 2), (1, 1)]
    assert "One of them is a warning sign" in found[0].sentence
    assert [item.new for item in found] == [True, False]


def test_a_file_that_is_not_yaml_is_named_with_its_line(tmp_path):
    for name in ("config.yml", "domain.yml"):
        (tmp_path / name).write_text("a: 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.yml").write_text("nlu:\n- intent: a\n  examples: |\n    - b\n nonsense: [\n")
    with pytest.raises(Broken, match=r"data/x\.yml line 5"):
        validate.check_files(tmp_path, tmp_path / "content")


def test_a_mistake_in_the_content_is_named_with_its_line(tmp_path):
    for name in ("config.yml", "domain.yml"):
        (tmp_path / name).write_text("a: 1\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.yml").write_text("nlu: []\n")
    (tmp_path / "content").mkdir()
    (tmp_path / "content" / "clinic.yml").write_text("name: x\nnmae: y\n")
    with pytest.raises(Broken, match=r"clinic\.yml"):
        validate.check_files(tmp_path, tmp_path / "content")


def test_the_projects_own_files_have_no_error_and_their_places_are_true():
    names = answers(ROOT)
    found = sources.examples(ROOT)
    for one in found[::250]:
        assert (ROOT / one.file).read_text().splitlines()[one.line - 1].strip() == f"- {one.text}"
    assert validate.validate(validate.placed(found, names), names, [], set()).errors == ()
