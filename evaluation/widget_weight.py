"""`python -m evaluation.widget_weight`: what a chat adds to a page, ours beside two others, in WIDGET.md.

One page is loaded bare and with each chat in turns, in real Chromium with an empty cache, from the loopback and
gzipped. The others come from npm with their own built files, checked by hash and never committed. Figures are medians
less those of the bare page.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from evaluation import machine, readme
from evaluation.progress import Line
from evaluation.table import table
from patchline import content
from patchline.gateway.widget import Script
from patchline.settings import ROOT

PATH = Path(__file__).parent / "WIDGET.md"
LOADS, SETTLE_MS = 9, 1500
QUIET = ["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
PAGE = "<!doctype html><html lang=en><meta charset=utf-8><title>A page</title><h1>A clinic</h1><p>Welcome.</p>{chat}"


@dataclass(frozen=True)
class Chat:
    """A chat as its own description puts it on a page. `package`: of npm, with its hash; None for ours."""

    name: str
    html: str
    package: str | None = None
    integrity: str = ""
    file: str = ""  # in the package


CHATS = (
    Chat("Patchline", '<script type="module" src="/chat.js"></script><patchline-chat></patchline-chat>'),
    Chat(
        "deep-chat",
        '<script type="module" src="/chat.js"></script><deep-chat demo="true"></deep-chat>',
        "deep-chat@2.4.2",
        "sha512-wQNd6Z6HDoH7OMeoQKpmxDm9XdWrRjMkBJ2yl5tsYND9Dz2UCv/BdGVM8vK2V0mhO1u+OniHYPWDGvjlNxjCeQ==",
        "package/dist/deepChat.bundle.js",
    ),
    Chat(
        "rasa-webchat",
        '<script src="/chat.js"></script><script src="/start.js"></script>',
        "rasa-webchat@1.0.1",
        "sha512-Ld1zVJvTAaTrs6A5p8t70agNNrKYRyXlvqXZRgBoDvKKUXbA0jhJKECi5bdPGlaR6jsmqWtVylHS+YqIqo0x8w==",
        "package/lib/index.js",
    ),
)
START = b"WebChat.default({customData: {}, socketUrl: location.origin, title: 'Chat'}, null);"


class WeightError(Exception):
    """The comparison cannot be made; the message says what is missing."""


@dataclass(frozen=True)
class Load:
    """One load of a page: bytes over the network, requests, and milliseconds of the main thread."""

    transferred: float
    requests: float
    elsewhere: float  # of these to other hosts; they go nowhere here
    main_ms: float
    script_ms: float


def fetch(chat: Chat) -> bytes:
    """The chat's built file. Raises `WeightError` without npm, or when the package is not the one that was pinned."""
    if chat.package is None:
        return Script(content.load(ROOT / "content")).body
    if not shutil.which("npm"):
        raise WeightError("The other chats come from npm, which is not installed (apt-get install npm).")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["npm", "pack", "--silent", chat.package], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise WeightError(f"npm could not fetch {chat.package}: {done.stderr.strip()[-300:]}")
        packed = (Path(folder) / done.stdout.split()[-1]).read_bytes()
    if f"sha512-{base64.b64encode(hashlib.sha512(packed).digest()).decode()}" != chat.integrity:
        raise WeightError(f"{chat.package} is not the package that was measured before: its hash differs.")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return archive.extractfile(chat.file).read()


class Site:
    """A page with one chat, or none, at an address of its own on the loopback. All of it is gzipped."""

    def __init__(self, html: str, script: bytes):
        files = {"/": ("text/html", PAGE.format(chat=html).encode()), "/start.js": ("text/javascript", START)}
        files["/chat.js"] = ("text/javascript", script)
        packed = {path: (kind, gzip.compress(body)) for path, (kind, body) in files.items()}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = packed.get(self.path, ("text/plain", b""))
                self.send_response(200 if self.path in packed else 404)
                self.send_header("Content-Type", kind)
                if body:
                    self.send_header("Content-Encoding", "gzip")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def load(browser: Browser, url: str) -> Load:
    """One visit with an empty cache, until everything has settled."""
    context = browser.new_context()
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Performance.enable")
    sizes: list[float] = []
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(url)
    page.wait_for_timeout(SETTLE_MS)
    found = {item["name"]: item["value"] for item in session.send("Performance.getMetrics")["metrics"]}
    context.close()
    elsewhere = [address for address in asked if not address.startswith(url)]
    return Load(sum(sizes), len(asked), len(elsewhere), found["TaskDuration"] * 1000, found["ScriptDuration"] * 1000)


def measure(loads: int = LOADS) -> dict[str, list[Load]]:
    """The loads of the bare page (under "") and of each chat, in turns so that a busy machine is busy for all."""
    pages = {"": Site("", b"")} | {chat.name: Site(chat.html, fetch(chat)) for chat in CHATS}
    found: dict[str, list[Load]] = {name: [] for name in pages}
    line = Line("loading pages")
    with sync_playwright() as playwright:
        path = os.environ.get("PATCHLINE_CHROMIUM") or shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        for number in range(loads + 1):
            for name, site in pages.items():
                line.show(f"{number} of {loads}")
                one = load(browser, site.url)
                if number:  # the first round warms the browser up
                    found[name].append(one)
        version = browser.version
        browser.close()
    line.end(f"{loads} loads of {len(pages)} pages in Chromium {version}")
    return found


def render(found: dict[str, list[Load]]) -> str:
    """The table, and how it was made."""
    rows = [
        ["bytes over the network, gzipped", *[f"{_added(found, name, 'transferred'):,.0f}" for name in _names()]],
        ["requests", *[f"{_added(found, name, 'requests'):.0f}" for name in _names()]],
        ["of these to other hosts", *[f"{_added(found, name, 'elsewhere'):.0f}" for name in _names()]],
        ["main thread, ms", *[f"{_added(found, name, 'main_ms'):.0f}" for name in _names()]],
        ["of this in scripts, ms", *[f"{_added(found, name, 'script_ms'):.0f}" for name in _names()]],
    ]
    versions = ", ".join(chat.package for chat in CHATS if chat.package)
    day = datetime.now(UTC).date().isoformat()
    note = f"Medians of {len(found[''])} loads, less the bare page; {versions}. {machine.describe()}. Measured {day}."
    return table(["what the chat adds to a page", *_names()], rows) + f"\n\n{note}\n"


def _names() -> Sequence[str]:
    return [chat.name for chat in CHATS]


def _added(found: dict[str, list[Load]], name: str, figure: str) -> float:
    with_chat, bare = (statistics.median(getattr(one, figure) for one in found[key]) for key in (name, ""))
    return with_chat - bare


def main() -> int:
    try:
        found = measure()
    except WeightError as error:
        print(error, file=sys.stderr)
        return 1
    readme.replace(PATH, render(found))
    print(f"The table stands in {PATH}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
