"""`python -m evaluation.reliability` (make reliability): break everything on both databases, count, write the page.

make reliability                                          500 escalations on SQLite and 500 on PostgreSQL
python -m evaluation.reliability --database sqlite --escalations 40 --minutes 1 --seed 7
python -m evaluation.reliability --table                  only write the page from the stored counts
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from evaluation import machine, readme, results
from evaluation.reliability import report
from evaluation.reliability.databases import KINDS
from evaluation.reliability.run import Options, Result, RunError, run
from patchline import settings
from patchline.settings import ROOT
from patchline.training.progress import Progress
from patchline.training.train import train

STORED = results.FOLDER / "reliability.json"
PAGE = ROOT / "docs" / "reliability.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """0: nothing was lost; 1: something was, or a run could not be done."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended then, too
    failed = False
    if not options.table:
        for name in list(KINDS) if options.database == "both" else [options.database]:
            chosen = Options(options.escalations, options.minutes, options.limit, options.seed)
            try:
                result = measured(name, chosen, options.keep)
            except RunError as error:
                print(f"{name}: {error}", file=sys.stderr)
                return 1
            for fault in result.counts.faults:
                print(f"{name}: FAULT {fault}")
            failed |= bool(result.counts.faults)
            if options.write:
                store(name, result)
    if options.table or options.write:
        readme.replace(PAGE, report.render(kept()))
        print(f"The counts stand in {PAGE}")
    return 1 if failed else 0


def kept() -> dict[str, Any]:
    """The latest run on each database, by its name."""
    runs = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    return {name: runs[name] for name in KINDS if name in runs}


def store(name: str, result: Result) -> None:
    """In place of the latest run on this database; at once, because the next one takes a while and may be stopped."""
    about = {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine.describe(),
        "versions": f"Patchline {version('patchline')}, Rasa {version('rasa')}",
    }
    runs = kept() | {name: report.stored(result) | about}
    STORED.write_text(json.dumps(runs, indent=1) + "\n", encoding="utf-8")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m evaluation.reliability", description=__doc__.split("\n")[0])
    parser.add_argument("--escalations", type=int, default=500, help="on each database (default: 500)")
    parser.add_argument("--database", choices=[*KINDS, "both"], default="both")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="draws all troubles (default: the time)")
    parser.add_argument("--minutes", type=float, default=15.0, help="how long the patients talk (default: 15)")
    parser.add_argument("--limit", type=float, default=45.0, help="minutes after which a run is given up (default: 45)")
    parser.add_argument("--table", action="store_true", help="run nothing, only write the page")
    parser.add_argument("--keep", action="store_true", help="leave the folders with logs and databases, and say where")
    parser.add_argument(
        "--no-write", dest="write", action="store_false", help="only print; leave the stored counts alone"
    )
    return parser.parse_args(arguments)


def measured(name: str, options: Options, keep: bool) -> Result:
    """One run in a folder of its own, which is removed at the end unless there were faults."""
    print(f"{name}: seed {options.seed}, {options.escalations} escalations", flush=True)
    archive = train(settings.from_environment(), Progress())
    folder = Path(tempfile.mkdtemp(prefix=f"patchline-reliability-{name}-"))
    try:
        database = KINDS[name]()
    except RuntimeError as error:
        raise RunError(str(error)) from error
    try:
        result = run(database, archive, folder, options, lambda text: print(f"{name}: {text}", flush=True))
        keep |= bool(result.counts.faults)
        return result
    finally:
        database.close()
        if keep:
            print(f"{name}: logs and databases are in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit("\nStopped; runs that were done are kept.")
