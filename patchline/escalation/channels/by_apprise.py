"""A channel by Apprise: e-mail, SMS, Teams, Slack, PagerDuty and a hundred more, each named by one URL.

Every message is sent by a process of its own (`apprise_send`). It can be ended when it takes too long, which a thread
cannot, so that no message is ever sent by two at once; and a service's library cannot take the worker down with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime

from patchline.escalation.channels.channel import SEND_LIMIT_S, Notice, SendError
from patchline.settings import ROOT


@dataclass(frozen=True)
class AppriseChannel:
    """One Apprise URL, e.g. "mailtos://user:password@example.org?to=nurse@example.org"."""

    name: str
    url: str = field(repr=False)
    private: bool = False
    limit_s: float = SEND_LIMIT_S

    def send(self, notice: Notice, now: datetime) -> None:
        message = {"url": self.url, "title": notice.title, "body": notice.body}
        asked = json.dumps(message | {"now": now.isoformat(), "parent": os.getpid()})
        try:
            done = subprocess.run(
                [sys.executable, "-m", "patchline.escalation.channels.apprise_send"],
                input=asked,  # not an argument: those can be read by everybody on the machine
                capture_output=True,
                text=True,
                timeout=self.limit_s,
                cwd=ROOT,
            )
            answer = json.loads(done.stdout)
        except subprocess.TimeoutExpired:
            raise SendError("timeout") from None
        except ValueError:
            raise SendError("sender_died") from None
        if answer["code"] != "sent":
            raise SendError(answer["code"], answer["permanent"], answer["retry_after_s"])
