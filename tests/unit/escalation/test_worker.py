"""The worker on a real database of each kind; the clock is ours, and in most tests the channels."""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from patchline.chain import Contact
from patchline.database import engines
from patchline.database.schema import now as clock
from patchline.escalation import desk_api, outbox
from patchline.escalation.channels.by_apprise import AppriseChannel
from patchline.escalation.channels.channel import SendError
from patchline.escalation.channels.webhook import Webhook, verify
from patchline.escalation.health import read_health
from patchline.escalation.links import Links
from patchline.escalation.tickets import open_ticket, open_wish
from patchline.escalation.worker import SENDERS, Worker
from patchline.settings import ROOT
from tests.receivers import HttpReceiver, SmtpReceiver

SECRET = "k" * 40


class Recorder:
    """A channel of the tests' own: keeps what it was given, or fails as it is told."""

    def __init__(self, name, private=False):
        self.name, self.private, self.error, self.notices = name, private, None, []

    def send(self, notice, now):
        if self.error:
            raise self.error
        self.notices.append(notice)


class Clinic:
    """A worker, its channels and a clock that moves when it is told to."""

    def __init__(self, engine, chain):
        self.engine, self.time = engine, clock()
        self.sms, self.mail, self.pager = Recorder("sms"), Recorder("mail"), Recorder("pager", private=True)
        self.channels = {channel.name: channel for channel in (self.sms, self.mail, self.pager)}
        self.links = Links(SECRET, "https://chat.clinic.example")
        self.worker = Worker(engine, chain, self.channels, self.links, now=lambda: self.time)

    def after(self, minutes=0.0):
        """Let time pass, and the worker do all that is due then."""
        self.time = max(self.time, clock()) + timedelta(minutes=minutes)
        while self.worker.round():
            self.worker.settle()

    def called(self, reference):
        """Who was called, one entry for each step."""
        steps = {sending.step: sending.contact for sending in desk_api.sendings_of(self.engine, reference)}
        return [steps[number] for number in sorted(steps)]


@pytest.fixture
def clinic(engine, chain):
    clinic = Clinic(engine, chain)
    yield clinic
    clinic.worker.close()


@pytest.fixture
def reference(engine, numb_leg, chain):
    return open_ticket(engine, numb_leg, chain).reference


def test_every_channel_of_the_first_contact_gets_the_message(clinic, reference):
    clinic.after()
    assert (len(clinic.sms.notices), len(clinic.mail.notices), len(clinic.pager.notices)) == (1, 1, 0)
    assert [item.state for item in desk_api.sendings_of(clinic.engine, reference)] == ["sent", "sent"]


def test_a_ticket_that_was_opened_without_a_chain_is_sent_all_the_same(clinic, engine, numb_leg):
    open_ticket(engine, numb_leg)
    clinic.after()
    assert len(clinic.sms.notices) == 1


def test_the_chain_goes_on_until_the_end_says_so_and_begins_again(clinic, reference):
    clinic.after()
    clinic.after(14)
    assert clinic.called(reference) == ["Nurse"]
    clinic.after(2)
    assert clinic.called(reference) == ["Nurse", "Nurse"]
    clinic.after(15)
    assert clinic.called(reference) == ["Nurse", "Nurse", "Doctor"]
    assert not desk_api.ticket(clinic.engine, reference).unanswered
    clinic.after(15)
    assert desk_api.ticket(clinic.engine, reference).unanswered
    assert "nobody has acknowledged" in " ".join(read_health(clinic.engine, clinic.time).problems)
    clinic.after(29)
    assert len(clinic.called(reference)) == 3
    clinic.after(2)
    assert clinic.called(reference) == ["Nurse", "Nurse", "Doctor", "Nurse"]
    assert desk_api.ticket(clinic.engine, reference).unanswered  # red until somebody acknowledges
    desk_api.acknowledge(clinic.engine, reference, "Maria", clinic.time)
    assert not desk_api.ticket(clinic.engine, reference).unanswered
    assert read_health(clinic.engine, clinic.time).exhausted == 0


def test_who_acknowledges_stops_the_chain(clinic, reference):
    clinic.after()
    desk_api.acknowledge(clinic.engine, reference, "Maria", clinic.time)
    clinic.after(600)
    assert clinic.called(reference) == ["Nurse"]
    assert len(clinic.sms.notices) == 1


def test_a_reopened_ticket_is_called_out_again_from_the_first_contact(clinic, reference):
    clinic.after()
    desk_api.resolve(clinic.engine, reference, "Maria", clinic.time, "done")
    desk_api.reopen(clinic.engine, reference, "Maria", clinic.time)
    clinic.after()
    assert clinic.called(reference) == ["Nurse", "Nurse"]
    clinic.after(15)
    clinic.after(15)
    assert clinic.called(reference) == ["Nurse", "Nurse", "Nurse", "Doctor"]


