import pytest

from patchline.escalation.channels.channel import Notice
from tests.receivers import HttpReceiver, SmtpReceiver

FACTS = {"event": "notice", "delivery": 7, "reference": "PL-7K3F9", "kind": "red_flag", "tier": "emergency"}


@pytest.fixture
def notice():
    return Notice(7, "EMERGENCY (PL-7K3F9)", "A patient describes an emergency sign.\nOpen: https://x.example/a", FACTS)


@pytest.fixture
def http():
    server = HttpReceiver()
    yield server
    server.close()


@pytest.fixture
def smtp():
    server = SmtpReceiver()
    yield server
    server.close()
