"""What Rasa itself says against a set of files: rules, stories and forms that name what there is not."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from patchline.trial.report import Finding

LONGEST = 400  # characters of what Rasa says
UNUSED = "is not used in any"  # an answer that no rule has is no mistake: follow-ups are chosen by a slot


def check(files: Path) -> list[Finding]:
    """The checks of `rasa data validate` that a training does not make. Takes some seconds, most of it to load Rasa."""
    from rasa.shared.importers.importer import TrainingDataImporter
    from rasa.validator import Validator

    importer = TrainingDataImporter.load_from_config(
        str(files / "config.yml"), str(files / "domain.yml"), [str(files / "data")]
    )
    validator = Validator.from_importer(importer)
    checks = (
        validator.verify_domain_validity,
        validator.verify_actions_in_stories_rules,
        validator.verify_forms_in_stories_rules,
        lambda: validator.verify_utterances_in_stories(ignore_warnings=False),
        lambda: validator.verify_story_structure(ignore_warnings=False),
    )
    return [Finding("rasa", in_words(sentence)) for one in checks for sentence in _heard(one)]


def _heard(check: Callable[[], bool]) -> list[str]:
    """What a check says against the files; [] when it is content."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        if check():
            return []
    found = [str(item.message) for item in said if issubclass(item.category, UserWarning)]
    return [sentence for sentence in found if UNUSED not in sentence] or ["rules and stories do not fit together"]


def refusal(error: BaseException) -> Finding | None:
    """What to mend, where a training ended because Rasa does not take the files; None for any other error."""
    from rasa.engine.exceptions import GraphComponentException
    from rasa.shared.exceptions import RasaException

    for cause in _causes(error):
        if isinstance(cause, RasaException) and not isinstance(cause, GraphComponentException):
            return Finding("rasa", in_words(str(cause)))
    return None


def in_words(said: str) -> str:
    """The first lines of what Rasa says, on one line."""
    line = " ".join(said.split())
    return f"Rasa does not take the files: {line[:LONGEST]}{'…' if len(line) > LONGEST else ''}"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
