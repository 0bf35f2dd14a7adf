"""The whole system on PostgreSQL: it answers, escalates, forgets, and outlives its database. Real processes."""

import os
import re
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa

from patchline.database.schema import now
from tests import postgres as servers
from tests.answers import ROOT
from tests.system import RASA, System, wait_for

EMERGENCY = "I cannot urinate at all since this morning"
CLINIC_SIGN = "my headache is back since yesterday"
CANARY = "Quetzalcoatl"


@pytest.fixture(scope="module")
def server():
    if servers.programs() is None:
        pytest.skip(servers.MISSING)
    own = servers.Postgres()
    yield own
    own.remove()


@pytest.fixture(scope="module")
def engine(server):
    url = server.new_database()
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    return engine


@pytest.fixture(scope="module")
def system(archive, server, engine, tmp_path_factory):
    running = System(tmp_path_factory.mktemp("on-postgres"), PATCHLINE_DATABASE_URL=server.url(engine.url.database))
    running.start()
    yield running
    running.stop()


def rows(engine, query, **values):
    with engine.connect() as db:
        return [tuple(row) for row in db.execute(sa.text(query), values)]


def tickets(engine, patient):
    """(tier, state of the first delivery) of each ticket of a conversation."""
    query = """SELECT tier, (SELECT state FROM deliveries WHERE ticket_id = tickets.id ORDER BY id LIMIT 1)
               FROM tickets WHERE conversation_id = :id"""
    return rows(engine, query, id=patient.id)


def tables_with(engine, word):
    """Every table of the database, of whatever schema, in which a word stands."""
    found = []
    with engine.connect() as db:
        inspector = sa.inspect(db)
        for schema in inspector.get_schema_names():
            if schema != "information_schema":
                for table in inspector.get_table_names(schema=schema):
                    whole = db.exec_driver_sql(f'SELECT count(*) FROM "{schema}"."{table}" t WHERE t::text LIKE %s',
                                               (f"%{word}%",))  # fmt: skip
                    if whole.scalar():
                        found.append(table)
    return sorted(found)


def command(system, *arguments):
    done = subprocess.run(
        [sys.executable, "-m", "patchline.cli", *arguments],
        cwd=ROOT, env=system.environment, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_conversation_is_kept_with_its_ticket_and_forgotten_without_a_trace(system, engine):
    patient = system.patient()
    assert patient.topics(f"{CANARY} asks: how long do i have to lie flat") == ["faq/lie_flat"]
    body = patient.post(text=f"{EMERGENCY}, says {CANARY}").raise_for_status().json()
    assert body["messages"][0]["topic"] == "red_flag/emergency"
    assert body["escalation"]["status"] == "recorded"
    wait_for(lambda: tickets(engine, patient) == [("emergency", "sent")])
    transcript = patient.client.get(patient.url).json()["messages"]
    said = [item for item in transcript if item["from"] == "patient"]
    assert [item["escalation"] for item in said] == [None, body["escalation"]]
    assert transcript[-1]["text"].startswith("Sent to the clinic")
    assert tables_with(engine, CANARY) == ["events", "messages"]  # Rasa's, and the journal
    assert patient.client.delete(patient.url).status_code == 204
    assert tables_with(engine, CANARY) == []
    assert [tier for tier, _ in tickets(engine, patient)] == ["emergency"]
    (words,) = rows(engine, "SELECT triggers FROM tickets WHERE conversation_id = :id", id=patient.id)[0]
    assert tables_with(engine, words[0]) == ["tickets"]


def test_rasa_goes_on_where_the_conversation_was_while_the_database_is_away_and_back(system, server, engine):
    patient, rasa = system.patient(), system.program(RASA).pid
    assert patient.topics("what if i get a fever")[0].startswith("what_if")
    server.kill()
    body = patient.post(text="yes").raise_for_status().json()  # to "is this happening to you now?"
    assert body["messages"][0]["topic"] == "red_flag/clinic"
    assert body["escalation"]["status"] == "pending"
    other = system.patient()
    body = other.post(text=EMERGENCY).raise_for_status().json()
    assert body["messages"][0]["topic"] == "red_flag/emergency"
    server.start()
    wait_for(
        lambda: [tickets(engine, one) for one in (patient, other)] == [[("clinic", "sent")], [("emergency", "sent")]]
    )
    system.wait_until(ready=True)
    time.sleep(3)
    assert patient.topics("how long do i have to lie flat")[-1] == "faq/lie_flat"
    said = rows(
        engine, "SELECT data FROM rasa.events WHERE sender_id = :id AND type_name = 'user' ORDER BY id", id=patient.id
    )
    assert [re.search(r'"text": "(\w+)', data)[1] for (data,) in said] == ["what", "yes", "how"]
    assert system.program(RASA).pid == rasa


def test_an_old_conversation_is_purged_everywhere_while_the_system_runs(system, engine):
    patient = system.patient()
    patient.say(f"how long do i have to lie flat, {CANARY}")
    with engine.begin() as db:
        for table, column, name in (("messages", "at", "conversation_id"), ("conversations", "created_at", "id")):
            older = f"UPDATE {table} SET {column} = {column} - interval '40 days' WHERE {name} = :id"
            db.execute(sa.text(older), {"id": patient.id})
    code, text = command(system, "purge")
    assert (code, "Deleted: 1 transcript." in text) == (0, True), text
    wait_for(lambda: tables_with(engine, CANARY) == [])
    assert patient.client.get(patient.url).status_code == 404


def test_a_backup_is_made_while_it_runs_and_a_restore_refused(system, engine, tmp_path):
    system.patient().say("how long do i have to lie flat")
    code, text = command(system, "backup", str(tmp_path))
    assert code == 0, text
    (archive,) = tmp_path.glob("patchline-*.tar.gz")
    code, text = command(system, "restore", str(archive), "--force")
    assert (code, "Patchline is running here; stop it first" in text) == (2, True), text
    assert system.ready()


def test_it_starts_while_the_database_is_away_and_takes_up_what_it_missed(system, server, engine):
    assert system.stop() == 0
    server.stop()
    system.output.rename(system.output.with_name("earlier.txt"))
    system.start()
    patient = system.patient()
    assert patient.topics("how long do i have to lie flat") == ["faq/lie_flat"]
    body = patient.post(text=CLINIC_SIGN).raise_for_status().json()
    assert body["messages"][0]["topic"] == "red_flag/clinic"
    assert body["escalation"]["status"] == "pending"
    began = now()
    server.start()
    wait_for(lambda: tickets(engine, patient) == [("clinic", "sent")], 90)
    time.sleep(3)
    patient.say("thank you")
    events = "SELECT count(*) FROM rasa.events WHERE sender_id = :id AND type_name = 'user'"
    assert rows(engine, events, id=patient.id) == [(3,)]
    assert (now() - began).total_seconds() < 120


def test_no_patients_word_is_in_a_log(system):
    logs = [path for path in (system.folder / "logs").iterdir() if path.is_file()]
    assert len(logs) >= 4
    for word in (CANARY, "urinate", "lie flat"):
        assert [path.name for path in logs if word.encode() in path.read_bytes()] == []


def test_what_it_keeps_on_the_disk_is_its_owners_alone(system):
    written = [*system.folder.glob("logs/*"), *system.folder.glob("spool/*"), system.folder / "run"]
    assert [path.name for path in written if os.stat(path).st_mode & 0o077] == []
