"""The chat API: from requests to conversations and back. The contract is in openapi.yml."""

from __future__ import annotations

import time
from dataclasses import replace

from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from patchline.gateway import client, incoming, logs, transcripts
from patchline.gateway.problems import Problem
from patchline.gateway.tokens import Tokens

NO_TOKEN = "Send the conversation's token as 'Authorization: Bearer <token>'."
OTHER_TOKEN = "This token belongs to another conversation."


async def open_conversation(request: Request) -> Response:
    await incoming.read_body(request)  # none is needed; one that comes is bounded and ignored
    parts = request.app.state.parts
    parts.rates.check_new(client.address(request.scope, parts.settings.trusted_proxies))
    conversation_id, greeting = await parts.conversations.open()
    request.scope[logs.NOTES]["conversation"] = conversation_id
    body = {"conversation_id": conversation_id, "token": parts.tokens.issue(conversation_id), "greeting": greeting}
    return JSONResponse(body, 201)


async def say(request: Request) -> Response:
    started = time.perf_counter()
    parts, notes = request.app.state.parts, request.scope[logs.NOTES]
    conversation_id = _conversation(request)
    parts.rates.check_message(conversation_id)
    said = replace(await incoming.read_said(request), network=_source(request))
    notes["message"] = said.message_id
    reply = await parts.conversations.say(conversation_id, said)
    notes.update(topic=reply.topic, reason=reply.reason, rasa_ms=reply.rasa_ms, repeated=reply.repeated)
    if escalation := reply.body["escalation"]:
        notes.update(tier=escalation["tier"], escalation=escalation["status"])
    if not reply.repeated:
        parts.metrics.message(time.perf_counter() - started, reply.topic, reply.reason)
    return JSONResponse(reply.body)


async def rate(request: Request) -> Response:
    conversation_id, helpful = _conversation(request), await incoming.read_helpful(request)
    await request.app.state.parts.conversations.rate(conversation_id, request.path_params["message_id"], helpful)
    return Response(status_code=204)


class Conversation(HTTPEndpoint):
    """One conversation: read it, or delete it."""

    async def get(self, request: Request) -> Response:
        conversation_id = _conversation(request)
        parts = request.app.state.parts
        chat = await parts.conversations.chat(conversation_id)
        return JSONResponse(transcripts.body(conversation_id, chat, parts.live.now.notes))

    async def delete(self, request: Request) -> Response:
        await request.app.state.parts.conversations.forget(_conversation(request))
        return Response(status_code=204)


async def events(request: Request) -> Response:
    parts, conversation_id = request.app.state.parts, _conversation(request)
    await parts.conversations.chat(conversation_id)  # 404 for a deleted one
    if request.method == "HEAD":
        return Response(media_type="text/event-stream")
    network = client.network_of(client.address(request.scope, parts.settings.trusted_proxies))
    parts.events.check_room(conversation_id, network)
    stream = parts.events.stream(conversation_id, request.headers.get("last-event-id"), network)
    # A proxy that collected the stream before passing it on would hold back every event.
    return StreamingResponse(stream, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _source(request: Request) -> str | None:
    """From which network a request comes; None where nobody is held to a rate."""
    parts = request.app.state.parts
    if not parts.rates.on:
        return None
    return client.source(client.address(request.scope, parts.settings.trusted_proxies), parts.settings.secret)


def _conversation(request: Request) -> str:
    """The conversation that the address names and the token opens. Raises `Problem` 401 or 403."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    tokens: Tokens = request.app.state.parts.tokens
    owner = tokens.owner(token.strip()) if scheme.lower() == "bearer" else None
    if owner is None:
        raise Problem(401, NO_TOKEN, headers={"WWW-Authenticate": "Bearer"})
    if owner != request.path_params["id"]:
        raise Problem(403, OTHER_TOKEN)
    request.scope[logs.NOTES]["conversation"] = owner
    return owner


ROUTES = [
    Route("/api/conversations", open_conversation, methods=["POST"]),
    Route("/api/conversations/{id}", Conversation),
    Route("/api/conversations/{id}/messages", say, methods=["POST"]),
    Route("/api/conversations/{id}/messages/{message_id}/feedback", rate, methods=["POST"]),
    Route("/api/conversations/{id}/events", events, methods=["GET"]),
]
