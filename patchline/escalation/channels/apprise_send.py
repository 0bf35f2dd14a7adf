"""`python -m patchline.escalation.channels.apprise_send`: one message by Apprise, and what became of it.

Reads {"url", "title", "body", "now", "parent"} from standard input and prints {"code", "permanent", "retry_after_s"}.
Apprise itself says only yes or no; why is read from the HTTP answers and from the SMTP errors that come by.
"""

from __future__ import annotations

import json
import logging
import os
import smtplib
import sys
from datetime import datetime
from typing import Any

import apprise
import requests

from patchline.escalation.channels import http_answers
from patchline.escalation.channels.channel import SendError
from patchline.lifeline import stop_with_parent

WAIT_S = 6.0  # for a connection, and for each answer


class Overheard(logging.Handler):
    """The last error that Apprise caught and told its log about, as the exception that it was."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.error: BaseException | None = None
        self.refused: list[int] = []  # SMTP codes of recipients that were refused

    def emit(self, record: logging.LogRecord) -> None:
        self.error = sys.exc_info()[1] or self.error
        if str(record.msg).startswith("SMTP recipient") and isinstance(record.args, tuple):
            self.refused += [part for part in record.args if isinstance(part, int)]


def send(url: str, title: str, body: str, now: datetime) -> None:
    """Returns when the service has taken the message. Raises `SendError`."""
    answers: list[requests.Response] = []
    _listen(answers)
    heard = Overheard()
    logger = logging.getLogger("apprise")
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    sender = apprise.Apprise()
    if not sender.add(_with_limits(url)):
        raise SendError("bad_address", permanent=True)
    # As text: Apprise would otherwise take it for HTML where a service has that, and a mail would be one long line.
    if sender.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT):
        return
    raise _why(answers, heard, now)


def _with_limits(url: str) -> str:
    """The URL with limits for a connection and for an answer, where it has none of its own."""
    limits = [f"{key}={WAIT_S}" for key in ("cto", "rto") if f"{key}=" not in url]
    return url + ("&" if "?" in url else "?") + "&".join(limits) if limits else url


def _listen(answers: list[requests.Response]) -> None:
    """Keeps every HTTP answer of this process, which sends this one message."""
    original = requests.Session.send

    def send_and_keep(self: requests.Session, *args: Any, **kwargs: Any) -> requests.Response:
        answers.append(original(self, *args, **kwargs))
        return answers[-1]

    requests.Session.send = send_and_keep  # type: ignore[method-assign]  # Apprise gives no access to its session


def _why(answers: list[requests.Response], heard: Overheard, now: datetime) -> SendError:
    try:
        if answers:
            http_answers.check(answers[-1].status_code, answers[-1].headers.get("Retry-After"), now)
        codes = heard.refused + _smtp_codes(heard.error)
        if codes:
            # 4xx is "not now" (RFC 5321); one recipient who may still be reached makes it worth another attempt.
            return SendError(f"smtp_{codes[0]}", permanent=all(code >= 500 for code in codes))
        if isinstance(heard.error, TimeoutError | requests.Timeout):
            return SendError("timeout")
        if isinstance(heard.error, OSError | smtplib.SMTPException):
            return SendError("no_connection")
    except SendError as error:
        return error
    return SendError("not_taken")


def _smtp_codes(error: BaseException | None) -> list[int]:
    if isinstance(error, smtplib.SMTPResponseException):
        return [error.smtp_code]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return [code for code, _ in error.recipients.values()]
    return []


def main() -> int:
    stop_with_parent()  # what a worker that was killed has begun must not arrive beside what the next one sends
    asked = json.load(sys.stdin)
    if os.getppid() != asked["parent"]:
        return 1
    answer: dict[str, Any] = {"code": "sent", "permanent": False, "retry_after_s": None}
    try:
        send(asked["url"], asked["title"], asked["body"], datetime.fromisoformat(asked["now"]))
    except SendError as error:
        answer = {"code": error.code, "permanent": error.permanent, "retry_after_s": error.retry_after_s}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
