"""What is judged by stratum: messages by people who saw no training data, an open half of each stratum and a sealed.

The open half may be read and mended by. The sealed half is scored and never printed. The public harmless messages, of
customers of other businesses, are a stratum that has no sealed half.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from patchline.nlu import strata
from patchline.nlu.strata import NONE, Line
from patchline.trial.gate import MESSAGES, read_cases

SIGNS, PUBLIC = "signs", "public"
FOLDER = Path(__file__).parent / "strata"
UNSEEN = MESSAGES.with_name("unseen_signs.yml")


def opened() -> list[Line]:
    """Warning signs and their false friends, then every stratum."""
    return [*signs(MESSAGES), *(line for name in strata.NAMES for line in strata.read(FOLDER, name))]


def sealed() -> list[Line]:
    """The other half of each. Nobody prints or stores these messages."""
    return [*signs(UNSEEN), *(line for name in strata.NAMES for line in strata.read(FOLDER, name, sealed=True))]


def signs(path: Path) -> list[Line]:
    """The messages of a development file of warning signs; which topic the harmless ones have is not asked."""
    return [Line(SIGNS, case.tier or NONE, (), case.category, case.text) for case in read_cases(path)]


def public(folder: Path) -> list[Line]:
    """Each different test message of the public sets below `folder`, once. Raises `FileNotFoundError`."""
    texts = dict.fromkeys(text for text in map(str.strip, _public_texts(folder)) if text)
    if not texts:
        raise FileNotFoundError(2, "no public sets", str(folder))
    return [Line(PUBLIC, NONE, (), "", text) for text in texts]


def _public_texts(folder: Path) -> Iterator[str]:
    few_shot = folder / "fewshot"
    for path in (*sorted(few_shot.glob("*/test/seq.in")), *sorted(few_shot.glob("*/oos/*/seq.in"))):
        yield from path.read_text(encoding="utf-8").splitlines()
    for path in sorted((folder / "hint3").glob("v[12]/test/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from (row["sentence"] for row in csv.DictReader(file))
