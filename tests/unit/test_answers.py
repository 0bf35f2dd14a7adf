"""What a patient reads: every answer against the clinic's document."""

import re

import pytest

from patchline import content
from patchline.wordings import language_of, own_placeholders
from patchline.workspace import checks
from tests.answers import ROOT, WORDINGS, Answer, answers, examples

CONTENT = content.load(ROOT / "content")
ANSWERS = answers()
ENGLISH = [item for item in ANSWERS if language_of(item.metadata.get("wording", "")) == "en"]
FROM_DOCUMENT = [answer for answer in ANSWERS if answer.topic.startswith(("faq/", "not_covered/"))]
# Topic ids are part of the public contract (docs/contract.md); a topic may be added, none may go.
TOPICS = """
faq/what_is_it faq/how_it_works faq/what_it_treats faq/cause_of_headache faq/symptoms faq/procedure_steps faq/position
faq/numbing faq/blood_draw faq/imaging faq/lie_flat faq/duration faq/preparation faq/eating_drinking faq/medications
faq/blood_thinners faq/pregnancy_breastfeeding faq/medical_history faq/clothing faq/ride_home faq/recovery faq/relief
faq/back_soreness faq/activity faq/repeat_patch faq/when_to_call faq/about_clinic not_covered/cost
not_covered/success_rate not_covered/risks not_covered/alternatives not_covered/medical request_appointment
talk_to_person greet goodbye thanks bot_challenge help affirm deny feedback_negative delete_my_data out_of_scope
red_flag/clinic red_flag/emergency red_flag/crisis what_if
happening_now not_happening ask_if_sure ask_if_worse ask_what_now better_now called_already no_answer
""".split()


def ids(answer: Answer) -> str:
    return answer.topic


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_an_answer_and_at_least_25_examples(topic):
    assert topic in {answer.topic for answer in ANSWERS}
    assert len(set(examples()[topic])) >= 25


def test_every_line_of_the_document_is_answered_by_a_topic():
    cited = {source for answer in FROM_DOCUMENT for source in answer.metadata["sources"]}
    assert [line.id for line in CONTENT.lines.values() if line.id not in cited and not line.lead] == []


@pytest.mark.parametrize("answer", ANSWERS, ids=ids)
def test_an_answer_cites_only_lines_that_exist(answer):
    assert checks.source_problems(answer.metadata.get("sources", []), CONTENT.lines) == []


@pytest.mark.parametrize("answer", [item for item in FROM_DOCUMENT if item.topic.startswith("faq/")], ids=ids)
def test_an_answer_from_the_document_names_its_lines_and_its_title(answer):
    assert answer.metadata["sources"]
    assert answer.metadata["title"]


@pytest.mark.parametrize("answer", ANSWERS, ids=ids)
def test_every_number_and_unit_in_an_answer_stands_in_its_cited_lines(answer):
    assert checks.number_problems(answer.text, answer.metadata.get("sources", []), CONTENT.lines) == []


@pytest.mark.parametrize("answer", ANSWERS, ids=ids)
def test_no_phone_number_is_written_into_an_answer(answer):
    assert checks.phone_problems(answer.text) == []


@pytest.mark.parametrize("answer", ENGLISH, ids=ids)
def test_an_answer_reads_at_grade_8_or_below_and_a_warning_at_grade_6(answer):
    limit = 6 if "wording" in answer.metadata or "after" in answer.metadata else 8
    own = own_placeholders(answer.metadata.get("wording", ""))
    assert checks.grade_problems(answer.text, limit, CONTENT.clinic, own) == []


@pytest.mark.parametrize("answer", ANSWERS, ids=ids)
def test_no_answer_says_to_stop_or_hold_a_medicine(answer):
    assert checks.medicine_problems(answer.text) == []


@pytest.mark.parametrize("answer", [item for item in ANSWERS if item.topic.startswith("not_covered/")], ids=ids)
def test_what_is_not_covered_is_said_honestly_and_with_the_line(answer):
    assert checks.not_covered_problems(answer.text) == []


@pytest.mark.parametrize("answer", [item for item in ANSWERS if item.topic.startswith("red_flag/")], ids=ids)
def test_a_warning_begins_with_the_action_and_the_number(answer):
    assert checks.warning_problems(answer.text, CONTENT.clinic) == []


@pytest.mark.parametrize("answer", [item for item in ANSWERS if "after" in item.metadata], ids=ids)
def test_what_is_said_instead_once_a_warning_sign_was_raised_is_written(answer):
    assert f"after/{answer.metadata['after']}" in WORDINGS


@pytest.mark.parametrize("answer", [item for item in ANSWERS if item.metadata.get("next")], ids=ids)
def test_every_topic_that_is_offered_next_exists_and_has_a_title(answer):
    titled = {item.topic for item in ANSWERS if item.metadata.get("title")}
    assert set(answer.metadata["next"]) <= titled


@pytest.mark.parametrize("answer", FROM_DOCUMENT, ids=ids)
def test_staff_who_open_an_answer_that_is_shipped_see_no_complaint(answer):
    about = answer.metadata
    assert (
        checks.answer_problems(
            answer.topic, answer.text, about["sources"], about["title"], CONTENT.lines, CONTENT.clinic
        )
        == []
    )


@pytest.mark.parametrize("id", CONTENT.written)
def test_staff_who_open_a_wording_that_is_shipped_see_no_complaint(id):
    assert checks.wording_problems(id, CONTENT.written[id], CONTENT.clinic) == []


def test_no_two_topics_share_a_training_sentence():
    owners: dict[str, str] = {}
    clashes = []
    for intent, sentences in examples().items():
        for sentence in sentences:
            key = " ".join(re.findall(r"\w+", sentence.lower())) or sentence
            if owners.setdefault(key, intent) != intent:
                clashes.append((sentence, owners[key], intent))
    assert clashes == []
