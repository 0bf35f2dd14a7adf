"""`patchline status`: which model there is and whether patients get answers."""

from __future__ import annotations

from patchline import settings
from patchline.run import health
from patchline.training.model import ModelError, current, read_record


def status() -> int:
    """Prints both; exit code 0 when a model answers, else 1."""
    chosen = settings.from_environment()
    try:
        archive = current(chosen)
        record = read_record(archive)
        print(f"Model:   {archive.name}, trained {record.trained_at} in {record.seconds:.0f} s with Rasa {record.rasa}")
    except ModelError as error:
        print(f"Model:   {error}")
    answer = health.ready(chosen)
    if answer:
        print(f"Gateway: answers at {health.address(chosen)} with model {answer.get('model')}")
        return 0
    state = "is up, but no model answers" if health.live(chosen) else "does not answer"
    print(f"Gateway: {state} at {health.address(chosen)}")
    return 1
