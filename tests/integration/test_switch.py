"""Releases are switched with real processes while patients write: nothing fails, nothing is lost, and what is killed on
the way leaves a system that answers."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil
import pytest

from patchline import health
from patchline.releases.store import Releases
from patchline.settings import from_environment
from tests.answers import ROOT
from tests.breaking import PATCHLINE_DB, RASA_DB, rows
from tests.releases import LINE, make_release
from tests.system import GATEWAY, RASA, Patient, System, wait_for

pytestmark = pytest.mark.soak

PATIENTS, MESSAGES = 20, 1000
PAUSE_S = 2.0  # of a patient between two messages
LINES = {0: LINE, 1: "(202) 555-0171", 2: "(202) 555-0172"}
FAILED = 3
QUESTIONS = (
    "how long do i lie flat afterwards",
    "can i eat breakfast before it",
    "do i need someone to drive me home",
    "what is a blood patch",
    "can i take a shower after it",
    "when can i go back to the gym",
)
SIGN = "i have a fever of 103 and my neck is stiff"


@pytest.fixture(scope="module")
def system(archive, tmp_path_factory):
    running = System(tmp_path_factory.mktemp("switch"))
    running.start()
    chosen = from_environment(running.environment)
    for number in (1, 2):
        assert make_release(chosen, LINES[number]).number == number
    assert make_release(chosen, "(202) 555-0173", passed=False).number == FAILED
    yield running
    assert running.stop() == 0, running.said()


@pytest.fixture
def releases(system):
    return Releases(from_environment(system.environment))


def command(system, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "patchline.cli", *words],
        cwd=ROOT, env=system.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def done(process, code=0):
    said, _ = process.communicate(timeout=400)
    assert process.returncode == code, said
    return said


def promote(system, number):
    return done(command(system, "promote", str(number), "--by", "Ana López"))


def roll_back(system):
    return done(command(system, "rollback", "--by", "Ana López"))


def answered_by(patient):
    """Which release speaks: the clinic line that the gateway's own words name, and the one that Rasa's words name."""
    named = {number for message in patient.greeting for number in lines_in(message)}
    named |= {number for message in patient.say("can somebody call me back") for number in lines_in(message)}
    return named


def lines_in(message):
    told = json.dumps(message)
    digits = {number: "".join(re.findall(r"\d", line)) for number, line in LINES.items()}
    return {number for number, line in LINES.items() if line in told or f"+1{digits[number]}" in told}


@dataclass
class Crowd:
    """Patients who write until they are told to stop; what they got."""

    system: System
    sent: Counter = field(default_factory=Counter)  # by conversation
    wrong: list = field(default_factory=list)
    seen: set = field(default_factory=set)  # releases that answered
    slowest_s: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def write(self, seed):
        chosen, patient = random.Random(seed), Patient(self.system.base_url)
        while not (self.over.is_set() and sum(self.sent.values()) >= MESSAGES):
            text = SIGN if self.sent[patient.id] == 5 else chosen.choice(QUESTIONS)
            began = time.monotonic()
            try:
                messages = patient.post(text=text).raise_for_status().json()["messages"]
            except Exception as error:  # counted, and told at the end
                self.wrong.append(f"{text}: {error!r}")
                continue
            finally:
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                self.sent[patient.id] += 1
            wanted = "red_flag/" if text == SIGN else ("faq/", "not_covered/")
            if not (messages and (messages[0]["topic"] or "").startswith(wanted)):
                self.wrong.append(f"{text}: {[message['topic'] for message in messages]}")
            lines = {number for message in messages for number in lines_in(message)}
            if len(lines) > 1:
                self.wrong.append(f"{text}: the clinic lines of the releases {lines} in one reply")
            self.seen |= lines
            time.sleep(chosen.uniform(0, 2 * PAUSE_S))


@contextmanager
def crowd(system):
    found = Crowd(system)
    threads = [threading.Thread(target=found.write, args=(seed,)) for seed in range(PATIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield found
    finally:
        found.over.set()
        for thread in threads:
            thread.join(300)


def test_a_thousand_messages_during_promotions_and_a_roll_back_are_all_answered_and_kept(system, capsys):
    system.wait_until(ready=True)
    waiting = system.patient()
    waiting.say("can somebody call me back")
    waiting.choose("press_callback")  # asks for the name; it is given after the switches
    times = {}
    with crowd(system) as patients:
        for name, switch in {
            "promote 1": lambda: promote(system, 1),
            "promote 2": lambda: promote(system, 2),
            "roll back": lambda: roll_back(system),
        }.items():
            began = time.monotonic()
            switch()
            times[name] = round(time.monotonic() - began, 1)
    with capsys.disabled():
        count, slowest = sum(patients.sent.values()), patients.slowest_s
        print(
            f"\n{count} messages by {PATIENTS} patients, the slowest {slowest:.1f} s; seconds for each switch: {times}"
        )
    assert patients.wrong == []
    assert sum(patients.sent.values()) >= MESSAGES
    assert patients.seen >= {0, 1, 2}
    for conversation, count in patients.sent.items():
        kept = rows(
            system, "SELECT outcome FROM messages WHERE conversation_id = ?", conversation, database=PATCHLINE_DB
        )
        assert Counter(kept) == {("answered",): count}
        heard = "SELECT count(*) FROM events WHERE sender_id = ? AND type_name = 'user'"
        assert rows(system, heard, conversation, database=RASA_DB) == [(count,)]
        tickets = "SELECT count(*) FROM tickets WHERE conversation_id = ? AND kind = 'red_flag'"
        assert rows(system, tickets, conversation)[0][0] == (count > 5)
    assert waiting.topics("Maria Angeles") == ["form/phone"]
    assert answered_by(system.patient()) == {1}


def another(releases):
    """A release that neither serves nor stands by: it has to be started."""
    now = releases.serving()
    taken = {now.serving.release, *([now.standby.release] if now.standby else [])}
    return next(number for number in (1, 2, 0) if number not in taken)


def test_a_release_that_failed_and_one_that_was_tampered_with_are_refused_by_name(system, releases):
    before, number = releases.serving(), another(releases)
    said = done(command(system, "promote", str(FAILED)), code=1)
    assert "It misses 3 of 530 emergencies." in said
    wording = releases.get(number or 2).files / "content" / "wordings.yml"
    whole = wording.read_bytes()
    wording.write_bytes(whole + b"\n")
    try:
        assert "Its files were changed after the trial." in done(command(system, "promote", str(number or 2)), code=1)
    finally:
        wording.write_bytes(whole)
    assert releases.serving() == before


def test_a_failed_release_is_not_loaded_even_when_somebody_writes_it_into_serving_json(system, releases):
    seat = [sys.executable, "-m", "patchline.run.seat", "rasa_b", str(FAILED)]
    refused = subprocess.run(seat, cwd=ROOT, env=system.environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "It did not pass its trial." in refused.stderr


def test_when_who_promotes_is_killed_on_the_way_all_is_as_it_was(system, releases):
    before, number = releases.serving(), another(releases)
    process = command(system, "promote", str(number))
    wait_for(lambda: releases.serving().release_in(before.other) == number)
    time.sleep(3)  # the new Rasa is being loaded
    process.kill()
    process.communicate()
    assert releases.serving().release_in(before.other) == (before.standby.release if before.standby else None)
    assert answered_by(system.patient()) == {before.serving.release}
    promote(system, number)
    assert answered_by(system.patient()) == {number}


@pytest.mark.parametrize("killed", [RASA, GATEWAY])
def test_what_is_killed_during_a_promotion_comes_back_and_the_promotion_ends(system, releases, killed):
    before, number = releases.serving(), another(releases)
    process = command(system, "promote", str(number))
    wait_for(lambda: releases.serving().release_in(before.other) == number)
    archive = str(releases.archive(releases.get(number)))  # the server that serves has another one's
    wait_for(lambda: any(running(system, RASA, archive)))
    for one in running(system, killed, archive if killed == RASA else ""):
        one.kill()
    said = done(process)
    assert f"{number} answers patients now" in said or "What was installed answers" in said
    system.wait_until_back()
    assert answered_by(system.patient()) == {number}


def test_after_the_power_was_gone_the_last_release_serves(system, releases):
    last = releases.serving().serving.release
    for one in [*system.processes(), psutil.Process(system.process.pid)]:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    system.process.wait(10)
    wait_for(lambda: not any(health.listens(port) for port in (system.port, system.rasa_port, system.actions_port)))
    system.output.unlink()
    system.start()
    assert answered_by(system.patient()) == {last}


def running(system, *words):
    found = []
    for one in system.processes():
        with suppress(psutil.Error):  # it has ended meanwhile
            if all(word in " ".join(one.cmdline()) for word in words):
                found.append(one)
    return found
