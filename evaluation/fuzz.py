"""`make fuzz`: hostile inputs by the ten thousand against the running system.

Starts the whole system on the loopback and sends it what no patient and no member of staff would: texts that are made
to be slow or to slip through, bodies that are no JSON, headers, paths and tokens that are nearly right, fields of every
form of the desk; and, without the network, archives of backups with single bytes changed, and telephone numbers.

It looks for: an answer of 500 or above, one later than 8 s, a refusal that is no sentence, a message that was answered
and is in no transcript, a process that grows, a process that dies. `--scale 0.05` does a twentieth; the same seed does
the same. What is found is printed with the input that did it; the inputs are made up here and are nobody's words.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from patchline import phones
from patchline.privacy import archive
from patchline.privacy.errors import Refused
from patchline.settings import ROOT
from tests.system import PATIENCE_S, Patient, System

AT_ONCE = 4
GROWTH_MB = 200  # of one process over the whole run; caches fill in the beginning
NUMBERS = {"texts": 8000, "bodies": 5000, "requests": 4000, "forms": 2000, "archives": 400, "telephones": 4000}
LOGIN, PASSWORD = "fuzz", "four small green birds"

WORDS = (
    "my leg is numb,i cant pee,chest pain,can i eat,hi,no,what if,fever,911,patch,not,never,yesterday,he,she,kill,"
    "myself,adiós,no puedo,orinar,ok,/restart,/session_start,DROP TABLE tickets,<script>,{{7*7}},${jndi:ldap://x},"
    "%s%n,../../etc/passwd,\\,',\",;,--,=cmd|' /C calc'!A0"
).split(",")
SIGNS = "\u200b\u202e\u0000\u0007\ufeff\u0301\U0001f622\ud800\uffff\u2028\xa0\t\n\r&<>`|~^.,!?-_*#@"


@dataclass
class Found:
    """What was sent, and what should not have happened."""

    sent: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest_s: float = 0.0
    answered: int = 0
    kept: int = 0

    def answer(self, kind: str, answer: httpx.Response, what: str) -> None:
        self.sent[kind] += 1
        self.statuses[f"{kind} {answer.status_code}"] += 1
        seconds = answer.elapsed.total_seconds()
        self.slowest_s = max(self.slowest_s, seconds)
        if answer.status_code >= 500:
            self.faults.append(f"{kind}: {answer.status_code} for {what[:300]!a}")
        if seconds > PATIENCE_S:
            self.faults.append(f"{kind}: {seconds:.1f} s for {what[:300]!a}")
        refused = "problem+json" in answer.headers.get("content-type", "") and answer.request.method != "HEAD"
        if refused and len(answer.json().get("detail", "")) < 10:
            self.faults.append(f"{kind}: a refusal without a sentence for {what[:300]!a}")


def text(rng: random.Random) -> str:
    """Something that somebody might paste to see what breaks."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice(WORDS) * rng.randint(1, 3000)
    if kind == 1:
        return "".join(rng.choice(SIGNS) for _ in range(rng.randint(1, 400)))
    if kind == 2:
        return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, 600)))
    if kind == 3:
        return "".join(f"{letter}{rng.choice(SIGNS)}" for letter in rng.choice(WORDS) * rng.randint(1, 200))
    if kind == 4:
        return "".join(chr(rng.randrange(0x20, 0x2FFF)) for _ in range(rng.randint(1, 2000)))
    if kind == 5:
        return rng.choice("([{<*+?\\^$|'\"") * rng.randint(1, 20000)
    if kind == 6:
        return rng.choice(("a ", "i a ", "n.", "no ", "&#110;", "\u0301", "e\u0301")) * rng.randint(1, 15000)
    return "".join(rng.choice(rng.choice(WORDS)) for _ in range(rng.randint(1, 60)))


def value(rng: random.Random, depth: int = 0) -> Any:
    """Some JSON."""
    kind = rng.randrange(9 if depth < 4 else 7)
    if kind < 7:
        return (None, True, -1, 1e308, "", text(rng)[:5000], 10**30)[kind]
    if kind == 7:
        return [value(rng, depth + 1) for _ in range(rng.randrange(5))]
    return {
        rng.choice(("message_id", "text", "choice", "x", "")): value(rng, depth + 1) for _ in range(rng.randrange(5))
    }


