"""What is on record of a warning sign, and of one that only the model sees, while Rasa or the action server is gone."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import breaking
from tests.breaking import rows
from tests.signs import LINE_HREF, Sign, Worried
from tests.system import ACTIONS, PATIENCE_S, RASA, wait_for

EMERGENCY = Sign("emergency", "I cannot urinate at all since this morning")
UNSEEN_BY_RULES = (  # each a warning sign; the first that the rules miss and the model sees is used
    "the same old hammer is in my head again this morning, just like before you fixed it",
    "emptied the box. all of them. don't tell my mum",
    "she is under three blankets and her teeth are going like castanets",
    "I stand there five minutes before anything starts. been like this since the patch",
    "my right arm won't do what I want, I type with the other one",
    "this came like an explosion and is a hundred times worse",
)


def tickets(system, patient):
    """(message id, tier, source, reference, categories, late) of each ticket of a conversation."""
    query = "SELECT message_id, tier, source, reference, categories, late FROM tickets WHERE conversation_id = ?"
    return rows(system, query, patient.id)


@pytest.fixture(scope="module")
def unseen_by_rules(system):
    """A warning sign that the model alone sees: `late` and `source` are about those."""
    for text in UNSEEN_BY_RULES:
        patient = system.patient()
        patient.say(text)
        if [ticket[2] for ticket in tickets(system, patient)] == ["model"]:
            return text
    raise AssertionError("the rules see them all, or the model sees none: write others")


def test_a_warning_sign_is_on_record_once_with_a_reference_for_the_telephone(system):
    worried = Worried(system.patient(), EMERGENCY)
    body = worried.send()
    worried.check(body)
    ((message_id, tier, source, reference, categories, late),) = tickets(system, worried.patient)
    assert body["escalation"] == {"reference": reference, "tier": "emergency", "status": "recorded"}
    assert re.fullmatch(r"PL-[0-9A-Z]{5}", reference)
    assert (message_id, tier, late) == (worried.message_id, "emergency", 0)
    assert source in ("rules", "both")
    assert "bladder_bowel" in categories


def test_a_retry_is_no_second_ticket_also_while_the_first_is_under_way(system):
    worried = Worried(system.patient(), EMERGENCY)
    with ThreadPoolExecutor(4) as pool:
        bodies = list(pool.map(lambda _: worried.send(), range(4)))
    assert all(body == bodies[0] for body in [*bodies, worried.send()])
    assert len(tickets(system, worried.patient)) == 1


def test_with_the_action_server_hung_a_sign_that_only_the_model_sees_has_its_wording_too(system, unseen_by_rules):
    patient = system.patient()
    with breaking.hung(system, ACTIONS):
        body = patient.post(text=unseen_by_rules).raise_for_status().json()
    assert body["messages"][0]["topic"].startswith("red_flag/")
    assert body["escalation"]["status"] == "recorded"
    assert [ticket[2] for ticket in tickets(system, patient)] == ["model"]


@pytest.mark.parametrize("gone", [breaking.killed, breaking.hung])
def test_what_rasa_could_not_read_in_time_is_on_record_as_late(system, unseen_by_rules, gone):
    patient = system.patient()
    with gone(system, RASA):
        body = patient.post(text=unseen_by_rules).raise_for_status().json()
        assert body["escalation"] is None
        assert LINE_HREF in {link["href"] for link in body["messages"][0]["links"]}
    wait_for(lambda: [(ticket[2], ticket[5]) for ticket in tickets(system, patient)] == [("model", 1)])
    transcript = patient.client.get(patient.url, timeout=PATIENCE_S).json()["messages"]
    assert [item["escalation"]["status"] for item in transcript if item["from"] == "patient"] == ["recorded"]


def test_a_deleted_conversation_leaves_its_ticket(system):
    worried = Worried(system.patient(), EMERGENCY)
    worried.check(worried.send())
    assert worried.patient.client.delete(worried.patient.url).status_code == 204
    assert len(tickets(system, worried.patient)) == 1
