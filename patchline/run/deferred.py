"""Puts off the import of a heavy module until something in it is used."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any


def defer(name: str) -> None:
    """Register the module `name` so that its code runs at the first use.

    The module is the real one: the first attribute that is asked for runs its code. Does nothing when the module is
    loaded already. Meant for modules that others bind with `import a.b.c` and touch in functions only; with
    `from a.b.c import d` the code runs at once, as ever.
    """
    if name in sys.modules:
        return
    package, _, last = name.rpartition(".")
    parent = importlib.import_module(package) if package else None
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    module, loader = importlib.util.module_from_spec(spec), spec.loader

    def first_use(attribute: str) -> Any:
        if attribute.startswith("__"):  # the import system asks for some of these
            raise AttributeError(attribute)
        module.__dict__.pop("__getattr__", None)
        loader.exec_module(module)
        return getattr(module, attribute)

    module.__getattr__ = first_use  # type: ignore[method-assign]  # how PEP 562 wants it
    sys.modules[name] = module
    if parent:
        setattr(parent, last, module)
