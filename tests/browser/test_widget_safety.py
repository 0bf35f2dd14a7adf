"""Warnings that stand out and stay, replies that mean harm, and strict host pages."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.chat import SECONDS
from tests.browser.gateways import Gateway
from tests.system import free_ports

HOSTILE = "<img src=x onerror='document.title=\"owned\"'><script>document.title='owned'</script><b>Call 555</b>"


# --- warnings ---


@pytest.mark.parametrize(
    ("text", "tier", "first"),
    [
        ("my legs went numb and i cant pee", "emergency", "Call 911"),
        ("i want to kill myself", "crisis", "Call 988"),
        ("my headache came back after the patch", "clinic", "Call (202) 555-0142"),
    ],
)
def test_a_warning_stands_out_by_words_and_form_and_its_numbers_stay(gateway, visit, text, tier, first):
    chat = visit(gateway.url, "phone").open().ask(text)
    expect(chat.log.locator(f".flag[data-tier={tier}]")).to_be_visible()
    expect(chat.strip).to_have_attribute("data-tier", tier)
    expect(chat.strip.get_by_role("link").first).to_have_text(first)
    expect(chat.strip.get_by_role("link").last).to_have_text("Call (202) 555-0142")
    assert len(chat.strip.locator("p").inner_text()) > 10  # not by colour alone
    expect(chat.log.get_by_role("group", name="Was this helpful?")).to_have_count(0)


def test_a_later_worse_warning_takes_the_place_of_the_first(gateway, visit):
    chat = visit(gateway.url).open().ask("my headache came back after the patch")
    expect(chat.strip).to_have_attribute("data-tier", "clinic")
    chat.ask("now my legs are numb and i cant pee")
    expect(chat.strip).to_have_attribute("data-tier", "emergency")


def test_the_host_page_hears_of_it_without_a_word_of_it(gateway, visit):
    chat = visit(gateway.url, "phone")
    chat.page.evaluate(
        """() => {
          window.heard = [];
          for (const name of ['ready', 'open', 'close', 'message', 'escalation'])
            document.addEventListener(`patchline-${name}`, (event) => window.heard.push([name, event.detail]));
        }"""
    )
    chat.open().ask("my legs went numb and i cant pee")
    expect(chat.log).to_contain_text("Sent to the clinic at")
    chat.panel.get_by_role("button", name="Close the chat").click()
    assert chat.page.evaluate("window.heard") == [
        ["open", None],
        ["message", {"from": "bot"}],
        ["message", {"from": "patient"}],
        ["message", {"from": "bot"}],
        ["escalation", None],
        ["message", {"from": "clinic"}],
        ["close", None],
    ]


# --- a reply that means harm ---


def test_text_is_only_ever_text_and_a_link_that_runs_is_no_link(gateway, visit):
    hostile = [
        HOSTILE,
        "javascript:document.title='owned'",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//evil.example",
    ]
    message = {
        "text": HOSTILE,
        "topic": 'faq/"><img src=x onerror=alert(1)>',
        "sources": [{"id": HOSTILE, "section": HOSTILE, "quote": HOSTILE}],
        "buttons": [{"title": HOSTILE, "choice": HOSTILE}],
        "links": [{"title": HOSTILE, "href": href} for href in hostile]
        + [{"title": "Good", "href": "https://good.example/"}],
    }
    chat = visit(gateway.url).open()
    chat.page.route(
        "**/messages", lambda route: route.fulfill(json={"messages": [message], "escalation": None}), times=1
    )
    chat.ask(HOSTILE)
    expect(chat.log.get_by_role("button", name="<img src=x")).to_be_visible()
    assert chat.page.locator("patchline-chat").evaluate(
        "chat => chat.shadowRoot.querySelector('img, script, b') === null"
    )
    assert chat.log.locator(".msg").last.locator("a").evaluate_all("links => links.map(link => link.href)") == [
        "https://good.example/"
    ]
    chat.log.get_by_text("From:").last.click()
    chat.page.wait_for_timeout(300)
    assert chat.page.title() != "owned"
    assert HOSTILE in chat.said


def test_an_unknown_tier_or_an_empty_reply_breaks_nothing(gateway, visit):
    chat = visit(gateway.url).open()
    odd = {"text": "Call us.", "topic": "red_flag/unheard_of"}
    chat.page.route("**/messages", lambda route: route.fulfill(json={"messages": [odd], "escalation": None}), times=1)
    chat.ask("one")
    expect(chat.log).to_contain_text("Call us.")
    expect(chat.strip).to_be_visible()
    chat.ask("two")
    expect(chat.log).to_contain_text("30 to 60 minutes")


# --- a page of another origin ---


PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A clinic's page</title>
<style nonce="n">p {{ max-width: 20em }} a, button {{ color: red !important; font-size: 50px !important; }}</style>
<script type="module" src="{server}/patchline.js"></script></head>
<body><h1>Welcome</h1>
<patchline-chat name="Nora" corner="left" theme="dark"><a href="tel:+12025550142">Call us</a></patchline-chat>
</body></html>"""
STRICT = "default-src 'none'; style-src 'nonce-n'; script-src {server}; connect-src {server}"


