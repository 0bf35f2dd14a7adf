from patchline.database.schema import now
from patchline.escalation.health import seen
from patchline.gateway import health


def test_live_needs_nobody(start, closed_port):
    response = start(rasa_port=closed_port).get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "live"})


def test_ready_names_the_model_that_answered(client):
    response = client.get("/health/ready")
    waiting = {"spooled": 0, "unsaved": 0}
    assert (response.status_code, response.json()) == (
        200,
        {"status": "ready", "model": "model-1", "release": 0, "escalations": waiting, "staff": "failing"},
    )


def test_staff_who_are_not_told_fail_a_check_of_their_own_and_not_readiness(client, monkeypatch):
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    response = client.get("/health/escalations")
    assert response.status_code == 503
    assert "No delivery worker is running" in response.json()["detail"]
    seen(client.app.state.parts.journal.engine, "one", now(), now())
    response = client.get("/health/escalations")
    assert (response.status_code, response.json()) == (200, {"status": "well"})
    assert client.get("/health/ready").json()["staff"] == "reached"


def test_a_database_that_is_away_is_no_sign_of_health(client, settings, monkeypatch):
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    seen(client.app.state.parts.journal.engine, "one", now(), now())
    (settings.var / "patchline.db").unlink()
    assert client.get("/health/escalations").status_code == 503


def test_not_ready_is_a_503_that_says_why(start, rasa, closed_port):
    rasa.mode = "500"
    response = start().get("/health/ready")
    assert response.status_code == 503
    assert "(error)" in response.json()["detail"]
    assert "(refused)" in start(rasa_port=closed_port).get("/health/ready").json()["detail"]
    rasa.mode = "hang"
    assert "(timeout)" in start(rasa_timeout_s=0.2).get("/health/ready").json()["detail"]


def test_the_probe_is_asked_once_in_two_seconds(client, rasa, monkeypatch):
    for _ in range(5):
        client.get("/health/ready")
    assert rasa.probed == 1
    monkeypatch.setattr(health, "KEPT_S", 0.0)
    client.get("/health/ready")
    assert rasa.probed == 2


def test_metrics_count_requests_answers_and_latency(patient, client):
    patient.says("How long?")
    page = client.get("/metrics").text
    route = 'route="/api/conversations/{id}/messages"'
    assert f'patchline_requests_total{{method="POST",{route},status="200"}} 1.0' in page
    assert 'patchline_answers_total{topic="faq/lie_flat"} 1.0' in page
    assert "patchline_message_seconds_count 1.0" in page
    assert 'patchline_fallbacks_total{reason="timeout"} 0.0' in page


def test_an_invented_method_or_address_adds_no_label(client):
    client.request("BREW", "/coffee/7")
    page = client.get("/metrics").text
    assert "BREW" not in page
    assert "coffee" not in page


def test_metrics_are_for_this_machine_only(start):
    client = start(trusted_proxies=("127.0.0.1",))
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 200


def test_a_forwarded_request_is_not_of_this_machine_though_nobody_named_the_proxy(client):
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
