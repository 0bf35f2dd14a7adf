"""What the desk shows of an answer is what Rasa's side and the gateway make of it, word for word."""

import asyncio
from datetime import UTC, datetime

import pytest
from rasa.shared.core.domain import Domain

from patchline import content as contents
from patchline.desk.editing.preview import of_answer, of_wording
from patchline.gateway.dialogue import read_answer
from patchline.gateway.messages import Messages
from patchline.nlu.channel import Collector
from patchline.nlu.nlg import ContentNLG
from patchline.settings import Settings
from patchline.workspace import topics as T
from patchline.workspace.files import installed
from tests.answers import ROOT

FILES = installed(Settings())
TOPICS = {topic.id: topic for topic in T.topics_of(FILES)}
TITLES = {topic.id: topic.title for topic in TOPICS.values()}
CONTENT = contents.load(ROOT / "content")


@pytest.fixture(scope="module")
def responses():
    return {
        name: said
        for path, data in FILES.items()
        if path.startswith("data/") or path == "domain.yml"
        for name, said in (T.plain(data).get("responses") or {}).items()
    }


@pytest.fixture
def nlg(monkeypatch, tmp_path, responses):
    monkeypatch.setenv("PATCHLINE_VAR", str(tmp_path))
    return ContentNLG(domain=Domain.from_dict({"responses": responses}))


@pytest.mark.parametrize("id", [id for id, topic in TOPICS.items() if topic.answer and topic.variations == 1])
def test_every_answer_is_shown_as_a_patient_gets_it(nlg, id):
    collector = Collector()
    asyncio.run(collector.send_response("a patient", nlg.generate_from_slots(f"utter_{id}", {}, "patchline")))
    (said,) = read_answer({"messages": collector.messages}).messages
    assert of_answer(TOPICS[id], TITLES, CONTENT).message == Messages(CONTENT).answer(said)


@pytest.mark.parametrize("id", CONTENT.written)
def test_every_wording_is_shown_as_the_gateway_says_it(id):
    now = datetime.now(UTC)
    shown = of_wording(id, CONTENT.written[id], CONTENT, now)
    messages = Messages(CONTENT)
    if "{" not in CONTENT.written[id].replace("{line}", "").replace("{emergency}", ""):  # nothing of its own, no time
        tier = id.split("/")[1] if id.startswith("red_flag/") else None
        said = messages.wording(id, shown.message["topic"], now)
        assert shown.message == messages.with_lines([said], {tier} if tier else ())[0]
    assert "{" not in shown.message["text"]
