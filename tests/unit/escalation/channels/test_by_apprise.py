"""Apprise against a real SMTP server and a real HTTP server, each message by a process of its own."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime

import psutil
import pytest

from patchline.escalation.channels.by_apprise import AppriseChannel
from patchline.escalation.channels.channel import SendError
from tests.receivers import closed_port

NOW = datetime(2026, 11, 22, 10, 32)


def failure(notice, url, **options):
    with pytest.raises(SendError) as caught:
        AppriseChannel("nurse", url, **options).send(notice, NOW)
    return caught.value.code, caught.value.permanent, caught.value.retry_after_s


def json_url(http):
    return http.url.replace("http://", "json://")


def test_a_mail_arrives_with_title_and_body(smtp, notice):
    AppriseChannel("nurse", smtp.url).send(notice, NOW)
    (mail,) = smtp.received
    text = "".join(part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart())
    assert mail["Subject"] == notice.title
    assert "nurse@clinic.example" in mail["To"]
    assert "A patient describes an emergency sign." in text
    assert "https://x.example/a" in text
    assert text.count("\n") > notice.body.count("\n")  # a line of the message is a line of the mail


@pytest.mark.parametrize(
    ("answer", "code", "permanent"),
    [("550 no such mailbox", "smtp_550", True), ("451 try again", "smtp_451", False), ("421 busy", "smtp_421", False)],
)
def test_a_mail_server_says_whether_another_attempt_makes_sense(smtp, notice, answer, code, permanent):
    smtp.answer = answer
    assert failure(notice, smtp.url) == (code, permanent, None)
    assert smtp.received == []


def test_a_mail_server_that_hangs_is_given_up_on_and_nothing_of_the_sender_is_left(smtp, notice):
    smtp.answer = "hang"
    others = psutil.Process().children(recursive=True)
    started = time.monotonic()
    assert failure(notice, smtp.url, limit_s=4) == ("timeout", False, None)
    assert time.monotonic() - started < 6
    assert set(psutil.Process().children(recursive=True)) <= set(others)


def test_a_mail_server_that_drops_the_connection_or_is_not_there_is_tried_again(smtp, notice):
    smtp.answer = "drop"
    assert failure(notice, smtp.url) == ("no_connection", False, None)
    gone = f"mailto://127.0.0.1:{closed_port()}?mode=insecure&from=a@clinic.example&to=b@clinic.example"
    assert failure(notice, gone) == ("no_connection", False, None)


def test_a_service_by_http_gets_the_message(http, notice):
    AppriseChannel("room", json_url(http)).send(notice, NOW)
    (request,) = http.received
    assert b"A patient describes an emergency sign." in request.body


@pytest.mark.parametrize(
    ("status", "header", "expected"),
    [
        (500, None, ("http_500", False, None)),
        (429, "45", ("http_429", False, 45.0)),
        (401, None, ("http_401", True, None)),
        (404, None, ("http_404", True, None)),
    ],
)
def test_the_answer_of_a_service_says_what_becomes_of_the_message(http, notice, status, header, expected):
    http.mode, http.retry_after = status, header
    assert failure(notice, json_url(http)) == expected


def test_a_service_that_drops_the_connection_is_tried_again(http, notice):
    http.mode = "drop"
    assert failure(notice, json_url(http)) == ("no_connection", False, None)


@pytest.mark.parametrize("url", ["nosuchservice://x", "mailto://", "plain text"])
def test_an_address_that_apprise_does_not_know_is_final(notice, url):
    assert failure(notice, url) == ("bad_address", True, None)


def test_the_address_is_not_on_the_command_line_of_the_sender(http, notice):
    seen = []

    def look():
        for child in psutil.Process().children():
            with suppress(psutil.Error):  # one of an earlier test that has just ended
                seen.append(" ".join(child.cmdline()))

    http.before_answer = look
    AppriseChannel("room", json_url(http) + "/?token=hush").send(notice, NOW)
    assert any("apprise_send" in line for line in seen)
    assert not any("hush" in line or "json://" in line for line in seen)


def test_a_sender_ends_with_the_worker_that_was_killed(http, notice):
    http.mode = "hang"
    program = (
        "from patchline.escalation.channels.by_apprise import AppriseChannel\n"
        "from patchline.escalation.channels.channel import Notice\n"
        "from datetime import datetime\n"
        f"AppriseChannel('x', {json_url(http)!r}).send(Notice(1, 't', 'b'), datetime(2026, 11, 22))"
    )
    worker = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    deadline = time.monotonic() + 20
    while not http.received and time.monotonic() < deadline:
        time.sleep(0.05)
    (sender,) = psutil.Process(worker.pid).children()
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    psutil.wait_procs([sender], timeout=5)
    assert not sender.is_running()
