"""`python -m patchline.trial.worker`: validate, train, test and compare, in a process that steps back behind others.

The job comes as JSON on standard input (it holds past questions, which stand in no file), the report goes to
`report.json` of the folder `out`. What is said goes to the log; the logger `patchline.trial` says how far it is.
Exit codes: 0 there is a report (the gate may be closed), 1 failed, 3 disk full.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from patchline.training import sources, worker
from patchline.trial import (
    alike,
    by_stratum,
    compare,
    conversations,
    examine,
    gate,
    idle,
    rasa_checks,
    titles,
    validate,
)
from patchline.trial.examine import Suite
from patchline.trial.pipeline import Pipeline, Reading
from patchline.trial.questions import Question
from patchline.trial.report import FILE, Conversations, Example, Gate, Report, Scores, Validation, plain
from patchline.trial.titles import Answers
from patchline.trial.validate import Broken

log = logging.getLogger("patchline.trial")
MODEL = "model"  # model.tar.gz
SAY_EVERY_S = 2.0


@dataclass(frozen=True)
class Model:
    """A trained archive, the files that it was trained from, and the content that it serves with."""

    archive: Path
    files: Path
    content: Path


@dataclass
class Trial:
    """One job. `archive`: a model that is there already, which is then tested and not trained."""

    files: Path
    content: Path
    out: Path
    cache: Path
    live: Model | None = None
    archive: Path | None = None
    questions: Sequence[Question] = ()
    seconds: dict[str, float] = field(default_factory=dict)

    def report(self) -> Report:
        """All steps, one after the other; files that cannot be used end it with a closed gate."""
        try:
            return self._steps()
        except Broken as broken:
            return self._closed(Validation((broken.finding,)))

    def _steps(self) -> Report:
        with self._step("validate"):
            say("checking the files")
            validate.check_files(self.files, self.content)
            checked = self._validated()
        if checked.errors:
            return self._closed(checked)
        with self._step("train"):
            archive = self.archive or self._trained()
        with self._step("test"):
            model = Model(archive, self.files, self.content)
            pipeline, readings = self._tested("the new model", model)
            scores = examine.scores(self._suite, readings, self._speed(model), self._names)
            scores = replace(scores, conversations=asyncio.run(self._conversations(archive)))
        with self._step("compare"):
            report = self._scored(checked, scores, readings)
            return self._compared(report, readings, pipeline) if self.live else report

    def _closed(self, checked: Validation) -> Report:
        """The report on files that there is no model of."""
        failures = tuple(dict.fromkeys(item.sentence for item in checked.errors))
        return Report(Gate(False, failures), checked, seconds=self.seconds)

    @cached_property
    def _names(self) -> Answers:
        return titles.answers(self.files)

    @cached_property
    def _suite(self) -> Suite:
        return examine.suite(self.files)

    @cached_property
    def _examples(self) -> list[Example]:
        return validate.placed(sources.examples(self.files), self._names)

    def _validated(self) -> Validation:
        known = validate.pairs_of(self.live.files) if self.live else set()
        found = validate.validate(self._examples, self._names, self._suite.texts, known)
        say(f"comparing {len(self._examples):,} examples with each other")
        vectors = self._vectors([item.text for item in self._examples])
        more = [
            *alike.odd_ones(self._examples, vectors, known),
            *alike.near_duplicates(self._examples, vectors, known),
        ]
        say("checking rules and stories")
        return replace(
            found,
            errors=(*found.errors, *rasa_checks.check(self.files)),
            warnings=validate.newest_first([*more, *found.warnings]),
        )

    def _vectors(self, texts: list[str]) -> Any:
        from patchline.nlu import encoder

        folder = self.out / ".encoder"
        try:
            encoder.build(folder, cache=self.cache)
            kept = self._encoder(folder)
            vectors = kept.encode(texts)
            kept.keep()
            return vectors
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @cached_property
    def _remembered(self) -> dict[str, Any]:
        return {}

    def _encoder(self, folder: Path) -> Any:
        """One memory for both models where their encoders are the same."""
        from patchline.nlu.vectors import KeptVectors, version

        key = version(folder)
        if key not in self._remembered:
            self._remembered[key] = KeptVectors(folder, self.cache)
        return self._remembered[key]

    def _trained(self) -> Path:
        say("training")
        try:
            code = worker.main(self.files, self.out, MODEL)
        except Exception as error:
            refused = rasa_checks.refusal(error)
            if refused is None:
                raise
            raise Broken(refused) from error
        if code:
            raise SystemExit(code)
        return self.out / f"{MODEL}.tar.gz"

    def _tested(self, whom: str, model: Model) -> tuple[Pipeline, dict[str, Reading]]:
        """A model and how it understands the messages of the tests, whose vectors are kept for the next trial."""
        say(f"loading {whom}")
        pipeline = Pipeline(model.archive, model.files, model.content, self._encoder)
        readings = _asked(whom, pipeline, self._suite.texts, "test messages")
        for remembered in self._remembered.values():
            remembered.keep()
        return pipeline, readings

    def _speed(self, model: Model) -> list[float]:
        say("measuring how long a message takes")
        return examine.speed(self._suite.texts, Pipeline(model.archive, model.files, model.content))

    async def _conversations(self, archive: Path) -> Conversations:
        from rasa.core.agent import Agent

        agent = Agent.load(str(archive))
        return await conversations.go_through(agent, lambda name: say(f"going through the conversations of {name}"))

    def _scored(self, checked: Validation, scores: Scores, readings: dict[str, Reading]) -> Report:
        found = examine.results(self._suite.cases, readings)
        failures = [*gate.failures(found), *_failed_tests(scores)]
        failures += by_stratum.failures(scores.strata)
        return Report(
            Gate(not failures, tuple(failures)),
            checked,
            scores,
            questions=len(self.questions),
            examples=len(self._examples),
            seconds=self.seconds,
        )

    def _compared(self, report: Report, after: dict[str, Reading], pipeline: Pipeline) -> Report:
        """The report with the serving model's scores beside, and with what changes. Past questions come last: what
        patients wrote is never kept."""
        assert self.live is not None
        assert report.scores is not None
        old = titles.answers(self.live.files)
        live_pipeline, before = self._tested("the serving model", self.live)
        live = examine.scores(self._suite, before, self._speed(self.live), old)
        found, live_found = (examine.results(self._suite.cases, readings) for readings in (after, before))
        past = [item.text for item in self.questions]
        after = after | _asked("the new model", pipeline, past, "past questions")
        before = before | _asked("the serving model", live_pipeline, past, "past questions")
        failures = [*gate.failures(found, live_found), *_failed_tests(report.scores)]
        failures += by_stratum.failures(report.scores.strata)
        signs = examine.signs(found, live_found)
        return replace(
            report,
            gate=Gate(not failures, tuple(failures)),
            scores=replace(compare.beside(report.scores, live), signs=signs),
            live=live,
            changes=compare.changes(self._suite, self.questions, before, after, old, self._names),
            rewritten=compare.rewritten(self.questions, after, old, self._names),
        )

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        start = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(time.monotonic() - start, 1)


def say(text: str) -> None:
    """How far it is, for people."""
    log.info("%s", text)


def _asked(whom: str, pipeline: Pipeline, texts: Sequence[str], things: str) -> dict[str, Reading]:
    return examine.ask(texts, pipeline, counting(f"asking {whom}", len(texts), things))


def counting(what: str, of: int, things: str) -> Callable[[int], None]:
    """Says now and then how many are done: "asking the new model: 300 of 2,563 test messages"."""
    last = float("-inf")

    def said(done: int) -> None:
        nonlocal last
        if time.monotonic() - last > SAY_EVERY_S:
            last = time.monotonic()
            say(f"{what}: {done:,} of {of:,} {things}")

    return said


def _failed_tests(scores: Scores) -> list[str]:
    found = []
    talks, staff = scores.conversations, scores.staff_tests
    if talks and talks.failed:
        found.append(f"{len(talks.failed)} of {talks.of} test conversations go another way")
    if staff.failed:
        found.append(f"{len(staff.failed)} of {staff.of} messages that staff saved as tests are understood otherwise")
    return found


def trial_of(job: dict[str, Any]) -> Trial:
    """The trial that a job asks for; see `patchline.trial.run`."""
    live = job.get("live")
    return Trial(
        files=Path(job["files"]),
        content=Path(job["content"]),
        out=Path(job["out"]),
        cache=Path(job["cache"]),
        live=Model(*(Path(live[key]) for key in ("archive", "files", "content"))) if live else None,
        archive=Path(job["archive"]) if job.get("archive") else None,
        questions=[Question(*item) for item in job["questions"]],
    )


def main() -> int:
    idle.step_back()
    logging.basicConfig(format=worker.FORMAT, level=logging.INFO, stream=sys.stdout, datefmt="%H:%M:%S")
    trial = trial_of(json.loads(sys.stdin.read()))
    try:
        report = trial.report()
        (trial.out / FILE).write_text(json.dumps(plain(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except Exception as error:
        if not worker.disk_is_full(error):
            raise
        return worker.DISK_FULL
    return 0


if __name__ == "__main__":
    sys.exit(main())
