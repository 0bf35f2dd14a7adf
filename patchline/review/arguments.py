"""The arguments of `patchline review`; apart from the commands, which load the database's libraries."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """`arguments.what` is a key of `commands.COMMANDS`."""
    below = parser.add_subparsers(metavar="WHAT", dest="what", required=True)

    def command(name: str, help: str) -> argparse.ArgumentParser:
        return below.add_parser(name, help=help, description=help)

    command("scan", "look through the journal for messages that are worth a look")
    export = command("export", "write what waits into a CSV file")
    export.add_argument("file", metavar="FILE", help='"-" for standard output')
    export.add_argument("--no-scan", action="store_true", help="what is there now, without looking for new messages")
    back = command("import", "do what was filled into the columns decision and test of an exported file")
    back.add_argument("file", metavar="FILE")
    back.add_argument("--name", default="command line", help="whose decisions they are, in the history")
    back.add_argument("--dry-run", action="store_true", help="check the file and say what would be done")
