"""A Tuesday morning: what the bot misunderstood is taught at the desk, tried, promoted, asked again in the same chat.

Then a bad edit is refused, and the release is rolled back. Every part is real: chat, desk, training, live switch.
`PATCHLINE_PICTURES=docs/pictures python -m pytest tests/browser/test_tuesday.py` takes the pictures of the
guide and of docs/tuesday.md.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

from patchline.training.model import record_path
from tests.answers import ROOT
from tests.desk import PASSWORD, fill_sign_in
from tests.system import System

pytestmark = pytest.mark.soak

STAFF = {"eddy": ("Eddy Moss", "editor"), "avi": ("Avi Stern", "admin")}
SLANG = "how long is plank time"  # lying flat like one
MINUTES = 60_000  # ms
TRAINING = 15 * MINUTES


@pytest.fixture(scope="module")
def clinic(archive, tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuesday")
    models = folder / "models"
    models.mkdir()
    for file in (archive, record_path(archive)):
        shutil.copy2(file, models)
    running = System(folder, PATCHLINE_MODELS=str(models))
    running.start()
    for login, (name, role) in STAFF.items():
        command(running, "staff", "add", login, "--name", name, "--role", role, "--password-stdin", words=PASSWORD)
    yield running
    running.stop()


def command(clinic, *arguments, words="", code=0):
    """A command of the installation, with its exit code checked. Returns what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "patchline.cli", *arguments],
        cwd=ROOT, env=clinic.environment, input=words, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def sign_in(browser, clinic):
    contexts = []

    def sign_in(login):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        page = contexts[-1].new_page()
        page.goto(f"{clinic.base_url}/desk")
        fill_sign_in(page, login)
        expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
        return page

    yield sign_in
    for context in contexts:
        context.close()


def picture(page, name):
    if folder := os.environ.get("PATCHLINE_PICTURES"):
        page.screenshot(path=Path(folder) / f"tuesday-{name}.png", animations="disabled")


def train(page, what, shown=""):
    """Train and see; returns when the trial is over, at its page."""
    page.get_by_role("navigation", name="Desk").get_by_role("link", name="Models").click()
    page.get_by_label("What is new?").fill(what)
    page.get_by_role("button", name="Train and see").click()
    expect(page.locator("#job .phase")).to_be_visible()
    if shown:
        picture(page, shown)
    page.get_by_role("link", name="See what would change").click(timeout=TRAINING)
    expect(page.get_by_role("heading", name=re.compile(what))).to_be_visible()


def test_a_message_that_was_misunderstood_is_taught_tried_promoted_and_asked_again(clinic, visit, sign_in, capsys):
    times, began = {}, time.monotonic()

    def lap(step):
        nonlocal began
        times[step], began = time.monotonic() - began, time.monotonic()

    patient = visit(clinic.base_url, "phone", quiet=False).open().ask(SLANG)
    answers = patient.log.locator(".msg:not(.mine) .text")
    expect(answers).to_have_count(2)
    misunderstood = answers.last.inner_text()
    assert "lying flat" not in misunderstood
    patient.log.get_by_role("group", name="Was this helpful?").get_by_role("button", name="No").click()
    expect(patient.log).to_contain_text("Thank you")
    picture(patient.page, "1-patient")
    lap("the patient asks, and says that it did not help")

    editor = sign_in("eddy")
    editor.get_by_role("navigation", name="Desk").get_by_role("link", name="Review").click()
    editor.get_by_role("link", name=SLANG).wait_for(timeout=2 * MINUTES)
    picture(editor, "2-review")
    editor.get_by_role("link", name=SLANG).click()
    expect(editor.locator("#chat")).to_contain_text(SLANG)
    editor.get_by_role("searchbox", name="Find a topic").fill("lying flat")
    picture(editor, "3-message")
    editor.get_by_role("button", name="Teach as this topic").click()
    expect(editor.get_by_role("status").first).to_contain_text("Lying flat after it")
    lap("the editor finds it and teaches it")

    train(editor, "Plank means lying flat", "4-training")
    expect(editor.get_by_role("heading", name="It passed its trial")).to_be_visible()
    changed = editor.locator(".changes li", has_text=SLANG)
    expect(changed).to_contain_text("Lying flat after it")
    expect(editor.get_by_role("button", name="Promote")).to_have_count(0)  # that is for an admin
    picture(editor, "5-trial")
    lap("train and see")

    admin = sign_in("avi")
    admin.goto(f"{clinic.base_url}/desk/models/1")
    admin.get_by_role("button", name="Promote").click()
    serves = admin.locator("tr", has_text="answers patients")
    expect(serves).to_contain_text("Release 1", timeout=5 * MINUTES)
    picture(admin, "6-promoted")
    lap("the admin promotes it")

    patient.ask(SLANG)
    expect(answers).to_have_count(3)
    assert "lying flat" in answers.last.inner_text()
    picture(patient.page, "7-patient")
    lap("the patient asks again, in the same chat")

    editor.goto(f"{clinic.base_url}/desk/topics/faq.activity")
    editor.get_by_label("Add sentences").fill(a_warning_sign())
    editor.get_by_role("button", name="Save").click()
    train(editor, "More about activity")
    expect(editor.get_by_role("heading", name="It cannot be promoted")).to_be_visible()
    picture(editor, "8-refused")
    admin.goto(f"{clinic.base_url}/desk/models/2")
    expect(admin.get_by_role("button", name="Promote")).to_have_count(0)
    command(clinic, "promote", "2", code=1)
    lap("a warning sign taught as a question is refused")

    admin.goto(f"{clinic.base_url}/desk/models")
    admin.get_by_role("button", name="Roll back to what was installed").click()
    expect(serves).to_contain_text("As installed", timeout=2 * MINUTES)
    lap("roll back")
    picture(admin, "9-rolled-back")
    patient.ask(SLANG)
    expect(answers).to_have_count(4)
    assert answers.last.inner_text() == misunderstood
    lap("the patient asks a third time")
    with capsys.disabled():
        print("\nA Tuesday morning:", *(f"{seconds:6.1f} s  {step}" for step, seconds in times.items()), sep="\n")


def a_warning_sign():
    """A sentence that is taught as a warning sign already."""
    text = (ROOT / "data" / "safety" / "clinic.yml").read_text()
    return re.search(r"^    - (my leg .+)$", text, re.MULTILINE)[1]
