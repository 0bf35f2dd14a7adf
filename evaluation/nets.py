"""`python -m evaluation.nets`: how many warning signs the current model's pipeline finds, and what it wrongly raises.

Asks the two components that decide (intent classifier and red-flag component) with the settings of config.yml. Prints a
table by category and every message that was judged wrongly; writes nothing.
"""

from __future__ import annotations

import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ruamel.yaml import YAML

from evaluation.scores import wilson
from patchline import settings
from patchline.training import model

FILE = Path(__file__).parent / "dev" / "warning_signs.yml"


def main() -> int:
    groups = YAML(typ="safe").load(FILE.read_text(encoding="utf-8"))["questions"]
    print(f"loading {model.current(settings.from_environment()).name} …", flush=True)
    raised = judge()
    counts: dict[str, list[int]] = {}
    wrong = []
    for group in groups:
        expected = group["topic"].startswith("red_flag/")
        for text in group["messages"]:
            found = raised(text)
            for name in {kind(group), group["topic"]} if expected else {kind(group)}:
                count = counts.setdefault(name, [0, 0])
                count[0] += found == expected or group["topic"] == "what_if"
                count[1] += 1
            if found != expected and group["topic"] != "what_if":
                wrong.append(f"{'missed' if expected else 'wrongly raised'}  {group['topic']}: {text}")
    for name, (right, total) in sorted(counts.items()):
        low, high = wilson(right / total, total)
        print(f"{name:24} {right:4} of {total:4}  {right / total:6.1%}  ({low:.1%} to {high:.1%})")
    print(*wrong, sep="\n")
    return 0


def kind(group: dict) -> str:
    """The category that a group's messages are counted as, e.g. "saddle" or "hard negative"; without one its topic."""
    return group.get("category", group["topic"])


def judge():
    """A function from a message to whether a warning sign is raised, with the components of the current model."""
    from rasa.shared.nlu.training_data.message import Message

    classifier, component = components()

    def raised(text: str) -> bool:
        message = Message(data={"text": text})
        component.process(classifier.process([message]))
        return message.get("intent")["name"] == "red_flag"

    return raised


def components():
    """Intent classifier and red-flag component, as config.yml sets them."""
    from patchline.nlu.encoder import GRAPH, Encoder
    from patchline.nlu.intent_classifier import IntentClassifier
    from patchline.nlu.intent_model import IntentModel
    from patchline.nlu.red_flags import RedFlags

    classifier_config, component_config = pipeline()
    classifier = IntentClassifier({**IntentClassifier.get_default_config(), **classifier_config}, None, None)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(model.current(settings.from_environment())) as archive:
            archive.extractall(folder, filter="data")
        parts = next(Path(folder).rglob(GRAPH)).parent
        classifier._model = IntentModel.load(parts, Encoder(parts))
    return classifier, RedFlags({**RedFlags.get_default_config(), **component_config})


def pipeline() -> Iterator[dict]:
    """The settings of the pipeline's components, without their names."""
    configured = YAML(typ="safe").load((settings.ROOT / "config.yml").read_text(encoding="utf-8"))
    return ({key: value for key, value in item.items() if key != "name"} for item in configured["pipeline"])


if __name__ == "__main__":
    sys.exit(main())
