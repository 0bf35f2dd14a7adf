"""The arguments of `patchline test` and `patchline compare`: read at every start of a command, so light."""

from __future__ import annotations

import argparse


def add_test_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        nargs="?",
        default="serving",
        metavar="RELEASE|workspace",
        help="the number of a release, 0 for what was installed, or `workspace`: what staff have written by now, which"
        " is trained first (default: the release that serves)",
    )
    _add_words(parser)


def add_compare_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="A", help="the number of a release, or `serving`")
    parser.add_argument("after", metavar="B", help="the number of the one that would take its place")
    _add_words(parser)


def _add_words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--words", action="store_true", help="show past questions in patients' words, not by their numbers"
    )
