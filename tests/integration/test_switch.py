"""Releases are switched with real processes while patients write: nothing fails, nothing is lost, and what is killed on
the way leaves a system that answers."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field

import psutil
import pytest

from patchline import health
from patchline.releases import serving
from patchline.releases.store import Releases
from patchline.settings import from_environment
from tests.answers import ROOT
from tests.breaking import PATCHLINE_DB, RASA_DB, rows
from tests.releases import LINE, make_release
from tests.system import ACTIONS, GATEWAY, RASA, Patient, System, wait_for

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
def system(tmp_path_factory):
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


def test_a_release_that_failed_and_one_that_was_tampered_with_are_refused_by_name(system, releases):
    said = done(command(system, "promote", str(FAILED)), code=1)
    assert "It misses 3 of 530 emergencies." in said
    wording = releases.get(2).files / "content" / "wordings.yml"
    before = wording.read_bytes()
    wording.write_bytes(before + b"\n")
    try:
        assert "Its files were changed after the trial." in done(command(system, "promote", "2"), code=1)
    finally:
        wording.write_bytes(before)
    assert releases.serving().serving.release == 1


def test_a_failed_release_is_not_loaded_even_when_somebody_writes_it_into_serving_json(system, releases):
    seat = [sys.executable, "-m", "patchline.run.seat", "rasa_b", str(FAILED)]
    refused = subprocess.run(seat, cwd=ROOT, env=system.environment, capture_output=True, text=True, timeout=60)
    assert refused.returncode == 1
    assert "It did not pass its trial." in refused.stderr


def test_when_who_promotes_is_killed_on_the_way_all_is_as_it_was(system, releases):
    before = releases.serving()
    process = command(system, "promote", "0")
    wait_for(lambda: (releases.serving().trying or before).__class__ is serving.Trying)
    wait_for(lambda: releases.serving().release_in(before.other) == 0)
    time.sleep(3)
    process.kill()
    process.communicate()
    assert releases.serving().release_in(before.other) == (before.standby.release if before.standby else None)
    assert answered_by(system.patient()) == {1}
    assert "Release 2 answers patients now" in promote(system, 2)
    assert answered_by(system.patient()) == {2}


@pytest.mark.parametrize(("killed", "to"), [("the new Rasa", 1), ("the gateway", 2)])
def test_what_is_killed_during_a_promotion_comes_back_and_the_promotion_ends(system, releases, killed, to):
    before = releases.serving()
    chosen = serving.in_slot(from_environment(system.environment), before.other)
    other = [process.pid for process in running(system, RASA) if process.pid not in listening(chosen.rasa_port)]
    process = command(system, "promote", str(to)) if killed == "the gateway" else None
    if process is None:  # the release has to start anew, so that there is something to kill
        process = command(system, "promote", "0")
        wait_for(lambda: releases.serving().release_in(before.other) == 0)
        wait_for(lambda: {one.pid for one in running(system, RASA)} - set(other) != set(), 60)
        new = next(one for one in running(system, RASA) if one.pid not in other)
        new.kill()
        done(process)
        assert answered_by(system.patient()) == {0}
        process = command(system, "promote", str(to))
    else:
        system.end(GATEWAY)
    done(process)
    system.wait_until_back()
    assert releases.serving().serving.release == to
    assert answered_by(system.patient()) == {to}


def test_after_the_power_was_gone_the_last_release_serves(system, releases):
    last = releases.serving().serving.release
    for one in psutil.Process(system.process.pid).children(recursive=True):
        with_kill(one.pid)
    with_kill(system.process.pid)
    system.process.wait(10)
    wait_for(lambda: not any(health.listens(port) for port in (system.port, system.rasa_port, system.actions_port)))
    system.output.unlink()
    system.start()
    assert answered_by(system.patient()) == {last}
    assert "Release" not in system.said().replace("Releases", "")


def running(system, words):
    return [one for one in system.processes() if words in " ".join(one.cmdline())]


def listening(port):
    return {one.pid for one in psutil.net_connections("tcp") if one.laddr.port == port and one.status == "LISTEN"}


def with_kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


assert ACTIONS
