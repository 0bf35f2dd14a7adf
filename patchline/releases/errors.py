"""What can go wrong with a release. Each message is for people."""

from __future__ import annotations

from collections.abc import Sequence


class ReleaseError(Exception):
    """It was not done, and everything is as it was."""


class Refused(ReleaseError):
    """It may not be done; `reasons` says why, a sentence each."""

    def __init__(self, what: str, reasons: Sequence[str]):
        super().__init__("\n  ".join([what, *reasons]) if len(reasons) > 1 else f"{what} {''.join(reasons)}".strip())
        self.reasons = tuple(reasons)


class Broken(ReleaseError):
    """It was begun and failed on the way; what served before serves on."""
