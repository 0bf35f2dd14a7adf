"""`python -m evaluation.beside`: how much a trial slows the bot that runs beside it on this machine.

Start `patchline run` first. One patient writes without a pause; every few seconds the trial is halted or goes on, so
that whatever else the machine does counts for both. Prints times and answers a second for each half, by phase of the
trial. `--seconds 120` ends it early.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import httpx
import psutil

from patchline import settings
from patchline.settings import ROOT
from patchline.training.model import ModelError, current
from patchline.trial.run import Live, run
from patchline.trial.shares import percentile

WINDOW_S = 3.0
TEXTS = (
    "how long do i lie flat",
    "can i eat before it",
    "my leg is numb since yesterday",
    "who drives me home",
    "thanks",
)
HALTED, GOES_ON = "halted", "running"


class Phase:
    """Where the trial is; takes what `run` tells."""

    text = "starting"

    def phase(self, text: str) -> None:
        self.text = text.split(":")[0]

    def tick(self) -> None:
        """Nothing is drawn."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    limit = parser.parse_args().seconds
    chosen = settings.from_environment()
    patient = _patient(f"http://{chosen.host}:{chosen.port}")
    archive, phase, times, failed = current(chosen), Phase(), defaultdict(list), []
    with tempfile.TemporaryDirectory() as folder:
        files = _files(Path(folder))
        trial = threading.Thread(target=_trial, args=(files, Path(folder, "out"), archive, phase, failed), daemon=True)
        started = time.monotonic()
        trial.start()
        while trial.is_alive() and time.monotonic() - started < limit:
            for state in (HALTED, GOES_ON):
                _set(state)
                times[phase.text, state] += _write(patient, WINDOW_S)
        print(f"{time.monotonic() - started:.0f} s, in half of which the trial was halted")
        _show(times)
        _end()
    return 1 if failed else 0


def _show(times: Mapping[tuple[str, str], list[float]]) -> None:
    for name in [*dict.fromkeys(name for name, _ in times), "all"]:
        for state in (HALTED, GOES_ON):
            windows = [taken for (where, at), taken in times.items() if at == state and name in (where, "all")]
            found = [one for taken in windows for one in taken]
            if found:
                middle, slow = (percentile(found, share) * 1000 for share in (0.5, 0.95))
                rate = len(found) / sum(found)
                print(f"{name:45} {state:8} median {middle:6.1f} ms, 95 % {slow:6.1f} ms, {rate:5.1f} a second")


def _patient(url: str) -> httpx.Client:
    client = httpx.Client(base_url=url, timeout=10)
    issued = client.post("/api/conversations").raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {issued['token']}"
    client.base_url = f"{url}/api/conversations/{issued['conversation_id']}"
    return client


def _write(patient: httpx.Client, seconds: float) -> list[float]:
    """Times, in seconds, of messages that are sent one after the other."""
    taken, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        start = time.perf_counter()
        body = {"message_id": uuid.uuid4().hex, "text": TEXTS[len(taken) % len(TEXTS)]}
        patient.post("/messages", json=body).raise_for_status()
        taken.append(time.perf_counter() - start)
    return taken


def _files(folder: Path) -> Path:
    """What staff edit, with one sentence more than was trained."""
    for name in ("data", "content"):
        shutil.copytree(ROOT / name, folder / "files" / name)
    for name in ("domain.yml", "config.yml"):
        shutil.copy(ROOT / name, folder / "files")
    topic = folder / "files" / "data" / "faq" / "activity.yml"
    text = topic.read_text(encoding="utf-8")
    topic.write_text(
        text.replace("  examples: |\n", "  examples: |\n    - may i play the tuba after it\n", 1), encoding="utf-8"
    )
    return folder / "files"


def _trial(files: Path, out: Path, archive: Path, phase: Phase, failed: list[str]) -> None:
    try:
        run(files, out, Live(archive, ROOT), [], phase)
    except ModelError as error:
        failed.append(str(error))
        print(error, file=sys.stderr)


def _end() -> None:
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _set(state: str) -> None:
    for process in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):
            process.suspend() if state == HALTED else process.resume()


if __name__ == "__main__":
    sys.exit(main())
