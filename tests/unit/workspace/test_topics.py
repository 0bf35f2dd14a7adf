"""Changing one place of a YAML file leaves all the rest as it stands."""

import difflib

import pytest

from patchline.settings import ROOT, Settings
from patchline.workspace import Invalid, validity, yaml_text
from patchline.workspace import topics as T
from patchline.workspace.document import DOCUMENT, WORDINGS, sections, with_lines, with_wording
from patchline.workspace.files import STAFF_TESTS, installed
from patchline.workspace.staff_tests import StaffTest, staff_tests, with_test, without_test
from tests.answers import examples

FILES = installed(Settings())
NUMBING = FILES["data/faq/numbing.yml"].decode()


def lines(before, after):
    """The lines that went and came."""
    diff = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [line[2:] for line in diff if line[0] == "-"], [line[2:] for line in diff if line[0] == "+"]


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_is_read_and_written_is_the_same(path):
    text = FILES[path].decode()
    assert yaml_text.dump(yaml_text.load(path, text)) == text


def test_the_topics_are_those_that_a_model_is_trained_on():
    found = {topic.id: list(topic.examples) for topic in T.topics_of(FILES)}
    assert found == examples()
    numbing = next(topic for topic in T.topics_of(FILES) if topic.id == "faq/numbing")
    assert (numbing.title, numbing.sources) == ("Numbing and pain during it", ("steps-2",))
    assert numbing.next == ("faq/procedure_steps", "talk_to_person")
    assert "{line}" in numbing.answer


def test_an_answer_is_changed_and_nothing_else():
    text = T.with_answer(NUMBING, "faq/numbing", answer="One.\r\n\r\nTwo.  ", sources=["steps-2", "steps-3"])
    gone, new = lines(NUMBING, text)
    assert len(gone) == 2
    assert new == ["      One.", "      Two.", "      - steps-3"]
    assert T.with_answer(NUMBING, "faq/numbing", title="Numbing and pain during it") == NUMBING


@pytest.mark.parametrize(
    "answer", ["- a list?", "a: b # c", "'quoted'", '{line} "x"', "  ends: |", "yes", "12", "# no"]
)
def test_an_answer_of_any_characters_comes_back_as_it_was_written(answer):
    files = {
        **FILES,
        "data/faq/numbing.yml": T.with_answer(NUMBING, "faq/numbing", answer=answer, title=answer).encode(),
    }
    found = next(topic for topic in T.topics_of(files) if topic.id == "faq/numbing")
    assert (found.answer, found.title) == (answer.strip(), " ".join(answer.split()))


def test_examples_are_added_at_the_end_and_one_that_is_there_is_left_out():
    more = ["Is it  gonna\nhurt!", "my ☎ rings [now](then)", "- dash"]
    text = T.with_examples(NUMBING, "faq/numbing", more, ["will i be awake"])
    assert lines(NUMBING, text) == (
        ["    - will i be awake"], ["    - my ☎ rings [now] (then)", "    - dash"]
    )  # fmt: skip


@pytest.mark.parametrize("sentence", ["", "  \n ", "\x00", "- ", "x" * 1001])
def test_an_example_without_words_or_too_long_is_refused(sentence):
    with pytest.raises(Invalid, match="1 to 1000 characters"):
        T.with_examples(NUMBING, "faq/numbing", [sentence])


def test_a_patients_telephone_number_is_not_taught_and_minutes_and_doses_are_none():
    with pytest.raises(Invalid, match="a telephone number in it: take it out"):
        T.with_examples(NUMBING, "faq/numbing", ["will Doug 202-555-0188 be numb"])
    fine = ["does 30-60 minutes or 1-2 hours wear off", "is 10 ml at 8:30 on 11/23/2026 enough"]
    assert [sentence for sentence in fine if sentence not in T.with_examples(NUMBING, "faq/numbing", fine)] == []


def test_the_last_example_stays():
    with pytest.raises(Invalid, match="nobody would reach it"):
        T.with_examples(NUMBING, "faq/numbing", remove=examples()["faq/numbing"])


def test_a_new_topic_holds_and_is_found_again():
    edits = T.new_topic(
        FILES, "faq/parking", "Parking: where", "Park at {clinic}.", ["reliable-1"], ["faq/relief"], ["x", "y"]
    )
    files = {**FILES, **{path: text.encode() for path, text in edits.items()}}
    found = next(topic for topic in T.topics_of(files) if topic.id == "faq/parking")
    assert (found.title, found.answer, found.examples) == ("Parking: where", "Park at {clinic}.", ("x", "y"))
    gone, new = lines(FILES["domain.yml"].decode(), edits["domain.yml"])
    assert (gone, new) == ([], ["    - faq/parking"])


@pytest.mark.parametrize(
    "id", ["faq/numbing", "faq/Parking", "faq/a", "parking", "chat/parking", "faq/../x", "faq/x/y"]
)
def test_a_topic_needs_a_free_name(id):
    with pytest.raises(Invalid):
        T.new_topic(FILES, id, "T", "A", [], [], ["x"])


def test_a_line_of_the_document_is_changed_removed_and_added():
    text = FILES[DOCUMENT].decode()
    edited = with_lines(text, {"steps-2": "The back is cleaned."}, ["call-3"], {"call": "A new sign"})
    gone, new = lines(text, edited)
    assert new == ["    text: The back is cleaned.", "  - id: call-6", "    text: A new sign"]
    assert len(gone) == 3
    assert with_lines(text, {id: said for part in sections(FILES) for id, said in part.lines}) == text


def test_a_wording_is_changed_and_nothing_else():
    text = FILES[WORDINGS].decode()
    gone, new = lines(text, with_wording(text, "empty", "Nothing came.\n\nCall {line}"))
    assert new == ["    Nothing came.", "    Call {line}"] or "    Nothing came." in new
    assert len(gone) <= 2
    with pytest.raises(Invalid):
        with_wording(text, "nothing", "x")


def test_staffs_tests_are_kept_once_and_taken_away():
    text = with_test(with_test(None, StaffTest("can i shower: now?", "faq/activity")), StaffTest("b", "faq/relief"))
    text = with_test(text, StaffTest("B!", "faq/numbing"))
    files = {STAFF_TESTS: text.encode()}
    assert staff_tests(files) == [StaffTest("can i shower: now?", "faq/activity"), StaffTest("B!", "faq/numbing")]
    validity.check({**FILES, **files}, [STAFF_TESTS])
    assert staff_tests({STAFF_TESTS: without_test(without_test(text, "b"), "can i shower now").encode()}) == []


def test_the_shipped_files_are_the_projects_own():
    assert FILES["domain.yml"] == (ROOT / "domain.yml").read_bytes()
    assert {"config.yml", "content/red_flags.yml", "data/rules.yml"} <= FILES.keys()
