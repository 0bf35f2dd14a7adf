"""The job: one scan in this process, at idle priority, its progress in `var/review.json`."""

from __future__ import annotations

import os
import sys

import sqlalchemy as sa

from patchline.review import state
from patchline.review.scan import Busy, scan
from patchline.review.state import State
from patchline.settings import Settings, from_environment
from patchline.training.model import ModelError


def main() -> int:
    settings = from_environment()
    os.nice(19)
    return run(settings)


def run(settings: Settings) -> int:
    """Exit codes: 0 done, or somebody else is at it; 1 failed, and the state says why."""
    try:
        counts = scan(settings, lambda sentence: state.write(settings, State("running", sentence, os.getpid())))
    except Busy:
        return 0
    except ModelError as error:
        return _failed(settings, f"There is no model to compare with: {error}")
    except sa.exc.SQLAlchemyError as error:
        return _failed(settings, f"The database does not answer ({type(error).__name__}). Try again.")
    except Exception as error:
        return _failed(settings, f"Something went wrong on our side ({type(error).__name__}). Tell the engineer.")
    state.write(settings, State("done", f"{counts.seen} messages looked at, {counts.new} new here"))
    return 0


def _failed(settings: Settings, sentence: str) -> int:
    state.write(settings, State("failed", sentence))
    return 1


if __name__ == "__main__":
    sys.exit(main())
