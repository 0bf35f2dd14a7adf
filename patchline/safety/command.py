"""`patchline safety explain "text" ...`: why messages are flagged or not."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator

NO_MESSAGE = 2  # exit code
Explain = Callable[[str], str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(metavar="WHAT", required=True)
    child = below.add_parser(
        "explain",
        help="say why a message is flagged or not",
        description="Say for each message which words are a warning sign, by which pattern, what lowers it, what the "
        "trained model makes of it and what follows. Nothing is kept or sent. Exit code 0; 2 where there is no message "
        "or a file has a mistake.",
    )
    child.add_argument("--rules", action="store_true", help="by the rules alone, also where there is a trained model")
    child.add_argument(
        "messages", nargs="*", metavar="TEXT", help="a message in quotes; none, or -: one a line of stdin"
    )


def run(arguments: argparse.Namespace, explainer: Callable[[], Explain]) -> int:
    """Prints an explanation of each message, with an empty line between. `explainer` loads what explains them."""
    messages = _messages(arguments.messages, sys.stdin)
    first = next(messages, None)
    if first is None:
        print('patchline: no message; write one in quotes: patchline safety explain "my leg is numb"', file=sys.stderr)
        return NO_MESSAGE
    explain = explainer()
    print(explain(first))
    for message in messages:
        print("\n" + explain(message))
    return 0


def _messages(given: list[str], lines: Iterable[str]) -> Iterator[str]:
    """Those with something in them: `given`, or the lines where nothing or - is given."""
    return (message for message in (lines if given in ([], ["-"]) else given) if message.strip())
