"""What a patient gets when a part of the system is gone, and how the system comes back."""

import signal
import time

import psutil
import pytest

from tests.system import PATIENCE_S, System

RASA = "patchline.run.rasa_server"
ACTIONS = "patchline.run.action_server"
UNCLEAR = "hm the one with the thing maybe"  # needs the action server


def answered_with_the_line(patient, text) -> bool:
    start = time.monotonic()
    (message,) = patient.say(text)
    assert time.monotonic() - start < PATIENCE_S
    return message["topic"] == "fallback" and message["links"][0]["href"] == "tel:+12025550142"


def kept(patient) -> list[str]:
    return [item["text"] for item in patient.client.get(patient.url).json()["messages"] if item["from"] == "patient"]


def test_rasa_killed_the_patient_has_the_line_the_message_is_kept_and_rasa_comes_back(system):
    patient = system.patient()
    system.kill(RASA)
    assert answered_with_the_line(patient, "can i eat before")
    assert kept(patient) == ["can i eat before"]
    system.wait_until(ready=True)
    assert patient.topics("can i eat before") == ["faq/eating_drinking"]


def test_rasa_hung_the_patient_has_the_line_in_time(system):
    patient = system.patient()
    rasa = system.program(RASA)
    rasa.send_signal(signal.SIGSTOP)
    try:
        assert answered_with_the_line(patient, "how long do i lie flat")
    finally:
        rasa.send_signal(signal.SIGCONT)
    system.wait_until(ready=True)
    assert kept(patient) == ["how long do i lie flat"]


def test_a_conversation_goes_on_where_it_was_after_rasa_was_restarted(system):
    patient = system.patient()
    assert patient.topics("how long do i have to lie flat") == ["faq/lie_flat"]
    system.kill(RASA)
    system.wait_until(ready=True)
    assert patient.topics("how long?") == ["faq/lie_flat"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_action_server_gone_the_patient_has_the_line_in_time(system, number):
    patient = system.patient()
    actions = system.program(ACTIONS)
    actions.send_signal(number)
    try:
        assert answered_with_the_line(patient, UNCLEAR)
        assert patient.topics("how long do i have to lie flat") in (["faq/lie_flat"], ["fallback"])
    finally:
        if number == signal.SIGSTOP:
            actions.send_signal(signal.SIGCONT)
    system.wait_until_back()


def test_the_gateway_killed_comes_back_with_the_conversation(system):
    patient = system.patient()
    patient.say("can i eat before")
    system.kill("patchline.gateway")
    system.wait_until(ready=True)
    assert kept(patient) == ["can i eat before"]
    assert patient.topics("how long do i have to lie flat") == ["faq/lie_flat"]


def test_a_second_start_does_not_train_and_ctrl_c_stops_everything(system, tmp_path):
    another = System(tmp_path)
    another.start()
    try:
        assert "is current" in another.said()
        assert "training" not in another.said()
        processes = another.processes()
        assert len(processes) >= 4
    finally:
        code = another.stop()
    assert code == 0
    assert [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []


def test_a_taken_port_is_one_clear_sentence(system, tmp_path):
    another = System(tmp_path, PATCHLINE_PORT=str(system.port))
    with pytest.raises(AssertionError, match=rf"Port {system.port} is taken"):
        another.start()
    assert another.process.returncode == 2
    assert "Traceback" not in another.said()
