"""Rasa channel for the gateway: whole answers with topic and sources, and nothing that a patient types is a command."""

from __future__ import annotations

import asyncio
import hmac
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, Request, response
from sanic.response import HTTPResponse

from patchline import settings
from patchline.nlu.red_flags import RAISED
from patchline.nlu.tracker_store import PASSING, TrackerStore

logger = logging.getLogger(__name__)
PART_OF_PATIENCE = 0.6  # of the time that the gateway waits: after that, what was said already is the answer
PROBE_QUESTION = "How long do I have to lie flat afterwards?"


class Collector(OutputChannel):
    """Collects the answers of one turn in the shape that the gateway expects."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        return "patchline"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        about = message.get("metadata") or {}
        self.messages.append(
            {
                "text": message.get("text") or "",
                "topic": about.get("topic"),
                "sources": about.get("sources", []),
                "buttons": [
                    {"title": button["title"], "choice": button["payload"].removeprefix("/")}
                    for button in message.get("buttons") or []
                ],
                "links": about.get("links", []),
            }
        )


class GatewayChannel(InputChannel):
    """`POST webhook`, `POST probe` and `DELETE conversations/<id>` under /webhooks/patchline, on the loopback."""

    def __init__(self) -> None:
        configured = settings.from_environment()
        self._token = configured.internal_token
        self._wait_s = configured.rasa_timeout_s * PART_OF_PATIENCE

    @classmethod
    def name(cls) -> str:
        return "patchline"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> InputChannel:
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("patchline_gateway_channel")

        @blueprint.on_request
        async def authorise(request: Request) -> HTTPResponse | None:
            sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
            if self._token and not hmac.compare_digest(sent.encode(), self._token.encode()):
                return response.json({"detail": "only the gateway may speak to Rasa"}, status=401)
            return None

        @blueprint.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            data = request.json
            collector, agent = Collector(), request.app.ctx.agent
            text = f"/{data['choice']}" if "choice" in data else data["text"].lstrip("/ \t\r\n")
            turn = asyncio.ensure_future(
                on_new_message(
                    UserMessage(
                        text, collector, data["sender"], input_channel=self.name(), message_id=data["message_id"]
                    )
                )
            )
            understood = {}
            if await ended(turn, collector, self._wait_s):
                understood = understood_of(_store(agent).latest(data["sender"]), data["message_id"])
            return response.json({"messages": collector.messages, "nlu": understood, "model": agent.model_id})

        @blueprint.post("/probe")
        async def probe(request: Request) -> HTTPResponse:
            """A real question through the whole dialogue, in a conversation that is never stored."""
            collector, sender = Collector(), f"{PASSING}{uuid.uuid4().hex}"
            await on_new_message(UserMessage(PROBE_QUESTION, collector, sender, input_channel=self.name()))
            agent = request.app.ctx.agent
            await _store(agent).forget(sender)
            topic = collector.messages[0]["topic"] if collector.messages else None
            return response.json({"topic": topic, "model": agent.model_id})

        @blueprint.delete("/conversations/<sender:str>")
        async def forget(request: Request, sender: str) -> HTTPResponse:
            await _store(request.app.ctx.agent).forget(sender)
            return response.empty()

        return blueprint


async def ended(turn: asyncio.Future[Any], collector: Collector, wait_s: float) -> bool:
    """Wait for a turn to end. False when it still goes on after `wait_s`, but has said something already.

    A warning's wording is said before `action_escalate` is asked for; an action server that hangs must not keep it from
    the patient. The turn goes on by itself. Raises what the turn raised.
    """
    await asyncio.wait([turn], timeout=wait_s)
    if not turn.done() and collector.messages:
        turn.add_done_callback(_log_failure)
        return False
    await turn
    return True


def _log_failure(turn: asyncio.Future[Any]) -> None:
    if not turn.cancelled() and turn.exception():
        logger.error("a turn failed after its answer was given: %s", type(turn.exception()).__name__)


def _store(agent: Any) -> TrackerStore:
    """Our store, from inside the wrapper that Rasa puts around every store."""
    return getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)


def understood_of(tracker: Any, message_id: str) -> dict[str, Any]:
    """What the model understood of this very message; {} where that is not known.

    A turn that could not be stored is not at hand: the tracker there is then of an earlier message, whose warning sign
    must not be taken for this one's.
    """
    said = tracker.latest_message if tracker else None
    return _nlu(said.parse_data) if said and said.message_id == message_id else {}


def _nlu(parsed: dict[str, Any]) -> dict[str, Any]:
    """What the model understood, without the words: intent, confidence and ranking (full retrieval names)."""
    intent = parsed.get("intent") or {}
    selected = (parsed.get("response_selector") or {}).get(intent.get("name"), {}).get("response", {})
    return {
        "intent": selected.get("intent_response_key", intent.get("name")),
        "confidence": intent.get("confidence"),
        RAISED: parsed.get(RAISED),
        "ranking": parsed.get("intent_ranking", []),
    }
