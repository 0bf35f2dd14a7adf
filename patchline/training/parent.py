"""Starts a program that ends with the supervisor."""

from __future__ import annotations

import os
import sys

from patchline.lifeline import stop_with_parent


def main(arguments: list[str]) -> None:
    """`python -m patchline.training.parent COMMAND …`: become COMMAND, tied to the supervisor that started it.

    The supervisor leads its session, so a parent of another number means that it ended before the request was made.
    """
    stop_with_parent()
    if os.getppid() != os.getsid(0):
        sys.exit(0)
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main(sys.argv[1:])
