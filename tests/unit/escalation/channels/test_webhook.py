"""The webhook against a real HTTP server that fails in every way a receiver may."""

import hashlib
import hmac
import json
import time
from datetime import datetime, timedelta

import pytest

from patchline.escalation.channels.channel import SendError
from patchline.escalation.channels.webhook import SIGNATURE, TIMESTAMP, Webhook, signed, verify
from tests.receivers import closed_port

SECRET = "k" * 32
NOW = datetime(2026, 11, 22, 10, 32)


def send(http, notice, **options):
    Webhook("hook", f"{http.url}/patchline", SECRET, **options).send(notice, NOW)


def failure(http, notice, **options):
    with pytest.raises(SendError) as caught:
        send(http, notice, **options)
    error = caught.value
    return error.code, error.permanent, error.retry_after_s


def test_the_receiver_gets_the_facts_and_can_check_who_sent_them(http, notice):
    send(http, notice)
    (request,) = http.received
    assert (request.path, json.loads(request.body)) == ("/patchline", notice.facts)
    assert request.headers["Patchline-Delivery"] == "7"
    assert request.headers["Content-Type"] == "application/json"
    assert verify(SECRET, request.headers, request.body, NOW)


def test_the_signature_is_the_documented_one(http, notice):
    send(http, notice)
    (request,) = http.received
    signed_text = request.headers["Patchline-Timestamp"].encode() + b"." + request.body
    expected = hmac.new(SECRET.encode(), signed_text, hashlib.sha256).hexdigest()
    assert request.headers["Patchline-Signature"] == f"v1={expected}"
    assert request.headers["Patchline-Timestamp"] == "1795343520"  # 2026-11-22 10:32 UTC


def test_another_secret_body_time_or_no_header_at_all_is_refused():
    body = b'{"reference":"PL-7K3F9"}'
    headers = signed(SECRET, body, 7, NOW)
    assert verify(SECRET, headers, body, NOW)
    assert not verify("o" * 32, headers, body, NOW)
    assert not verify(SECRET, headers, body + b" ", NOW)
    assert not verify(SECRET, headers | {TIMESTAMP: str(int(headers[TIMESTAMP]) + 1)}, body, NOW)
    assert not verify(SECRET, headers | {SIGNATURE: "v1="}, body, NOW)
    assert not verify(SECRET, headers | {TIMESTAMP: "²"}, body, NOW)
    assert not verify(SECRET, {}, body, NOW)


@pytest.mark.parametrize(("later_s", "taken"), [(299, True), (301, False), (-299, True), (-301, False)])
def test_a_message_that_is_played_again_after_five_minutes_is_refused(later_s, taken):
    headers = signed(SECRET, b"{}", 7, NOW)
    assert verify(SECRET, headers, b"{}", NOW + timedelta(seconds=later_s)) is taken


@pytest.mark.parametrize("status", [500, 502, 503, 408, 425, 429])
def test_what_may_work_later_is_no_final_error(http, notice, status):
    http.mode = status
    assert failure(http, notice) == (f"http_{status}", False, None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 301, 307])
def test_what_never_will_is_final_and_no_redirect_is_followed(http, notice, status):
    http.mode = status
    assert failure(http, notice) == (f"http_{status}", True, None)
    assert [request.path for request in http.received] == ["/patchline"]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("Sun, 22 Nov 2026 10:33:30 GMT", 90.0), ("Sun, 22 Nov 2026 10:00:00 GMT", 0.0), ("soon", None)],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(http, notice, header, seconds):
    http.mode, http.retry_after = 429, header
    assert failure(http, notice) == ("http_429", False, seconds)


@pytest.mark.parametrize("mode", ["hang", "drip"])
def test_a_receiver_that_hangs_or_never_ends_is_given_up_on(http, notice, mode):
    http.mode = mode
    started = time.monotonic()
    assert failure(http, notice, limit_s=0.6) == ("timeout", False, None)
    assert time.monotonic() - started < 2


def test_a_connection_that_is_cut_or_refused_is_tried_again(http, notice):
    http.mode = "drop"
    assert failure(http, notice) == ("connection_lost", False, None)
    with pytest.raises(SendError) as caught:
        Webhook("hook", f"http://127.0.0.1:{closed_port()}", SECRET).send(notice, NOW)
    assert (caught.value.code, caught.value.permanent) == ("no_connection", False)


def test_a_server_without_tls_behind_https_is_named_as_such(http, notice):
    with pytest.raises(SendError) as caught:
        Webhook("hook", http.url.replace("http:", "https:"), SECRET).send(notice, NOW)
    assert caught.value.code == "tls"


def test_neither_address_nor_secret_stands_in_its_description():
    shown = repr(Webhook("hook", "https://clinic.example/token-123", SECRET))
    assert "token-123" not in shown
    assert SECRET not in shown