def test_a_contact_whose_channels_all_fail_for_good_is_passed_over_at_once(clinic, reference):
    clinic.sms.error = clinic.mail.error = SendError("smtp_550", permanent=True)
    clinic.after()
    clinic.after()
    assert clinic.called(reference) == ["Nurse", "Doctor"]
    assert len(clinic.pager.notices) == 1


def test_a_channel_that_is_down_for_a_while_delivers_when_it_is_back(clinic, reference):
    clinic.sms.error = clinic.mail.error = SendError("http_503")
    for _ in range(3):
        clinic.after(0.2)
    assert clinic.sms.notices == []
    assert read_health(clinic.engine, clinic.time).failing == ("mail", "sms")
    clinic.sms.error = clinic.mail.error = None
    clinic.after(2)
    assert (len(clinic.sms.notices), len(clinic.mail.notices)) == (1, 1)
    assert read_health(clinic.engine, clinic.time).failing == ()


def test_a_channel_that_the_book_does_not_have_is_a_final_error(clinic, reference):
    del clinic.channels["sms"], clinic.channels["mail"]
    clinic.after()
    clinic.after()
    assert len(clinic.pager.notices) == 1
    assert desk_api.sendings_of(clinic.engine, reference)[0].last_code == "unknown_channel"


def test_a_fault_in_a_channel_is_tried_again_and_stops_nobody(clinic, reference, caplog):
    clinic.sms.error = ZeroDivisionError("leg is numb")
    with caplog.at_level(logging.INFO):
        clinic.after()
    assert len(clinic.mail.notices) == 1
    assert desk_api.sendings_of(clinic.engine, reference)[0].last_code == "internal_error"
    assert "leg is numb" not in caplog.text


def test_a_notice_says_no_more_than_the_tier_unless_only_the_contact_reads_it(clinic, engine, numb_leg, wish, chain):
    open_ticket(engine, numb_leg, chain)
    open_wish(engine, wish, chain)
    clinic.after()
    clinic.after(3000)
    public = [notice.title + notice.body + json.dumps(notice.facts) for notice in clinic.sms.notices]
    assert len(public) >= 2
    for text in public:
        for private in ("leg", "numb", "numb_weak", "555-0142", "+12025550142", "Ana", "after 3"):
            assert private not in text
    open_ticket(engine, numb_leg, chain)
    clinic.after(3000)
    told = " ".join(notice.body for notice in clinic.pager.notices)
    assert "leg is numb" in told
    assert "+12025550142" in told


def test_the_link_of_a_notice_names_ticket_and_contact_and_is_signed(clinic, reference):
    clinic.after()
    address = clinic.sms.notices[0].facts["link"]
    assert address in clinic.sms.notices[0].body
    assert address.startswith("https://chat.clinic.example/desk/ack/")
    link = clinic.links.verify(address.rpartition("/")[2])
    assert (link.reference, link.contact) == (reference, "Nurse")


def test_no_patients_word_reaches_the_workers_log(clinic, reference, caplog):
    with caplog.at_level(logging.DEBUG):
        clinic.after()
        clinic.after(60)
    assert reference in caplog.text
    assert "numb" not in caplog.text


def test_a_database_that_is_away_for_a_while_does_not_end_the_worker(engine, numb_leg, chain, held, caplog):
    sms = Recorder("sms")
    worker = Worker(engine, chain, {"sms": sms, "mail": Recorder("mail")}, Links(SECRET))
    open_ticket(engine, numb_leg)
    with caplog.at_level(logging.ERROR), held():
        thread = threading.Thread(target=worker.run)
        thread.start()
        time.sleep(1.5)
        assert sms.notices == []
    deadline = time.monotonic() + 10
    while not sms.notices and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.stop()
    thread.join(10)
    assert len(sms.notices) == 1
    assert read_health(engine, clock()).workers == 0  # it has taken its name away


def test_two_workers_side_by_side_never_send_the_same_at_the_same_time(url, engine, changed, chain):
    receiver = HttpReceiver()
    receiver.before_answer = lambda: time.sleep(0.01)
    for number in range(20):
        open_ticket(engine, changed(conversation_id=f"c{number}"), chain)
    several = []
    for _ in range(2):
        own = engines.make_engine(url)
        hooks = {name: Webhook(name, f"{receiver.url}/{name}", SECRET) for name in ("sms", "mail", "pager")}
        several.append(Worker(own, chain, hooks, Links(SECRET)))
    threads = [threading.Thread(target=worker.run) for worker in several]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 30
    while len(receiver.received) < 40 and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.5)
    for worker in several:
        worker.stop()
    for thread in threads:
        thread.join(10)
    for worker in several:
        worker.engine.dispose()
    receiver.close()
    numbers = [request.headers["Patchline-Delivery"] for request in receiver.received]
    assert len(numbers) == len(set(numbers)) == 40
    assert all(verify(SECRET, request.headers, request.body, clock()) for request in receiver.received)
    assert 1 < receiver.most_at_once <= 2 * SENDERS


