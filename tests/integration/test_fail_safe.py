"""Whatever fails, a patient with a warning sign has the number in time, and later the sign is on record exactly once.

Real processes, ended, held and filled up on purpose. In each failure six patients speak at the same time: of every
tier, in English and in Spanish, a relative, and one who presses a button.
"""

import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests import breaking
from tests.breaking import PATCHLINE_DB, RASA_DB
from tests.signs import LINE_HREF, NUMBERS
from tests.system import ACTIONS, GATEWAY, PATIENCE_S, RASA, wait_for

PAGE = 4096  # bytes: room for a spooled escalation, and for no write of the database
QUESTION = "how long do i have to lie flat"
OTHER_CONTENT = "Two coffees for the price of one, only today."

FAILURES = {
    "Rasa hangs, and reads it when nobody waits any more": lambda system: breaking.hung(system, RASA),
    "action server killed": lambda system: breaking.killed(system, ACTIONS),
    "action server hangs": lambda system: breaking.hung(system, ACTIONS),
    "Rasa's own database locked": lambda system: breaking.locked(system, RASA_DB),
}
DATABASE_FAILURES = {  # name: (how, where the escalations wait meanwhile; None for wherever)
    "database locked": (lambda system: breaking.locked(system, PATCHLINE_DB), "disk"),
    "database full": (lambda system: breaking.full(system, RASA, ACTIONS, GATEWAY, room=PAGE), "disk"),
    "disk full": (lambda system: breaking.full(system, RASA, ACTIONS, GATEWAY, room=0), "memory"),
    "database moved away and back": (breaking.moved_away, "disk"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_program_that_fails(ward, system, name):
    with ward.failure(name):
        patients = ward.patients()
        with FAILURES[name](system):
            ward.tell(patients)
        ward.on_record(patients)


@pytest.mark.parametrize("name", DATABASE_FAILURES)
def test_a_database_that_fails(ward, system, name):
    how, kept = DATABASE_FAILURES[name]
    with ward.failure(name):
        patients = ward.patients()
        with how(system):
            bodies = ward.tell(patients)
            assert {body["escalation"]["status"] for body in bodies} == {"pending"}
            assert waiting(system)[kept] == len(patients)
        ward.on_record(patients)
        wait_for(lambda: not any(waiting(system).values()))
        assert list((system.folder / "spool").glob("*.json")) == []
        system.wait_until_back()


def test_a_database_that_was_deleted(ward, system):
    ward.count_again()  # what was on record before is deleted, too
    with ward.failure("database deleted"):
        patients = ward.patients()
        with breaking.removed(system):
            ward.tell(patients)
        ward.on_record(patients)


def test_rasa_killed_after_a_turn_and_before_a_turn(ward, system):
    earlier, patients = ward.patients(), ward.patients()
    bodies = ward.tell(earlier)
    with breaking.killed(system, RASA):
        with ward.failure("Rasa killed after the turn"):
            assert ward.tell(earlier) == bodies  # the same message again has the same reply
            for worried in earlier:
                (message,) = worried.patient.say("thank you")
                links = {link["href"] for link in message["links"]}
                assert {LINE_HREF, *(f"tel:{number}" for number in NUMBERS[worried.sign.tier])} <= links
            ward.on_record(earlier)
        with ward.failure("Rasa killed before the turn"):
            ward.tell(patients)
    ward.on_record(patients)


def test_rasa_killed_while_it_has_the_message(ward, system):
    with ward.failure("Rasa killed with the message unread"):
        patients = ward.patients()
        with breaking.hung(system, RASA), ward.telling(patients):
            wait_for(lambda: breaking.waiting_at(system.rasa_port) >= len(patients), PATIENCE_S)
            system.end(RASA)
        ward.on_record(patients)


def test_rasa_killed_while_it_waits_for_the_action_server(ward, system):
    with ward.failure("Rasa killed in the middle of the turn"):
        patients = ward.patients()
        with breaking.hung(system, ACTIONS), ward.telling(patients):
            wait_for(lambda: breaking.waiting_at(system.actions_port), PATIENCE_S)
            system.end(RASA)
        ward.on_record(patients)


def test_a_slow_rasa_and_a_patient_who_asks_again(ward, system):
    def give_up(worried):
        with pytest.raises(httpx.ReadTimeout):
            worried.send(timeout=1)

    with ward.failure("Rasa slower than the patient, who sends it again"):
        patients = ward.patients()
        with breaking.paused(system, RASA), ThreadPoolExecutor(len(patients)) as pool:
            list(pool.map(give_up, patients))
            with ward.telling(patients):
                time.sleep(1)
                system.program(RASA).send_signal(signal.SIGCONT)
        ward.on_record(patients)


def test_rasa_without_a_model_with_another_and_with_one_that_says_nothing(ward, system, tmp_path):
    wrong = breaking.model_that_says(OTHER_CONTENT, system, tmp_path / "wrong.tar.gz")
    mute = breaking.model_that_says(" ", system, tmp_path / "mute.tar.gz")
    without, other, silent = ward.patients(), ward.patients(), ward.patients()
    with breaking.without_model(system):
        with ward.failure("Rasa without a model"):
            ward.tell(without)
            ward.on_record(without)
        with ward.failure("Rasa with a wrong model"):
            breaking.serve(system, wrong)
            wait_for(lambda: said(system) == OTHER_CONTENT, 120)
            ward.tell(other)
            ward.on_record(other)
            assert said(system) == OTHER_CONTENT
        with ward.failure("Rasa's reply is empty"):
            breaking.serve(system, mute)
            wait_for(lambda: outcome(system) == "empty", 120)
            ward.tell(silent)
            ward.on_record(silent)
            assert outcome(system) == "empty"


@pytest.mark.parametrize("database", ["there", "locked"])
def test_the_gateway_killed_between_journal_and_reply(ward, system, database):
    def lose(worried):
        with pytest.raises(httpx.TransportError):
            worried.send()

    with ward.failure(f"gateway killed between journal and reply, database {database} afterwards"):
        patients = ward.patients()
        with breaking.hung(system, RASA), ThreadPoolExecutor(len(patients)) as pool:
            lost = [pool.submit(lose, worried) for worried in patients]
            wait_for(lambda: journalled(system, patients), PATIENCE_S)
            if database == "locked":
                with breaking.locked(system, PATCHLINE_DB):
                    system.end(GATEWAY)
                    time.sleep(2)
            else:
                system.end(GATEWAY)
            for future in lost:
                future.result()
        for worried in patients:  # nobody has asked again
            wait_for(lambda worried=worried: ward.tickets(worried))
        ward.tell(patients)
        ward.on_record(patients)


def test_everything_at_once(ward, system):
    with ward.failure("everything at once"):
        patients = ward.patients()
        with breaking.hung(system, ACTIONS), breaking.locked(system, PATCHLINE_DB, RASA_DB):
            system.end(RASA)
            with breaking.full(system, GATEWAY, room=PAGE):
                bodies = ward.tell(patients)
                assert {body["escalation"]["status"] for body in bodies} == {"pending"}
                system.end(GATEWAY)
        ward.on_record(patients)


def waiting(system):
    """Where escalations wait, and how many: {"disk": 0, "memory": 0}."""
    page = httpx.get(f"{system.base_url}/metrics", timeout=PATIENCE_S).text
    name = 'patchline_escalations_waiting{where="'
    lines = [line.removeprefix(name) for line in page.splitlines() if line.startswith(name)]
    return {where: float(count) for where, _, count in (line.partition('"} ') for line in lines)}


def said(system):
    """What is answered to a question without a sign."""
    return system.patient().say(QUESTION)[0]["text"]


def outcome(system):
    """What came of such a question, as the journal has it: "answered", or why Rasa gave no answer."""
    patient = system.patient()
    patient.say(QUESTION)
    ((found,),) = breaking.rows(system, "SELECT outcome FROM messages WHERE conversation_id = ?", patient.id)
    return found


def journalled(system, patients):
    """All of them are in the journal, and not one has its outcome."""
    keys = {worried.key for worried in patients}
    query = "SELECT conversation_id, message_id FROM messages WHERE outcome IS NULL"
    return keys <= set(breaking.rows(system, query))
