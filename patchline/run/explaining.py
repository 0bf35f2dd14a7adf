"""`patchline safety explain`: by the current model where there is one, without the heavy part of Rasa and its words."""

from __future__ import annotations

import argparse
import logging
import os

from patchline.run.deferred import defer
from patchline.safety import command
from patchline.settings import from_environment


def explain(arguments: argparse.Namespace) -> int:
    """Explains each message; the exit code."""
    from patchline.trial.explain import explainer

    chosen = from_environment()
    return command.run(arguments, lambda: explainer(chosen, arguments.rules, quiet_rasa))


def quiet_rasa() -> None:
    """To be called before Rasa is loaded, once there is a model that needs it."""
    from patchline.run.rasa_server import TENSORFLOW_USERS
    from patchline.training.train import QUIET

    os.environ.update(QUIET)
    logging.captureWarnings(True)  # whichever the libraries choose to show, into a log that nobody reads
    logging.getLogger("py.warnings").propagate = False
    defer(TENSORFLOW_USERS)
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)  # unconfigured, structlog prints messages
