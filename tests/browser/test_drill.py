"""The whole way of a warning sign, as those see it who are in it: patient, contact and nurse; every part is real.

`PATCHLINE_PICTURES=docs/pictures python -m pytest tests/browser/test_drill.py` takes the pictures of the documents.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.answers import ROOT
from tests.desk import PASSWORD, fill_sign_in
from tests.receivers import SmtpReceiver
from tests.system import System, wait_for

PHONE = {"width": 390, "height": 844}
LINK = re.compile(r"http://[^\s<]+/desk/ack/[\w.-]+")
AT_ONCE_MS = 15_000


@pytest.fixture(scope="module")
def smtp():
    server = SmtpReceiver()
    yield server
    server.close()


@pytest.fixture(scope="module")
def clinic(archive, smtp, tmp_path_factory):
    """An installation whose first contact gets e-mail, with one nurse who may sign in."""
    folder = tmp_path_factory.mktemp("drill")
    content = shutil.copytree(ROOT / "content", folder / "content")
    told = (content / "clinic.yml").read_text().replace("channels: [log]", "channels: [nurse-mail]")
    (content / "clinic.yml").write_text(told)
    channels = folder / "channels.yml"
    channels.write_text(f"nurse-mail:\n  apprise: {smtp.url}\n")
    models = str(archive.parent)
    running = System(folder, PATCHLINE_MODELS=models, PATCHLINE_CONTENT=str(content), PATCHLINE_CHANNELS=str(channels))
    running.start()
    add = ["-m", "patchline.cli", "staff", "add", "dana", "--name", "Dana Reyes", "--password-stdin"]
    subprocess.run(
        [sys.executable, *add], cwd=ROOT, env=running.environment, input=PASSWORD, text=True, check=True, timeout=60
    )
    yield running
    running.stop()


@pytest.fixture
def open_page(browser):
    contexts = []

    def open_page(address, **viewport):
        contexts.append(browser.new_context(viewport=viewport or PHONE))
        page = contexts[-1].new_page()
        page.set_default_timeout(AT_ONCE_MS)
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def picture(page, name):
    if folder := os.environ.get("PATCHLINE_PICTURES"):
        page.screenshot(path=Path(folder) / f"drill-{name}.png", animations="disabled")


def text_of(mail):
    return "\n".join(part.get_payload(decode=True).decode() for part in mail.walk() if not part.is_multipart())


def test_a_warning_sign_reaches_a_person_and_the_patient_sees_it(clinic, smtp, open_page):
    queue = open_page(f"{clinic.base_url}/desk", width=1280, height=900)
    fill_sign_in(queue, "dana")
    expect(queue.get_by_text("No ticket waits for anybody.")).to_be_visible()

    chat = open_page(clinic.base_url)
    chat.get_by_role("button", name="Ask Patchline").click()
    chat.get_by_role("textbox").fill("my legs went numb and I can't pee")
    chat.get_by_role("textbox").press("Enter")
    log = chat.get_by_role("log")
    expect(log).to_contain_text("911")
    expect(log).to_contain_text("Sent to the clinic")
    said = log.inner_text()
    assert said.index("automated assistant") < said.index("my legs went numb")  # also when it was typed at once
    assert "Seen by a nurse" not in said
    picture(chat, "1-sent")

    row = queue.locator("[id^=row-]")
    expect(row).to_contain_text("Emergency")  # without a reload
    expect(row).to_contain_text("my legs went numb and I can't pee")
    picture(queue, "2-queue")

    wait_for(lambda: bool(smtp.received), 30)
    told = text_of(smtp.received[0])
    assert "emergency" in told.lower()
    assert not re.search("numb|pee", told)  # an e-mail is read by many

    link = open_page(LINK.search(told)[0])
    assert "Seen by a nurse" not in log.inner_text()  # a preview of the link acknowledges nothing
    link.get_by_label("Who are you?").fill("Maria Lopez")
    picture(link, "3-link")
    link.get_by_role("button", name="I have it").click()
    expect(link.get_by_text("You have it, Maria Lopez")).to_be_visible()

    expect(log).to_contain_text("Seen by a nurse")
    picture(chat, "4-seen")
    chat.reload()
    expect(chat.get_by_role("log")).to_contain_text("Seen by a nurse")

    expect(row).to_contain_text("Maria Lopez")
    row.get_by_role("link").first.click()
    expect(queue.get_by_role("heading", name=re.compile("PL-"))).to_be_visible()
    picture(queue, "5-ticket")
    assert len(smtp.received) == 1
