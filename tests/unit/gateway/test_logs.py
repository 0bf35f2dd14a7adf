"""No patient's word in any log, whatever happens to the message."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from patchline.gateway import logs

from .conftest import Patient
from .test_failures import locked

CANARY = "zebrafish-canary-9471"


@pytest.fixture
def logged(caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "patchline.gateway", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    return caplog


def everything(logged, capfd):
    """Every record, formatted with its traceback as any handler might, and all that was printed."""
    formatter = logging.Formatter("%(name)s %(message)s")
    captured = capfd.readouterr()
    return "\n".join(formatter.format(record) for record in logged.records) + captured.out + captured.err


def lines(logged):
    return [json.loads(record.getMessage()) for record in logged.records if record.name == "patchline.gateway"]


def test_a_request_is_one_line_with_ids_and_without_text(patient, logged, capfd):
    patient.says(f"How long? {CANARY}")
    (line,) = [line for line in lines(logged) if line.get("message")]
    assert line.pop("ms") >= line.pop("rasa_ms") > 0
    assert line == {
        "event": "request",
        "method": "POST",
        "route": "/api/conversations/{id}/messages",
        "status": 200,
        "conversation": patient.id,
        "message": "m1",
        "topic": "faq/lie_flat",
        "repeated": False,
    }
    assert CANARY not in everything(logged, capfd)


@pytest.mark.parametrize("mode", ["500", "empty", "garbage", "shape"])
def test_a_fallback_logs_its_reason_only(patient, rasa, logged, capfd, mode):
    rasa.mode = mode
    patient.says(CANARY)
    assert lines(logged)[-1]["reason"] == {"empty": "empty"}.get(mode, "error")
    assert CANARY not in everything(logged, capfd)


def test_an_internal_error_is_a_500_and_logs_its_type_and_place_only(patient, client, logged, capfd, monkeypatch):
    async def fails(*args):
        raise RuntimeError(f"could not handle {args[1].text!r}")

    monkeypatch.setattr(client.app.state.parts.conversations, "say", fails)
    response = patient.send(text=CANARY)
    assert response.status_code == 500
    assert response.json()["line"] == "(202) 555-0142"
    assert CANARY not in response.text
    assert "Traceback" not in response.text
    (error,) = [line for line in lines(logged) if line["event"] == "internal_error"]
    assert error["error"] == "RuntimeError"
    assert "api.py:" in error["at"]
    assert CANARY not in everything(logged, capfd)


def test_database_errors_of_every_kind_log_no_text(patient, client, settings, logged, capfd):
    engine = client.app.state.parts.journal.engine
    with locked(settings):
        patient.says(CANARY)
    with engine.begin() as db:
        db.exec_driver_sql("CREATE TRIGGER refuse BEFORE INSERT ON messages BEGIN SELECT RAISE(ABORT, 'refused'); END")
    patient.says(f"{CANARY} again")
    with engine.begin() as db:
        db.exec_driver_sql("DROP TABLE messages")
    patient.says(f"{CANARY} once more")
    errors = {line["error"] for line in lines(logged) if line["event"] == "journal_failed"}
    assert {"OperationalError", "IntegrityError"} <= errors
    assert CANARY not in everything(logged, capfd)


def test_words_in_the_wrong_place_are_not_logged_either(client, patient, logged, capfd):
    client.get(f"/api/conversations/{CANARY}", headers=patient.headers)
    client.get(f"/{CANARY}?q={CANARY}", headers={"Authorization": f"Bearer {CANARY}", "User-Agent": CANARY})
    client.request(CANARY.upper(), "/")
    patient.send(text="hi", **{CANARY: 1})
    patient.send(text="hi", message_id=f"{CANARY} {CANARY}")
    logged.handler.records[:] = [record for record in logged.records if not record.name.startswith("httpx")]
    assert CANARY not in everything(logged, capfd).lower()


def test_two_messages_at_once_do_not_mix_up_their_lines(client, rasa, logged):
    patients = [Patient(client) for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda patient: patient.says("Hi", message_id=f"of-{patient.id}"), patients))
    said = {(line["conversation"], line["message"]) for line in lines(logged) if "message" in line}
    assert said == {(patient.id, f"of-{patient.id}") for patient in patients}


def test_the_handlers_of_a_server_write_json_lines_and_no_exception_messages(capsys):
    root, own = logging.getLogger(), logging.getLogger("patchline.gateway")
    before = root.handlers, root.level, own.handlers, own.propagate, own.level
    try:
        logs.configure()
        logs.event("request", status=200)
        try:
            raise ValueError(CANARY)
        except ValueError:
            logging.getLogger("some.library").exception("It failed")
    finally:
        root.handlers, root.level, own.handlers, own.propagate, own.level = before
    captured = capsys.readouterr()
    assert json.loads(captured.out)["log"] == {"event": "request", "status": 200}
    assert "some.library: It failed" in captured.err
    assert "ValueError at test_logs.py" in captured.err
    assert CANARY not in captured.err