@pytest.fixture
def embedder(tmp_path, stand_in):
    """A page of another origin under a strict Content-Security-Policy, and the gateway that it may use."""
    page_port, other_port = free_ports(2)
    gateway = Gateway(tmp_path, stand_in, PATCHLINE_ALLOWED_ORIGINS=f"http://127.0.0.1:{page_port}")

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            body = PAGE.format(server=gateway.url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Security-Policy", STRICT.format(server=gateway.url))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    sites = [ThreadingHTTPServer(("127.0.0.1", port), Site) for port in (page_port, other_port)]
    for site in sites:
        threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    gateway.start()
    yield gateway, *(f"http://127.0.0.1:{port}/" for port in (page_port, other_port))
    gateway.stop()
    for site in sites:
        site.shutdown()
        site.server_close()


def test_a_page_of_another_origin_with_a_strict_policy_has_the_whole_chat(embedder, visit, rasa):
    _, allowed, _ = embedder
    chat = visit(allowed)
    page = chat.page
    page.get_by_role("button", name="Ask Nora").click()
    panel = page.get_by_role("dialog", name="Ask Nora")
    expect(panel.get_by_role("link", name="Call the clinic")).to_be_visible()
    chat.ask("how long?")
    expect(chat.log).to_contain_text("30 to 60 minutes")
    chat.log.get_by_role("button", name="Yes").click()
    expect(chat.log).to_contain_text("Thank you")
    assert panel.bounding_box()["x"] < 50
    assert panel.evaluate("panel => getComputedStyle(panel).backgroundColor") == "rgb(23, 35, 42)"  # dark, and styled
    assert chat.field.evaluate("field => getComputedStyle(field).fontSize") == "16px"  # not by the page's rules
    chat.page.reload()
    expect(chat.log).to_contain_text("30 to 60 minutes")


def test_a_page_that_may_not_use_the_chat_shows_the_link_inside_the_tag(embedder, browser):
    page = browser.new_page()
    page.goto(embedder[2])
    expect(page.get_by_role("link", name="Call us")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    page.close()


def test_the_numbers_are_there_on_a_page_that_was_visited_before_while_the_server_is_away(embedder, visit):
    gateway, allowed, _ = embedder
    chat = visit(allowed, quiet=False)
    gateway.kill()
    chat.page.goto(allowed)  # not a reload, which would ask for the script anew
    chat.page.get_by_role("button", name="Ask Nora").click()
    expect(chat.page.get_by_role("dialog").locator(".call")).to_be_visible()
    expect(chat.notice.locator("a[href='tel:911']")).to_be_visible(timeout=8 * SECONDS)
