"""Chromium from the distribution, driven by Playwright; gateways with a stand-in for Rasa."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

from patchline import content as contents
from patchline.settings import ROOT
from tests.browser import chat
from tests.browser.gateways import Gateway, answer
from tests.desk import DeskSystem
from tests.unit.gateway.conftest import StandIn

CHROMIUM = os.environ.get("PATCHLINE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]
expect.set_options(timeout=15_000)  # ms; the parts are real, and the machine may be busy


@pytest.fixture(scope="module")  # not longer: while Playwright runs, nothing else in this thread can use asyncio
def browser():
    assert CHROMIUM, "the browser tests need Chromium: apt-get install chromium, or set PATCHLINE_CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def content():
    return contents.load(ROOT / "content")


@pytest.fixture(scope="module")
def stand_in():
    stand_in = StandIn()
    yield stand_in
    stand_in.close()


@pytest.fixture
def rasa(stand_in):
    """The stand-in for Rasa, with the same answer for everything until a test changes it."""
    stand_in.message, stand_in.mode, stand_in.delay_s, stand_in.nlu = answer(), "answer", 0.0, None
    stand_in.asked.clear()
    return stand_in


@pytest.fixture(scope="module")
def running(tmp_path_factory, stand_in):
    gateway = Gateway(tmp_path_factory.mktemp("gateway"), stand_in)
    gateway.start()
    yield gateway
    gateway.stop()


@pytest.fixture
def gateway(running, rasa):
    """A gateway that runs when the test begins, whatever the one before did to it."""
    running.thaw()
    if not running.lives():
        running.start()
    return running


@pytest.fixture
def visit(browser):
    """`visit(url, window, **options)`: a new visitor; closed after the test. `quiet` ones may have no complaints."""
    visitors = []

    def visit(url, window="desk", quiet=True, **options):
        visitor = chat.visit(browser, url, window, **options)
        visitors.append((visitor, quiet))
        return visitor

    yield visit
    for visitor, _ in visitors:
        visitor.page.context.close()
    assert [problem for visitor, quiet in visitors if quiet for problem in visitor.problems] == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A gateway with the desk and no Rasa, in a process of its own. A module may have another one."""
    running = DeskSystem(tmp_path_factory.mktemp("desk"))
    running.start()
    yield running
    running.close()


@pytest.fixture
def open_page(browser, desk, request):
    """`open_page(width=390)`: a browser of somebody's own; nothing on its pages may fail or be fetched elsewhere.

    Nor may its console say what a module's `HEEDED` stands in; without one, that a policy refused something.
    """
    contexts, problems = [], []
    heeded = getattr(request.module, "HEEDED", "Content Security Policy")

    def open_page(width=1280, scripts=True):
        context = browser.new_context(viewport={"width": width, "height": 844}, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if heeded in said.text else None)
        page.on("request", lambda asked: problems.append(asked.url) if desk.base_url not in asked.url else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
