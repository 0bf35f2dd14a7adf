"""`patchline status`: which model there is and whether patients get answers."""

from __future__ import annotations

from patchline import health, settings
from patchline.releases.errors import ReleaseError
from patchline.releases.serving import ServingError
from patchline.releases.store import Releases
from patchline.training.model import ModelError, read_record


def status() -> int:
    """Prints both; exit code 0 when a model answers, else 1."""
    chosen = settings.from_environment()
    releases = Releases(chosen)
    try:
        release = releases.get(releases.serving().serving.release)
        print(f"Serving: {release.name}")
        archive = releases.archive(release)
        record = read_record(archive)
        print(f"Model:   {archive.name}, trained {record.trained_at} in {record.seconds:.0f} s with Rasa {record.rasa}")
    except (ModelError, ReleaseError, ServingError) as error:
        print(f"Model:   {error}")
    except (OSError, ValueError, TypeError):
        print("Model:   the record of the model cannot be read")
    answer = health.ready(chosen)
    if answer:
        print(f"Gateway: answers at {health.address(chosen)} with model {answer.get('model')}")
        return 0
    state = "is up, but no model answers" if health.live(chosen) else "does not answer"
    print(f"Gateway: {state} at {health.address(chosen)}")
    return 1
