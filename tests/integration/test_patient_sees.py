"""A patient with a warning sign and a nurse, through the real system: what the chat says of what happens at the clinic.

The nurse works on the system's database as the desk does, from another process than the gateway's.
"""

import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from patchline.database.engines import make_engine
from patchline.database.schema import now
from patchline.escalation import desk_api as desk
from tests.signs import LINE, LINE_HREF, OPENINGS, SIGNS
from tests.system import GATEWAY, PATIENCE_S, RASA, wait_for

AT_ONCE_S = 3
SIGN = "my headache is back since yesterday"
WORSE = "now I cannot urinate at all since this morning"
QUESTION = "how long do i have to lie flat"


class Following:
    """A client of the event stream, as a page has it: it comes back after an interruption and goes on where it was."""

    def __init__(self, patient, last=None):
        self.url, self.headers = f"{patient.client.base_url}{patient.url}/events", dict(patient.client.headers)
        self.last, self.entries, self.presence, self.connections = last, [], [], 0
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.over.is_set():
            with contextlib.suppress(httpx.TransportError):
                self.connect()
            time.sleep(0.2)

    def connect(self):
        place = {"Last-Event-ID": str(self.last)} if self.last else {}
        with httpx.stream("GET", self.url, headers=self.headers | place, timeout=30) as response:
            if response.status_code == 404:
                return self.over.set()
            if response.status_code != 200:
                return
            self.connections += 1
            event = {}
            for line in response.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    event[name] = value
                else:
                    self.take(event)
                    event = {}

    def take(self, event):
        if event.get("event") == "presence":
            self.presence.append(json.loads(event["data"])["with_person"])
        elif event.get("event") == "clinic":
            entry = json.loads(event["data"])
            assert int(event["id"]) == entry["event_id"]
            self.last = entry["event_id"]
            self.entries.append(entry)

    def shows(self, beginning, within_s=AT_ONCE_S):
        """The entry that begins with these words, once it is there."""
        wait_for(lambda: any(entry["text"].startswith(beginning) for entry in self.entries), within_s)
        return next(entry for entry in self.entries if entry["text"].startswith(beginning))

    def stop(self):
        self.over.set()


@pytest.fixture
def database(system):
    engine = make_engine(f"sqlite:///{system.database}")
    yield engine
    engine.dispose()


@pytest.fixture
def patient(system):
    return system.patient()


@pytest.fixture
def following(patient):
    following = Following(patient)
    wait_for(lambda: following.presence == [False], PATIENCE_S)
    yield following
    following.stop()


def reload(patient):
    return patient.client.get(patient.url).raise_for_status().json()


def clinics(chat):
    return [message for message in chat["messages"] if message["from"] == "clinic"]


def test_a_patient_sees_what_becomes_of_a_warning_sign(patient, following, database):
    body = patient.post(text=SIGN).json()
    reference = body["escalation"]["reference"]
    sent = following.shows("Sent to the clinic at ")
    assert (sent["status"], sent["reference"]) == ("sent", reference)
    assert LINE in sent["text"]
    assert LINE_HREF in [link["href"] for link in sent["links"]]

    desk.acknowledge(database, reference, "Maria Lopez", now())
    assert following.shows("Seen by a nurse at ")["status"] == "seen"
    chat = reload(patient)
    assert clinics(chat) == following.entries
    assert chat["last_event_id"] == following.last
    assert [message["from"] for message in chat["messages"]] == ["bot", "patient", "bot", "clinic", "clinic"]

    desk.message_to_patient(database, reference, "Maria Lopez", now(), "How bad is it, from 1 to 10?")
    assert following.shows("How bad is it")["name"].startswith("Nurse at ")
    wait_for(lambda: following.presence[-1], AT_ONCE_S)
    assert patient.post(text="about a four").json() == {"messages": [], "escalation": None, "with_person": True}

    body = patient.post(text=WORSE).json()
    assert body["messages"][0]["text"].startswith(OPENINGS["emergency"])
    assert (body["escalation"]["tier"], body["escalation"]["status"]) == ("emergency", "recorded")
    assert body["with_person"] is True
    wait_for(lambda: [entry["status"] for entry in following.entries].count("sent") == 2, AT_ONCE_S)

    desk.hand_back(database, reference, "Maria Lopez", now())
    following.shows("The nurse has left the chat. Patchline answers again.")
    answer = patient.post(text=QUESTION).json()
    assert "faq/lie_flat" in [message["topic"] for message in answer["messages"]]
    assert "with_person" not in answer
    desk.resolve(database, reference, "Maria Lopez", now(), "talked on the telephone")
    following.shows("Closed by the clinic at ")
    again = clinics(reload(patient))  # lines about the ticket are of its tier as it is now
    assert [line["event_id"] for line in again] == [line["event_id"] for line in following.entries]
    assert "911" in again[0]["text"]
    assert "Lopez" not in str(reload(patient))
    lines = [line.action for line in desk.events_of(database, reference) if line.actor == "patient"]
    assert lines == ["opened", "wrote", "wrote", "added"]


def test_a_gateway_that_is_killed_comes_back_and_tells_once_what_was_missed(system, patient, following, database):
    reference = patient.post(text=SIGN).json()["escalation"]["reference"]
    following.shows("Sent to the clinic at ")
    system.end(GATEWAY)
    desk.acknowledge(database, reference, "Maria Lopez", now())
    desk.message_to_patient(database, reference, "Maria Lopez", now(), "I am calling you now.")
    system.wait_until_back()
    following.shows("I am calling you now.", PATIENCE_S)
    assert following.connections == 2
    assert [entry["status"] or entry["kind"] for entry in following.entries] == ["sent", "seen", "note", "message"]
    assert clinics(reload(patient)) == following.entries


def test_every_sign_has_its_wording_while_a_nurse_is_in_the_chat_and_rasa_is_killed(system, database):
    signs, patients = [sign for sign in SIGNS if sign.before is None], []
    for _ in signs:
        patients.append(system.patient())
        reference = patients[-1].post(text=SIGN).json()["escalation"]["reference"]
        desk.message_to_patient(database, reference, "Maria Lopez", now(), "How are you?")
    system.end(RASA)
    with ThreadPoolExecutor(len(signs)) as pool:  # all of them before Rasa is back
        bodies = list(pool.map(lambda patient, sign: patient.post(text=sign.text).json(), patients, signs))
    for sign, body in zip(signs, bodies, strict=True):
        assert body["escalation"]["tier"] == sign.tier, sign
        assert body["messages"][0]["text"].startswith(sign.opening or OPENINGS[sign.tier]), sign
    system.wait_until_back()


def test_a_deleted_conversation_ends_the_stream_and_leaves_the_ticket(patient, following, database):
    reference = patient.post(text=SIGN).json()["escalation"]["reference"]
    following.shows("Sent to the clinic at ")
    assert patient.client.delete(patient.url).status_code == 204
    desk.acknowledge(database, reference, "Maria Lopez", now())
    wait_for(following.over.is_set, PATIENCE_S)
    assert [entry["status"] for entry in following.entries] == ["sent"]
    assert desk.ticket(database, reference).state == "acknowledged"


def test_what_patient_and_nurse_write_to_each_other_stays_out_of_the_logs(system, patient, database):
    reference = patient.post(text=SIGN).json()["escalation"]["reference"]
    desk.message_to_patient(database, reference, "Maria Lopez", now(), "mulberry is what the nurse wrote")
    patient.post(text="marzipan is what I had for breakfast")
    Following(patient).shows("mulberry")
    assert "mulberry" not in system.said()
    assert "marzipan" not in system.said()
