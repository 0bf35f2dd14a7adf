"""Why a command did not do what was asked. The message is a sentence for people; no patient's word is in it."""

from __future__ import annotations


class Refused(Exception):
    """Nothing was touched: something is in the way, and the message says what to do (exit code 2)."""


class Failed(Exception):
    """It went wrong on the way; the message says what holds now (exit code 1)."""
