"""Safety: pure functions over a patient's text. This room knows no other room: no Rasa, no web, no database.

Nothing is loaded when this package is imported; the patterns and spaCy load on the first `detect` (about 2 s), or when
a `Detector` is built, e.g. while a server starts:

>>> from patchline.safety import Detector, load
>>> detector = Detector(load(Path("content")))
>>> detector.detect("no fever, but my left leg is numb").tier
'clinic'
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .detector import Detector
    from .loading import load
    from .model import Detection, Flag
    from .rules import Rules

__all__ = ["Detection", "Detector", "Flag", "Rules", "detect", "load"]

_HOME = {"Detection": "model", "Flag": "model", "Detector": "detector", "Rules": "rules", "load": "loading"}


def detect(text: str) -> Detection:
    """What the rules net says of one message, by the patterns in this installation's own `content/` folder."""
    return _shared().detect(text)


@cache
def _shared() -> Detector:
    from .detector import Detector
    from .loading import load

    return Detector(load(Path(__file__).resolve().parents[2] / "content"))


def __getattr__(name: str) -> Any:
    """`from patchline.safety import Detector` imports spaCy only when somebody asks for it."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOME[name]}", __name__), name)
