"""The port to Rasa: asks its channel, and says in one word why there is no answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

MAX_ANSWER_BYTES = 1024 * 1024
HREF_SCHEMES = ("https:", "tel:", "mailto:")
POOL = httpx.Limits(
    max_connections=200,
    max_keepalive_connections=50,
    keepalive_expiry=3.0,  # Rasa's server hangs up after 5 idle seconds; asking on a dying connection would fail
)


class DialogueError(Exception):
    """Rasa gave no answer. `reason` is timeout, refused, error or empty."""

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Utterance:
    """One message of Rasa. `sources` are ids of lines of the clinic's document."""

    text: str
    topic: str | None = None
    sources: tuple[str, ...] = ()
    buttons: tuple[Mapping[str, str], ...] = ()  # {title, choice}
    links: tuple[Mapping[str, str], ...] = ()  # {title, href}


@dataclass(frozen=True)
class Answer:
    """Rasa's answer to one message: at least one message, what it understood, and which model spoke."""

    messages: tuple[Utterance, ...]
    nlu: dict[str, Any] | None = field(default=None, repr=False)
    model: str | None = None


@dataclass(frozen=True)
class Probe:
    """A real question was answered with this topic by this model."""

    topic: str
    model: str | None


class Dialogue:
    """Rasa's channel at `url`. Every call takes its own time limit in seconds and raises `DialogueError`."""

    def __init__(self, url: str, internal_token: str = ""):
        # Addresses and headers are made once. The client's own merging of them would cost more than Rasa's network hop.
        self._conversations = f"{url}/webhooks/patchline/conversations/"
        self._webhook = httpx.URL(f"{url}/webhooks/patchline/webhook")
        self._probe = httpx.URL(f"{url}/webhooks/patchline/probe")
        self._parse = httpx.URL(f"{url}/model/parse")
        self._headers = {"Host": self._webhook.netloc.decode(), "Content-Type": "application/json"}
        if internal_token:
            self._headers["Authorization"] = f"Bearer {internal_token}"
        self._client = _client()

    async def ask(self, sender: str, message_id: str, said: Mapping[str, str], timeout_s: float) -> Answer:
        """Ask one message; `said` is `{"text": ...}` or `{"choice": ...}`."""
        body = {"sender": sender, "message_id": message_id, **said}
        return read_answer(await self._json(self._webhook, body, timeout_s))

    async def probe(self, timeout_s: float) -> Probe:
        """Have Rasa answer a real question. An answer without a topic counts as empty."""
        data = await self._json(self._probe, {}, timeout_s)
        topic, model = _optional_string(data, "topic"), _optional_string(data, "model")
        if not topic:
            raise DialogueError("empty")
        return Probe(topic, model)

    async def parse(self, text: str, timeout_s: float) -> dict[str, Any]:
        """What the model understands of a text, outside of any conversation: Rasa's parse data."""
        return await self._json(self._parse, {"text": text}, timeout_s)

    async def forget(self, conversation_id: str, timeout_s: float) -> None:
        """Have Rasa delete what it keeps of a conversation."""
        await self._call("DELETE", httpx.URL(self._conversations + conversation_id), b"", timeout_s)

    async def close(self) -> None:
        """Hang up. A call after this one connects again."""
        client, self._client = self._client, _client()
        await client.aclose()

    async def _json(self, url: httpx.URL, body: Mapping[str, Any], timeout_s: float) -> dict[str, Any]:
        content = await self._call("POST", url, json.dumps(body).encode(), timeout_s)
        try:
            data = json.loads(content)
        except (ValueError, RecursionError):
            raise DialogueError("error") from None  # the cause holds the whole text
        if not isinstance(data, dict):
            raise DialogueError("error")
        return data

    async def _call(self, method: str, url: httpx.URL, body: bytes, timeout_s: float) -> bytes:
        """One request within `timeout_s`, the whole of it: connecting, waiting in line, asking, reading."""
        request = httpx.Request(method, url, headers=self._headers, content=body)
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._client.send(request, stream=True)
                try:
                    if response.status_code not in (200, 204):
                        raise DialogueError("error")
                    return await _read(response)
                finally:
                    await response.aclose()
        except DialogueError:
            raise
        except TimeoutError as error:
            raise DialogueError("timeout") from error
        except httpx.ConnectError as error:
            raise DialogueError("refused") from error
        except Exception as error:  # whatever it is, it must end in the clinic line and not in an error page
            raise DialogueError("error") from error


def _client() -> httpx.AsyncClient:
    """One client for all calls: connections stay open. No proxy or netrc: Rasa is on this machine."""
    return httpx.AsyncClient(limits=POOL, timeout=None, trust_env=False)


async def _read(response: httpx.Response) -> bytes:
    content = bytearray()
    async for chunk in response.aiter_bytes():
        content += chunk
        if len(content) > MAX_ANSWER_BYTES:
            raise DialogueError("error")
    return bytes(content)


def read_answer(data: Mapping[str, Any]) -> Answer:
    """Check the shape of an answer. Raises `DialogueError`: "error" for another shape, "empty" when nothing is said.

    >>> read_answer({"messages": [{"text": "Yes."}]}).messages[0].text
    'Yes.'
    """
    messages = tuple(_utterance(item) for item in _list(data, "messages"))
    messages = tuple(message for message in messages if message.text.strip())
    if not messages:
        raise DialogueError("empty")
    nlu = data.get("nlu")
    return Answer(messages, nlu if isinstance(nlu, dict) else None, _optional_string(data, "model"))


def _utterance(item: Any) -> Utterance:
    if not isinstance(item, dict) or not isinstance(item.get("text"), str):
        raise DialogueError("error")
    sources = _list(item, "sources")
    if not all(isinstance(source, str) for source in sources):
        raise DialogueError("error")
    links = [link for link in _pairs(item, "links", "href") if link["href"].lower().startswith(HREF_SCHEMES)]
    buttons = _pairs(item, "buttons", "choice")
    return Utterance(item["text"], _optional_string(item, "topic"), tuple(sources), tuple(buttons), tuple(links))


def _pairs(item: Mapping[str, Any], name: str, value: str) -> list[dict[str, str]]:
    """The buttons or links of a message: a title, and a choice or an href."""
    pairs = _list(item, name)
    for pair in pairs:
        if not isinstance(pair, dict) or not isinstance(pair.get("title"), str) or not isinstance(pair.get(value), str):
            raise DialogueError("error")
    return [{"title": pair["title"], value: pair[value]} for pair in pairs]


def _list(data: Mapping[str, Any], name: str) -> list[Any]:
    value = data.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise DialogueError("error")
    return value


def _optional_string(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise DialogueError("error")
    return value
