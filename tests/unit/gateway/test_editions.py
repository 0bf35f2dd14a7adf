"""Another release is switched to while patients write: what has begun ends where it began, all else is new."""

import shutil
import threading
import time
from dataclasses import replace

import pytest

from patchline import content as contents
from patchline.gateway.edition import Edition
from patchline.settings import ROOT

from .conftest import LIE_FLAT, Patient, StandIn

OLD, NEW = "(202) 555-0142", "(202) 555-0171"


@pytest.fixture
def other():
    stand_in = StandIn()
    stand_in.message = {**LIE_FLAT, "text": "The new release's answer."}
    yield stand_in
    stand_in.close()


@pytest.fixture
def live(client):
    return client.app.state.parts.live


@pytest.fixture
def edition(tmp_path, settings, other):
    folder = shutil.copytree(ROOT / "content", tmp_path / "content")
    clinic = folder / "clinic.yml"
    clinic.write_text(clinic.read_text().replace(OLD, NEW).replace("+12025550142", "+12025550171"))
    own = replace(settings, content=folder, rasa_port=other.port)
    return Edition.of(own, contents.load(folder), release=7)


def test_after_the_switch_everything_is_of_the_new_release(client, live, edition, patient):
    assert OLD in client.get("/").text
    assert patient.says("How long?")[0]["text"] == LIE_FLAT["text"]
    live.switch(edition)
    for path in ("/", "/patchline.js"):
        assert NEW in client.get(path).text
        assert OLD not in client.get(path).text
    assert patient.says("How long?")[0]["text"] == "The new release's answer."
    assert NEW in str(Patient(client).greeting)
    assert client.get("/api/nothing").json()["line"] == NEW
    assert client.get("/health/ready").json()["release"] == 7


def test_a_message_that_is_under_way_ends_with_the_release_that_it_began_with(client, live, edition, rasa, other):
    patient, heard = Patient(client), []
    rasa.delay_s = 0.8
    asking = threading.Thread(target=lambda: heard.extend(patient.says("How long?")))
    asking.start()
    while not rasa.asked:
        time.sleep(0.01)
    live.switch(edition)
    assert Patient(client).says("How long?")[0]["text"] == "The new release's answer."
    asking.join()
    assert heard[0]["text"] == LIE_FLAT["text"]
    assert len(rasa.asked) == len(other.asked) == 1


def test_a_message_under_way_gets_the_old_number_when_its_rasa_fails(client, live, edition, rasa):
    patient, heard = Patient(client), []
    rasa.delay_s, rasa.mode = 0.8, "500"
    asking = threading.Thread(target=lambda: heard.extend(patient.says("I have a fever of 103")))
    asking.start()
    while not rasa.asked:
        time.sleep(0.01)
    live.switch(edition)
    asking.join()
    assert OLD in heard[0]["text"]
    assert NEW not in str(heard)


def test_a_deleted_chat_is_forgotten_by_both_rasas(client, live, rasa, other, patient, edition):
    live.standby, before = edition.dialogue, patient.id
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    assert rasa.forgotten == other.forgotten == [before]


def test_a_standby_that_does_not_run_has_nothing_to_forget(client, live, rasa, patient, settings, closed_port):
    live.standby = type(live.now.dialogue)(f"http://127.0.0.1:{closed_port}")
    assert client.delete(patient.url, headers=patient.headers).status_code == 204
    assert rasa.forgotten == [patient.id]


def test_readiness_is_asked_anew_after_a_switch(client, live, edition, other):
    assert client.get("/health/ready").json()["release"] == 0
    other.mode = "500"
    live.switch(edition)
    assert client.get("/health/ready").status_code == 503
