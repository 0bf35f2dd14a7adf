"""The command `patchline`. Each sub-command is one entry in `COMMANDS`; its code is imported when it is called."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patchline.content import ContentError
from patchline.privacy.errors import Failed, Refused
from patchline.run.checks import StartError
from patchline.settings import LONGEST_DAYS, SettingsError
from patchline.training.model import ModelError, TrainingFailed

# Their message is all that a person needs.
TOLD = (SettingsError, ContentError, ModelError, StartError, Refused, Failed)


@dataclass(frozen=True)
class Command:
    """One sub-command: `call` gets the parsed arguments and returns the exit code."""

    name: str
    help: str
    call: Callable[[argparse.Namespace], int]
    add_arguments: Callable[[argparse.ArgumentParser], None] = lambda parser: None


def _run(arguments: argparse.Namespace) -> int:
    from patchline.run.start import run

    return run()


def _train(arguments: argparse.Namespace) -> int:
    from patchline.settings import from_environment
    from patchline.training.progress import Progress
    from patchline.training.train import train

    train(from_environment(), Progress(), force=arguments.force)
    return 0


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="train even if there is a current model")


def _status(arguments: argparse.Namespace) -> int:
    from patchline.run.status import status

    return status()


def _doctor(arguments: argparse.Namespace) -> int:
    from patchline.run.doctor import run

    return run(arguments)


def _doctor_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--send", action="store_true", help="send a test message over every channel of the chain")


def _purge(arguments: argparse.Namespace) -> int:
    from patchline.privacy.purge import run

    return run(arguments)


def _purge_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="say what would be deleted, and delete nothing")
    parser.add_argument(
        "--older-than",
        type=_days,
        metavar="DAYS",
        help="transcripts whose last message is older, instead of PATCHLINE_KEEP_TRANSCRIPTS_DAYS; tickets and the"
        " desk's audit log keep their own setting",
    )


def _days(text: str) -> int:
    days = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= days <= LONGEST_DAYS:
        raise argparse.ArgumentTypeError(f"must be a number of days between 1 and {LONGEST_DAYS}, not {text!r}")
    return days


def _backup(arguments: argparse.Namespace) -> int:
    from patchline.privacy.backup import run

    return run(arguments)


def _backup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE|FOLDER", help="the archive, or the folder that it is made in")


def _restore(arguments: argparse.Namespace) -> int:
    from patchline.privacy.restore import run

    return run(arguments)


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("archive", metavar="FILE", help="what `patchline backup` has made")
    parser.add_argument("--force", action="store_true", help="over data that is there; it is kept beside")


def _safety(arguments: argparse.Namespace) -> int:
    from patchline.safety.command import run
    from patchline.settings import from_environment

    return run(arguments, from_environment().content)


def _safety_arguments(parser: argparse.ArgumentParser) -> None:
    from patchline.safety.command import add_arguments

    add_arguments(parser)


def _staff(arguments: argparse.Namespace) -> int:
    from patchline.desk.commands import run
    from patchline.settings import from_environment

    return run(arguments, from_environment())


def _staff_arguments(parser: argparse.ArgumentParser) -> None:
    from patchline.desk.arguments import add_arguments

    add_arguments(parser)


def _review(arguments: argparse.Namespace) -> int:
    from patchline.review.commands import run
    from patchline.settings import from_environment

    return run(arguments, from_environment())


def _review_arguments(parser: argparse.ArgumentParser) -> None:
    from patchline.review.arguments import add_arguments

    add_arguments(parser)


def _adapt(arguments: argparse.Namespace) -> int:
    from patchline.settings import ROOT
    from patchline.training.adapt import adapt

    adapt(ROOT)
    return 0


COMMANDS = (
    Command("run", "start everything; Ctrl-C stops it (exit code 0)", _run),
    Command("train", "train a model if there is no current one", _train, _train_arguments),
    Command(
        "adapt", "teach the sentence encoder from all training sentences (ten minutes or more; rarely needed)", _adapt
    ),
    Command("status", "say which model there is and whether it answers", _status),
    Command("doctor", "say what is wrong, and what to do (exit code 1 for a problem)", _doctor, _doctor_arguments),
    Command("review", "what patients asked and the bot was unsure of, as a spreadsheet", _review, _review_arguments),
    Command("staff", 'accounts of the desk: staff add --admin ana --name "Ana López"', _staff, _staff_arguments),
    Command("purge", "delete what is older than it may be (it happens by itself once a day)", _purge, _purge_arguments),
    Command("backup", "put everything that is kept into one archive, while Patchline runs", _backup, _backup_arguments),
    Command(
        "restore", "put an archive's content back in place, while Patchline is stopped", _restore, _restore_arguments
    ),
    Command("safety", 'say why a message is flagged: safety explain "my leg is numb"', _safety, _safety_arguments),
)


def parser(commands: Sequence[Command] = COMMANDS) -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="patchline", description="Answers patients from the clinic's own document.")
    below = top.add_subparsers(metavar="COMMAND", required=True)
    for command in commands:
        child = below.add_parser(command.name, help=command.help, description=command.help)
        command.add_arguments(child)
        child.set_defaults(call=command.call)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit codes: 0 done, 1 failed on the way, 2 a setting, a file or this machine is in the way (one sentence)."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.call(chosen)
    except TOLD as error:
        print(f"patchline: {error}", file=sys.stderr)
        return 1 if isinstance(error, TrainingFailed | Failed) else 2
    except OSError as error:
        full = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        print(f"patchline: {full}: {error.filename or 'a file of this installation'}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
