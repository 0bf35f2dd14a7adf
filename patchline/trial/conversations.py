"""Goes through the test conversations with a trained model, as `rasa test` does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from patchline.settings import ROOT
from patchline.trial.report import Conversations, FailedConversation

FOLDER = ROOT / "tests" / "conversations"


async def go_through(agent: Any, said: Callable[[str], None], folder: Path = FOLDER) -> Conversations:
    """What every conversation of `folder` comes to. `agent`: Rasa's, with the model loaded; `said` hears file names."""
    from rasa.core.test import _create_data_generator

    failed, total = [], 0
    for path in sorted(folder.glob("*.yml")):
        said(path.name)
        trackers = _create_data_generator(str(path), agent, None, True).generate_story_trackers()
        total += len(trackers)
        for tracker in trackers:
            sentence = await _went_wrong(agent, tracker)
            if sentence:
                failed.append(FailedConversation(tracker.sender_id, path.name, sentence))
    return Conversations(total - len(failed), total, tuple(failed))


async def _went_wrong(agent: Any, tracker: Any) -> str | None:
    """The first place where it goes another way, in words; None where it goes as written."""
    from rasa.core.test import WronglyPredictedAction, _predict_tracker_actions
    from rasa.shared.core.events import UserUttered

    said = ""
    for event in tracker.events:
        if isinstance(event, UserUttered) and event.text:
            parsed = await agent.parse_message(event.text)
            wanted, got = event.intent["name"], parsed["intent"]["name"]
            if wanted != got:
                return f"“{event.text}” is understood as {got} instead of {wanted}"
    _, played, _, _ = await _predict_tracker_actions(tracker, agent)
    for event in played.events:
        if isinstance(event, UserUttered):
            said = event.text or (event.intent or {}).get("name", "")
        if isinstance(event, WronglyPredictedAction):
            return f"After “{said}” comes {event.action_name_prediction} instead of {event.action_name}"
    return None
