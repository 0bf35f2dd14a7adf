"""A warning sign while a part of the system is gone: the patient has the number, and later it is on record once."""

import contextlib
import re
import signal
import sqlite3
import time
import uuid

import httpx
import pytest

from tests.system import PATIENCE_S

RASA, ACTIONS, GATEWAY = "patchline.run.rasa_server", "patchline.run.action_server", "patchline.gateway"
EMERGENCY = "I cannot urinate at all since this morning"
WITHOUT_RULES = "downstairs it all went quiet and the floor under me might as well be a cloud"


def tickets(system, patient):
    with contextlib.closing(sqlite3.connect(system.folder / "patchline.db", timeout=5)) as database:
        query = "SELECT tier, source, reference, categories, late FROM tickets WHERE conversation_id = ?"
        return database.execute(query, (patient.id,)).fetchall()


def on_record(system, patient, count=1, limit_s=60):
    """The conversation's tickets, once there are so many and everything that waits has had its chance."""
    deadline = time.monotonic() + limit_s
    while len(tickets(system, patient)) < count and time.monotonic() < deadline:
        time.sleep(0.3)
    time.sleep(2)
    return tickets(system, patient)


def tell(patient, text=EMERGENCY):
    """Send a message with an emergency sign; the reply, which came in time and has the wording with the number."""
    started = time.monotonic()
    body = patient.post(text=text).raise_for_status().json()
    assert time.monotonic() - started < PATIENCE_S
    (message,) = body["messages"]
    assert message["topic"] == "red_flag/emergency"
    assert message["text"].startswith("Call 911 now")
    assert {"tel:911", "tel:+12025550142"} <= {link["href"] for link in message["links"]}
    return body


@contextlib.contextmanager
def locked(system):
    """Another program holds the database's write lock."""
    other = sqlite3.connect(system.folder / "patchline.db", isolation_level=None, timeout=5)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@contextlib.contextmanager
def stopped(system, program, number):
    """A program that was killed, or that hangs until the end of the block."""
    process = system.program(program)
    process.send_signal(number)
    try:
        yield
    finally:
        if number == signal.SIGSTOP:
            process.send_signal(signal.SIGCONT)
        system.wait_until(ready=True)


def test_a_warning_sign_is_on_record_once_with_a_reference_for_the_telephone(system):
    patient = system.patient()
    body = tell(patient)
    ((tier, source, reference, categories, late),) = on_record(system, patient)
    assert body["escalation"] == {"reference": reference, "tier": "emergency", "status": "recorded"}
    assert re.fullmatch(r"PL-[0-9A-Z]{5}", reference)
    assert (tier, late) == ("emergency", 0)
    assert source in ("rules", "both")
    assert "bladder_bowel" in categories


def test_a_retry_is_no_second_ticket(system):
    patient, message_id = system.patient(), uuid.uuid4().hex
    first, second = (patient.post(text=EMERGENCY, message_id=message_id).json() for _ in range(2))
    assert first == second
    assert len(on_record(system, patient)) == 1


@pytest.mark.parametrize("program", [RASA, ACTIONS])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_rasa_or_the_action_server_gone(system, program, number):
    patient = system.patient()
    with stopped(system, program, number):
        body = tell(patient)
        assert body["escalation"]["status"] == "recorded"
    assert [row[0] for row in on_record(system, patient)] == ["emergency"]


def test_with_the_action_server_hung_a_sign_that_only_the_model_sees_has_its_wording_too(system):
    patient = system.patient()
    with stopped(system, ACTIONS, signal.SIGSTOP):
        started = time.monotonic()
        body = patient.post(text=WITHOUT_RULES).raise_for_status().json()
        assert time.monotonic() - started < PATIENCE_S
    if body["escalation"] is None:
        pytest.skip("this model does not see the sign")
    assert body["messages"][0]["topic"].startswith("red_flag/")
    assert len(on_record(system, patient)) == 1


def test_the_database_locked(system):
    patient = system.patient()
    with locked(system):
        body = tell(patient)
        assert body["escalation"] == {"reference": None, "tier": "emergency", "status": "pending"}
        waiting = httpx.get(f"{system.base_url}/health/ready", timeout=PATIENCE_S).json()["escalations"]
        assert waiting == {"spooled": 1, "unsaved": 0}
    assert [row[0] for row in on_record(system, patient)] == ["emergency"]
    assert list((system.folder / "spool").glob("*.json")) == []


def test_everything_gone_at_once(system):
    patient = system.patient()
    rasa, actions, gateway = (system.program(program) for program in (RASA, ACTIONS, GATEWAY))
    with locked(system):
        rasa.kill()
        actions.kill()
        assert tell(patient)["escalation"]["status"] == "pending"
        gateway.kill()
    system.wait_until(ready=True)
    assert [row[0] for row in on_record(system, patient)] == ["emergency"]


def test_the_gateway_killed_between_journal_and_reply(system):
    patient = system.patient()
    rasa = system.program(RASA)
    rasa.send_signal(signal.SIGSTOP)
    try:
        with contextlib.suppress(httpx.TransportError), httpx.Client(timeout=1.0) as impatient:
            impatient.post(
                f"{system.base_url}{patient.url}/messages",
                json={"message_id": "m1", "text": EMERGENCY},
                headers=dict(patient.client.headers),
            )
        system.program(GATEWAY).kill()
    finally:
        rasa.send_signal(signal.SIGCONT)
    system.wait_until(ready=True)
    assert [row[0] for row in on_record(system, patient)] == ["emergency"]


def test_what_rasa_could_not_read_the_model_reads_once_it_is_back(system):
    patient = system.patient()
    system.kill(RASA)
    body = patient.post(text=WITHOUT_RULES).raise_for_status().json()
    system.wait_until(ready=True)
    if body["escalation"] is not None:
        pytest.skip("the rules see this sign by now")
    assert body["messages"][0]["links"][0]["href"] == "tel:+12025550142"
    if system.patient().post(text=WITHOUT_RULES).json()["escalation"] is None:
        pytest.skip("this model does not see the sign")
    assert [(row[1], row[4]) for row in on_record(system, patient)] == [("model", 1)]


def test_a_deleted_conversation_leaves_its_ticket(system):
    patient = system.patient()
    tell(patient)
    assert patient.client.delete(patient.url).status_code == 204
    assert len(on_record(system, patient)) == 1
