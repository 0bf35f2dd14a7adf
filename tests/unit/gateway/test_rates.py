import pytest

from patchline.gateway.problems import Problem
from patchline.gateway.rates import Rates, Windows
from patchline.settings import SettingsError

from .conftest import Patient


def test_too_many_messages_are_refused_in_words_that_name_the_line(start, rasa):
    client = start(rate_limit="2/minute")
    patient = Patient(client)
    patient.says("One"), patient.says("Two")
    response = patient.send(text="Three")
    assert response.status_code == 429
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert "this message was not read" in response.json()["detail"]
    assert "(202) 555-0142" in response.json()["detail"]
    assert len(rasa.asked) == 2
    assert Patient(client).says("One")  # another patient is not held back


def test_an_address_may_send_ten_times_as_much_and_then_no_more(start):
    client = start(rate_limit="1/minute")
    statuses = [client.get("/api/conversations/x").status_code for _ in range(11)]
    assert statuses == [401] * 10 + [429]
    assert client.get("/health/live").status_code == 200
    assert client.get("/").status_code == 200


def test_a_proxy_is_believed_only_when_it_is_trusted(start):
    def statuses(client):
        hops = [{"X-Forwarded-For": f"1.2.3.4, 10.0.0.{n}"} for n in range(12)]
        return {client.post("/api/conversations", headers=hop).status_code for hop in hops}

    assert statuses(start(rate_limit="1/minute")) == {201, 429}
    assert statuses(start(rate_limit="1/minute", trusted_proxies=("127.0.0.1",))) == {201}


def test_off_means_no_limit(start):
    client = start(rate_limit="off")
    assert {client.post("/api/conversations").status_code for _ in range(40)} == {201}


@pytest.mark.parametrize("setting", ["", "many", "30", "0/minute", "30/fortnight", "1/second;2/minute", "-1/minute"])
def test_a_limit_that_cannot_be_read_stops_the_start(setting):
    with pytest.raises(SettingsError, match="PATCHLINE_RATE_LIMIT"):
        Rates(setting)


def test_a_window_moves(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("patchline.gateway.rates.time.time", lambda: clock[0])
    rates = Rates("2/minute")
    rates.check_message("a")
    clock[0] += 30
    rates.check_message("a")
    with pytest.raises(Problem) as caught:
        rates.check_message("a")
    assert caught.value.headers == {"Retry-After": "30"}
    clock[0] += 31
    rates.check_message("a")


def test_the_number_of_remembered_keys_is_bounded():
    windows = Windows(keys=10)
    for n in range(100):
        windows.acquire_entry(f"key-{n}", 1, 60)
    assert len(windows.hits) == 10


def test_a_whole_ipv6_network_is_one_sender(start):
    client = start(rate_limit="1/minute", trusted_proxies=("127.0.0.1",))
    hops = [{"X-Forwarded-For": f"2001:db8:1:2::{n:x}"} for n in range(1, 12)]
    statuses = [client.get("/api/conversations/x", headers=hop).status_code for hop in hops]
    assert statuses == [401] * 10 + [429]
    assert client.get("/api/conversations/x", headers={"X-Forwarded-For": "2001:db8:1:3::1"}).status_code == 401


def test_few_conversations_are_begun_from_one_network_and_the_refusal_names_the_line(start):
    client = start(rate_limit="1/minute")
    answers = [client.post("/api/conversations") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201] * 3 + [429]
    assert "(202) 555-0142" in answers[-1].json()["detail"]


def test_all_networks_together_have_a_ceiling(start):
    client = start(rate_limit="1/minute", trusted_proxies=("127.0.0.1",))
    hops = [{"X-Forwarded-For": f"203.0.{n}.1"} for n in range(70)]
    statuses = [client.get("/api/conversations/x", headers=hop).status_code for hop in hops]
    assert statuses == [401] * 60 + [429] * 10


def test_a_ticket_knows_its_network_by_a_hash_and_no_address_is_kept(start, tmp_path):
    client = start(rate_limit="30/minute", trusted_proxies=("127.0.0.1",))
    for number, address in enumerate(("203.0.113.7", "203.0.113.99", "198.51.100.7")):
        client.headers["X-Forwarded-For"] = address
        assert Patient(client).send(text="my left leg is numb since the patch").json()["escalation"]["reference"], (
            number
        )
    with client.app.state.parts.journal.engine.connect() as db:
        networks = db.exec_driver_sql("SELECT network FROM tickets ORDER BY id").scalars().all()
    assert networks[0] == networks[1] != networks[2]
    assert all(len(network) == 8 for network in networks)
    assert not any(b"203.0.113" in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
