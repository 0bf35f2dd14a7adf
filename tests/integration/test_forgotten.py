"""A patient who deletes the conversation: no word of it is left in any file of the installation, besides the ticket."""

import time

import httpx

from patchline.escalation.spool import Spool
from tests import breaking
from tests.breaking import RASA_DB, rows
from tests.system import ACTIONS, wait_for

CANARY = "Zebulon-4711"


def files_with(system, word):
    """Files under the installation's folder in which a word stands, the databases' logs included."""
    found = [path for path in system.folder.rglob("*") if path.is_file() and path.suffix != ".gz"]
    return sorted(path.name for path in found if word.encode() in path.read_bytes())


def test_deleted_words_are_in_no_file(system):
    patient = system.patient()
    for text in (f"how long do i have to lie flat, {CANARY}", f"{CANARY} wants to drive", f"thank you {CANARY}"):
        patient.say(text)
    assert {name.partition("-")[0] for name in files_with(system, CANARY)} == {"patchline.db", RASA_DB}
    assert patient.client.delete(patient.url).status_code == 204
    # the logs of the databases are emptied as soon as nobody is at them
    wait_for(lambda: files_with(system, CANARY) == [], 30)
    metrics = httpx.get(f"{system.base_url}/metrics").text
    assert CANARY not in metrics


def test_a_turn_that_still_goes_on_does_not_bring_a_deleted_conversation_back(system):
    """Rasa waits for an action server that hangs; the patient has the warning already, and deletes the chat."""
    patient = system.patient()
    with breaking.hung(system, ACTIONS):
        body = patient.post(text=f"I cannot urinate at all since this morning, {CANARY}").raise_for_status().json()
        assert body["escalation"]
        assert patient.client.delete(patient.url).status_code == 204
        time.sleep(3)  # until Rasa has given up on the action server and ends the turn
    query = "SELECT count(*) FROM events WHERE sender_id = ?"
    wait_for(lambda: rows(system, query, patient.id, database=RASA_DB) == [(0,)], 30)
    assert rows(system, "SELECT tier FROM tickets WHERE conversation_id = ?", patient.id) == [("emergency",)]
    assert Spool(system.folder / "spool").waiting() == []