def body(rng: random.Random) -> bytes:
    """A body that is wrong in some way, and now and then right."""
    kind = rng.randrange(7)
    if kind == 0:
        return rng.randbytes(rng.randrange(3000))
    if kind == 1:
        return b"[" * rng.randrange(30_000)
    if kind == 2:
        return b'{"message_id": "m", "text": "' + b"a" * rng.randrange(200_000) + b'"}'
    right = json.dumps({"message_id": f"f{rng.randrange(10**9)}", "text": text(rng)[:300]}).encode()
    if kind == 3:
        cut = rng.randrange(len(right))
        return right[:cut] + rng.randbytes(1) + right[cut + 1 :]
    if kind == 4:
        return right[: rng.randrange(len(right))]
    if kind == 5:
        return json.dumps(value(rng)).encode("utf-8", "surrogatepass")
    return right.replace(b"text", rng.choice((b"choice", b"text", b"Text")))


class Attack:
    """One run against a system that answers."""

    def __init__(self, system: System, seed: int, say: Callable[[str], None]):
        self.system, self.seed, self.say, self.found = system, seed, say, Found()

    def texts(self, number: int) -> None:
        """Each to a patient's chat; afterwards every answered one is in its transcript."""

        def one(index: int) -> None:
            rng = random.Random(f"{self.seed} text {index}")
            patient = patients[index // 50]
            words = text(rng)
            content = json.dumps({"message_id": f"t{index}", "text": words}).encode("utf-8", "surrogatepass")
            answer = patient.client.post(
                f"{patient.url}/messages", content=content, headers={"Content-Type": "application/json"}, timeout=30
            )
            self.found.answer("texts", answer, words)
            if answer.status_code == 200:
                answered[patient.id].add(f"t{index}")
                if not answer.json()["messages"]:
                    self.found.faults.append(f"texts: no answer for {words[:300]!a}")

        patients = [Patient(self.system.base_url) for _ in range(number // 50 + 1)]
        answered: dict[str, set[str]] = {patient.id: set() for patient in patients}
        self._each("texts", number, one)
        for patient in patients:
            lines = patient.client.get(patient.url, timeout=30).json()["messages"]
            kept = {line["message_id"] for line in lines if line["from"] == "patient"}
            self.found.answered += len(answered[patient.id])
            self.found.kept += len(answered[patient.id] & kept)
            if lost := answered[patient.id] - kept:
                self.found.faults.append(f"lost: {len(lost)} messages that were answered")

    def bodies(self, number: int) -> None:
        patient = Patient(self.system.base_url)

        def one(index: int) -> None:
            rng = random.Random(f"{self.seed} body {index}")
            content = body(rng)
            media = rng.choice(("application/json",) * 5 + ("text/plain", "application/json; charset=utf-16", ""))
            answer = patient.client.post(
                f"{patient.url}/messages", content=content, headers={"Content-Type": media}, timeout=30
            )
            self.found.answer("bodies", answer, repr(content))

        self._each("bodies", number, one)

    def requests(self, number: int) -> None:
        """Paths, methods, tokens and headers that are nearly right."""
        patient = Patient(self.system.base_url)
        paths = (
            "/",
            "/api/conversations",
            patient.url,
            f"{patient.url}/messages",
            f"{patient.url}/messages/x/feedback",
        )
        paths += (
            "/desk",
            "/desk/tickets/PL-7K3F9",
            "/desk/ack/x",
            "/desk/static/desk.css",
            "/health/ready",
            "/metrics",
        )

        def one(index: int) -> None:
            rng = random.Random(f"{self.seed} request {index}")
            path = rng.choice(paths)
            if rng.random() < 0.7:
                cut = rng.randrange(len(path))
                path = (
                    path[:cut]
                    + rng.choice(("%00", "%2e%2e/", "//", "%ff", "\\", "é", "?", ";", "%", "x" * 3000))
                    + path[cut:]
                )
            method = rng.choice(("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE"))
            if method == "DELETE" or path.endswith("/events"):
                method = "GET"
            name = rng.choice(
                ("Authorization", "Cookie", "X-Forwarded-For", "Origin", "Content-Language", "Accept", "Range")
            )
            sent = "".join(chr(rng.randrange(0x20, 0x7F)) for _ in range(rng.randrange(300)))
            headers = {name: sent.strip()}
            try:
                answer = httpx.request(method, f"{self.system.base_url}{path}", headers=headers, timeout=10)
            except (httpx.TransportError, httpx.InvalidURL):
                self.found.sent["requests"] += 1  # hung up on, or nothing that a client can send
                return
            self.found.answer("requests", answer, f"{method} {path} {headers}")

        self._each("requests", number, one)

    def forms(self, number: int) -> None:
        """Every form of the desk, as an admin, with fields of all names and values of no sense."""
        from patchline.desk.app import ROUTES

        staff = _sign_in(self.system)
        posts = [route.path for route in ROUTES if "POST" in (getattr(route, "methods", None) or ())]
        left = ("/desk/sign", "/desk/account", "/desk/staff/{login}", "/desk/models", "/desk/upgrade")
        posts = [path for path in posts if not path.startswith(left)]
        names = (
            "login name role text words why until topic seen outcome ending to note title source file message".split()
        )

        def one(index: int) -> None:
            rng = random.Random(f"{self.seed} form {index}")
            path = re.sub(
                r"\{.*?\}",
                lambda _: rng.choice(("x", "0", "-1", "PL-7K3F9", "%00", "../x", "é", "9" * 30)),
                rng.choice(posts),
            )
            fields = {
                name: text(rng)[: rng.choice((0, 5, 200, 20_000))] for name in rng.sample(names, rng.randrange(6))
            }
            fields = {name: said.encode("utf-8", "replace").decode() for name, said in fields.items()}
            answer = staff.post(path, data=fields | {"csrf": staff.headers["X-CSRF-Token"]}, timeout=30)
            self.found.answer("forms", answer, f"{path} {fields}")

        self._each("forms", number, one)

    def _each(self, what: str, number: int, one: Callable[[int], None]) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for done, future in enumerate([pool.submit(one, index) for index in range(number)], 1):
                try:
                    future.result()
                except httpx.TransportError as error:
                    self.found.faults.append(f"{what}: {type(error).__name__}")
                if done % 500 == 0:
                    self.say(f"{what}: {done:,} of {number:,}, {time.monotonic() - began:.0f} s")


def _sign_in(system: System) -> httpx.Client:
    """An admin's browser."""
    command = [
        sys.executable,
        "-m",
        "patchline.cli",
        "staff",
        "add",
        "--admin",
        LOGIN,
        "--name",
        "Fuzz",
        "--password-stdin",
    ]
    subprocess.run(
        command, input=PASSWORD, text=True, check=True, env=system.environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    client = httpx.Client(base_url=system.base_url, headers={"Accept": "text/html"}, timeout=30, follow_redirects=False)
    token = re.search(r'name="csrf" value="(\w+)"', client.get("/desk/sign-in").text)[1]
    client.post("/desk/sign-in", data={"login": LOGIN, "password": PASSWORD, "csrf": token})
    client.headers["X-CSRF-Token"] = re.search(r'name="csrf" value="(\w+)"', client.get("/desk/account").text)[1]
    return client


def archives(number: int, seed: int, found: Found) -> None:
    """Backups with a byte changed, cut off, or with strange members: refused, and nothing is written outside."""
    with tempfile.TemporaryDirectory() as place:
        here = Path(place)
        (here / "in" / "spool").mkdir(parents=True)
        (here / "in" / "patchline.db").write_bytes(os.urandom(5000))
        (here / "in" / "spool" / "a.json").write_text("{}")
        about = {"made_at": "2026-11-22T21:40:10Z", "database": "sqlite", "version": "0008", "not_here": []}
        archive.pack(here / "in", here / "good.tar.gz", about)
        good = (here / "good.tar.gz").read_bytes()
        for index in range(number):
            rng = random.Random(f"{seed} archive {index}")
            bad, target = here / "bad.tar.gz", here / "out" / str(index)
            target.mkdir(parents=True)
            if index % 3:
                cut = rng.randrange(len(good))
                bad.write_bytes(good[:cut] + (rng.randbytes(3) + good[cut + 3 :] if index % 3 == 1 else b""))
            else:
                _with_strangers(here / "in", bad, rng)
            found.sent["archives"] += 1
            try:
                archive.unpack(bad, target)
                found.statuses["archives unchanged in what counts"] += 1
            except Refused:
                found.statuses["archives refused"] += 1
            except Exception as error:
                found.faults.append(f"archives: {type(error).__name__}, index {index}")
        if {path.name for path in here.iterdir()} != {"in", "out", "good.tar.gz", "bad.tar.gz"}:
            found.faults.append("archives: something was written outside")


def _with_strangers(folder: Path, target: Path, rng: random.Random) -> None:
    with tarfile.open(target, "w:gz") as tar:
        for path in rng.sample([path for path in folder.rglob("*") if path.is_file()], 1):
            name = rng.choice(("../x", "/x", "patchline.db", "spool/../../x", "manifest.json", "secret"))
            info = tar.gettarinfo(path, name)
            info.type = rng.choice(
                (tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE)
            )
            info.linkname = "/etc/passwd"
            tar.addfile(info, path.open("rb") if info.isreg() else None)


def telephones(number: int, seed: int, found: Found) -> None:
    for index in range(number):
        rng = random.Random(f"{seed} telephone {index}")
        typed = (
            "".join(rng.choice("0123456789+-() .extEXT#*pw,;") for _ in range(rng.randrange(60)))
            + text(rng)[: rng.randrange(9)]
        )
        found.sent["telephones"] += 1
        try:
            read = phones.find(typed, "US")
        except Exception as error:
            found.faults.append(f"telephones: {type(error).__name__} for {typed!a}")
            continue
        if isinstance(read, phones.Number) and not phones.KEPT.fullmatch(read.kept):
            found.faults.append(f"telephones: {read.kept!r} for {typed!a}")


def sizes(system: System) -> dict[str, float]:
    """Megabytes of each process, by its command line."""
    return {" ".join(one.cmdline()[-2:]): one.memory_info().rss / 1e6 for one in system.processes()}


def attack(system: System, scale: float, seed: int, say: Callable[[str], None]) -> Found:
    """Everything, against a system that runs; a small beginning fills caches before memory is measured."""
    run = Attack(system, seed, say)
    run.texts(max(20, int(200 * scale)))
    before, lived = sizes(system), {one.pid for one in system.processes()}
    for name in ("texts", "bodies", "requests", "forms"):
        getattr(run, name)(int(NUMBERS[name] * scale))
    archives(int(NUMBERS["archives"] * scale), seed, run.found)
    telephones(int(NUMBERS["telephones"] * scale), seed, run.found)
    for name, size in sizes(system).items():
        if size - before.get(name, size) > GROWTH_MB:
            run.found.faults.append(f"memory: {name} grew by {size - before[name]:.0f} MB")
    if died := lived - {one.pid for one in system.processes()}:
        run.found.faults.append(f"{len(died)} processes died")
    return run.found


def report(found: Found) -> str:
    lines = ["| | sent | answers |", "|---|---:|---|"]
    for kind, number in found.sent.items():
        answers = ", ".join(
            f"{status.partition(' ')[2]}: {count:,}"
            for status, count in sorted(found.statuses.items())
            if status.startswith(f"{kind} ")
        )
        lines.append(f"| {kind} | {number:,} | {answers} |")
    lines += [
        "",
        f"slowest answer {found.slowest_s:.1f} s; {found.kept:,} of {found.answered:,} answered texts are on record",
    ]
    lines += [f"faults: {len(found.faults)}", *found.faults[:40]]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        system = System(Path(folder))
        _say("starting the system")
        system.start()
        try:
            found = attack(system, options.scale, options.seed, _say)
        finally:
            system.stop()
    print(report(found))
    return 1 if found.faults else 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