@pytest.fixture
def installation(tmp_path, url):
    """The environment of a real worker process whose only channel is a real HTTP server."""
    receiver = HttpReceiver()
    (tmp_path / "channels.yml").write_text(f"hook:\n  webhook: {receiver.url}/hook\n  secret: {SECRET}\n")
    content = tmp_path / "content"
    content.mkdir()
    clinic = (ROOT / "content" / "clinic.yml").read_text().replace("channels: [log]", "channels: [hook]")
    (content / "clinic.yml").write_text(clinic)
    variables = {
        **os.environ,
        "PATCHLINE_VAR": str(tmp_path / "var"),
        "PATCHLINE_DATABASE_URL": url,
        "PATCHLINE_CONTENT": str(content),
        "PATCHLINE_CHANNELS": str(tmp_path / "channels.yml"),
        "PATCHLINE_SECRET": SECRET,
    }
    yield variables, receiver
    receiver.close()


def start(variables):
    command = [sys.executable, "-m", "patchline.escalation.worker"]
    return subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def wait_until(true, limit_s=30):
    deadline = time.monotonic() + limit_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert true()


def test_a_worker_that_is_killed_while_it_sends_is_made_up_for_by_the_next(engine, installation, numb_leg):
    variables, receiver = installation
    receiver.mode = "hang"
    reference = open_ticket(engine, numb_leg).reference
    first = start(variables)
    wait_until(lambda: receiver.received)
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    assert [item.state for item in desk_api.sendings_of(engine, reference)] == ["leased"]
    receiver.mode = 204
    with engine.begin() as db:  # rather than wait for the minute of the lease
        db.exec_driver_sql("UPDATE deliveries SET lease_until = due_at")
    second = start(variables)
    wait_until(lambda: [item.state for item in desk_api.sendings_of(engine, reference)] == ["sent"])
    second.terminate()
    said, _ = second.communicate(timeout=20)
    assert second.returncode == 0
    assert [json.loads(line)["log"]["event"] for line in said.splitlines()] == [
        "worker_started",
        "sent",
        "worker_stopped",
    ]
    numbers = [request.headers["Patchline-Delivery"] for request in receiver.received]
    assert len(numbers) == 2
    assert len(set(numbers)) == 1  # so that the receiver can tell that it is the same


def test_a_worker_that_is_told_to_stop_finishes_what_it_has_begun(engine, installation, numb_leg):
    variables, receiver = installation
    reference = open_ticket(engine, numb_leg).reference
    receiver.before_answer = lambda: time.sleep(1.0)
    worker = start(variables)
    wait_until(lambda: receiver.received)
    worker.terminate()
    worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert [item.state for item in desk_api.sendings_of(engine, reference)] == ["sent"]


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_contact_that_could_never_be_reached_stops_the_start_with_one_sentence(installation):
    variables, _ = installation
    worker = start({**variables, "PATCHLINE_CHANNELS": ""})
    said, _ = worker.communicate(timeout=30)
    assert worker.returncode == 2
    assert said.count("\n") == 1
    assert "clinic.yml names channels" in said
    assert "hook" in said


def test_what_it_claims_and_finds_acknowledged_is_not_sent(clinic, reference, monkeypatch):
    claims = outbox.claim(clinic.engine, clinic.time, 10)
    desk_api.acknowledge(clinic.engine, reference, "Maria", clinic.time)
    for claim in claims:
        clinic.worker._deliver(claim)
    assert clinic.sms.notices == []
    assert {item.state for item in desk_api.sendings_of(clinic.engine, reference)} == {"cancelled"}


def test_a_mailbox_that_does_not_exist_sends_the_message_to_the_next_contact(engine, numb_leg, chain):
    smtp, receiver = SmtpReceiver(), HttpReceiver()
    smtp.answer = "550 no such mailbox"
    contacts = (Contact("Nurse", ("mail",)), Contact("Doctor", ("hook",)))
    channels = {"mail": AppriseChannel("mail", smtp.url), "hook": Webhook("hook", receiver.url, SECRET)}
    worker = Worker(engine, replace(chain, contacts=contacts), channels, Links(SECRET))
    reference = open_ticket(engine, numb_leg).reference
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        wait_until(lambda: receiver.received)
    finally:
        worker.stop()
        thread.join(30)
        smtp.close()
        receiver.close()
    first, second = desk_api.sendings_of(engine, reference)
    assert (first.contact, first.state, first.last_code) == ("Nurse", "failed", "smtp_550")
    assert (second.contact, second.state) == ("Doctor", "sent")


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_a_database_server_that_is_killed_and_comes_back_loses_nothing(engine, postgres, numb_leg, chain):
    sms = Recorder("sms")
    worker = Worker(engine, chain, {"sms": sms, "mail": Recorder("mail")}, Links(SECRET))
    open_ticket(engine, numb_leg)
    postgres.kill()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        time.sleep(1.0)
        assert sms.notices == []
        postgres.start()
        wait_until(lambda: sms.notices)
    finally:
        worker.stop()
        thread.join(30)
    assert len(sms.notices) == 1
