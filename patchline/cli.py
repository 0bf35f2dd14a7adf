"""The command `patchline`. Each sub-command is one entry in `COMMANDS`; its code is imported when it is called."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from patchline.content import ContentError
from patchline.privacy.errors import Failed, Refused
from patchline.process import keep_private
from patchline.releases.errors import ReleaseError
from patchline.releases.serving import ServingError
from patchline.run.checks import StartError
from patchline.settings import LONGEST_DAYS, SettingsError
from patchline.training.model import ModelError, TrainingFailed
from patchline.workspace.errors import WorkspaceError

# Their message is all that a person needs.
TOLD = (
    SettingsError,
    ContentError,
    ModelError,
    StartError,
    Refused,
    Failed,
    ServingError,
    ReleaseError,
    WorkspaceError,
)


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

    chosen = from_environment()
    if arguments.workspace:
        from patchline.releases.commands import run_train

        return run_train(arguments, chosen)
    train(chosen, Progress(), force=arguments.force)
    return 0


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--force", action="store_true", help="train even if there is a current model")
    parser.add_argument(
        "--workspace", action="store_true", help="make a release of what staff edited: train it and try it"
    )
    parser.add_argument("-m", "--message", metavar="SENTENCE", default="", help="what the release is for")
    _by_argument(parser)


def _by_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--by", metavar="NAME", help="who does it, for the record; otherwise this account")


def _promote(arguments: argparse.Namespace) -> int:
    from patchline.releases.commands import run_promote
    from patchline.settings import from_environment

    return run_promote(arguments, from_environment())


def _promote_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("release", type=_release, metavar="RELEASE", help="its number; 0 is what was installed")
    _by_argument(parser)


def _release(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise argparse.ArgumentTypeError(
            f"must be the number of a release, not {text!r}; `patchline models` lists them"
        )
    return int(text)


def _roll_back(arguments: argparse.Namespace) -> int:
    from patchline.releases.commands import run_roll_back
    from patchline.settings import from_environment

    return run_roll_back(arguments, from_environment())


def _test(arguments: argparse.Namespace) -> int:
    from patchline.run.trying import test

    return test(arguments)


def _test_arguments(parser: argparse.ArgumentParser) -> None:
    from patchline.run.trial_arguments import add_test_arguments

    add_test_arguments(parser)


def _compare(arguments: argparse.Namespace) -> int:
    from patchline.run.trying import compare

    return compare(arguments)


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    from patchline.run.trial_arguments import add_compare_arguments

    add_compare_arguments(parser)


def _models(arguments: argparse.Namespace) -> int:
    from patchline.releases.commands import run_models
    from patchline.settings import from_environment

    return run_models(arguments, from_environment())


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
    from patchline.run.explaining import explain

    return explain(arguments)


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
    Command("train", "train what was installed if need be; --workspace: make a release", _train, _train_arguments),
    Command("test", "try what serves, a release or the workspace: every test and the gate", _test, _test_arguments),
    Command("compare", "say what changes when release B takes the place of A", _compare, _compare_arguments),
    Command("promote", "have a release answer patients, once it passed its trial", _promote, _promote_arguments),
    Command("rollback", "have the release answer patients that did before", _roll_back, _by_argument),
    Command("models", "list the releases: their trials, who made and who promoted them", _models),
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
    keep_private()
    try:
        return chosen.call(chosen)
    except TOLD as error:
        print(f"patchline: {error}", file=sys.stderr)
        return 1 if isinstance(error, TrainingFailed | Failed | ReleaseError) else 2
    except OSError as error:
        full = "the disk is full" if error.errno == errno.ENOSPC else error.strerror
        print(f"patchline: {full}: {error.filename or 'a file of this installation'}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
