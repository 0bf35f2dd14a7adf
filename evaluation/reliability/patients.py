"""Patients who write through the public contract alone, ask again until they are answered, and note what they see."""

from __future__ import annotations

import queue
import random
import threading
import time
import uuid
from collections.abc import Sequence
from typing import Any

import httpx

from evaluation.reliability.records import Exchange, Kind, Spoken
from evaluation.reliability.sayings import Saying

GIVE_UP_S = 20.0  # of one request; the gateway promises eight
AGAIN_S = (0.3, 1.5)  # a client tries again after so long
LEAVE_S = (0.0, 0.6)
ASKS = 4  # for a button that was not offered


class Ward:
    """All patients of a run: what they say is shared out among threads, what they see is collected."""

    def __init__(self, base_url: str, line: str, seed: int, ends: float) -> None:
        self.base_url, self.line, self.ends = base_url, line, ends  # `ends`: nobody asks again after that
        self.spoken: list[Spoken] = []
        self.exchanges: list[Exchange] = []
        self.faults: list[str] = []
        self.begun = 0  # signs
        self._seed, self._changed = seed, threading.Condition()

    def talk(self, conversations: Sequence[Sequence[Saying]], patients: int, pause_s: float) -> list[threading.Thread]:
        """Begin all conversations, so many at the same time; joins come from whoever asked."""
        waiting: queue.SimpleQueue[Sequence[Saying]] = queue.SimpleQueue()
        for said in conversations:
            waiting.put(said)
        threads = [
            threading.Thread(target=self._patient, args=(waiting, pause_s, self._seed + number), daemon=True)
            for number in range(patients)
        ]
        for thread in threads:
            thread.start()
        return threads

    def wait_for(self, begun: int, threads: Sequence[threading.Thread]) -> bool:
        """Until so many signs were begun; False when nobody speaks any more."""
        with self._changed:
            while self.begun < begun:
                if not any(thread.is_alive() for thread in threads):
                    return False
                self._changed.wait(0.5)
        return True

    def begin(self) -> None:
        with self._changed:
            self.begun += 1
            self._changed.notify_all()

    def note(self, exchange: Exchange) -> None:
        with self._changed:
            self.exchanges.append(exchange)

    def spoke(self, spoken: Spoken) -> None:
        with self._changed:
            self.spoken.append(spoken)

    def _patient(self, waiting: queue.SimpleQueue[Sequence[Saying]], pause_s: float, seed: int) -> None:
        rng = random.Random(seed)
        while True:
            try:
                said = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._converse(said, pause_s, rng)
            except Exception as error:  # a fault of the harness must not look like peace
                with self._changed:
                    self.faults.append(f"a patient broke down: {type(error).__name__}: {error}")

    def _converse(self, said: Sequence[Saying], pause_s: float, rng: random.Random) -> None:
        with Conversation(self, rng) as conversation:
            for saying in said:
                time.sleep(min(rng.expovariate(1 / pause_s), 4 * pause_s) if pause_s else 0.0)
                conversation.say(saying)


class Conversation:
    """One conversation of one patient."""

    def __init__(self, ward: Ward, rng: random.Random) -> None:
        self.ward, self.rng = ward, rng
        self.client = httpx.Client(base_url=ward.base_url, timeout=GIVE_UP_S)
        self.id = self.url = ""

    def __enter__(self) -> Conversation:
        while time.monotonic() < self.ward.ends:
            answer = self._post("/api/conversations", {}, "harmless")
            if answer is not None and answer.status_code == 201:
                issued = answer.json()
                self.id = issued["conversation_id"]
                self.url = f"/api/conversations/{self.id}/messages"
                self.client.headers["Authorization"] = f"Bearer {issued['token']}"
                return self
            time.sleep(self.rng.uniform(*AGAIN_S))
        raise TimeoutError("no conversation could be begun")

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def say(self, saying: Saying) -> dict[str, Any] | None:
        """Say it, a button after its question; the last reply, None for who left or never got one."""
        if saying.choice is None:
            return self._sign({"text": saying.text}, saying) if saying.kind != "harmless" else self._ask(saying.text)
        for number in range(ASKS):
            time.sleep(self.rng.uniform(*AGAIN_S) if number else 0.0)
            reply = self._ask(saying.text)
            if reply and any(b["choice"] == saying.choice for m in reply["messages"] for b in m["buttons"]):
                break
        else:
            return self._sign({"text": saying.otherwise}, Saying("rules", saying.otherwise))
        return self._sign({"choice": saying.choice}, saying)

    def _ask(self, text: str) -> dict[str, Any] | None:
        return self._until_answered({"text": text}, "harmless")

    def _sign(self, body: dict[str, str], saying: Saying) -> dict[str, Any] | None:
        self.ward.begin()
        return self._leave(body, saying) if saying.leaves else self._until_answered(body, saying.kind)

    def try_out(self, text: str, kind: Kind) -> bool:
        """Say it while nothing is broken: whether it opens a ticket. `kind`: who sees the sign if there is one."""
        body = {"message_id": uuid.uuid4().hex, "text": text}
        began = time.monotonic()
        reply = self._answered(body, "harmless")
        escalated = bool(reply and reply["escalation"])
        kind = kind if escalated else "harmless"
        self.ward.spoke(Spoken(self.id, body["message_id"], kind, began, reply is not None, text=text))
        return escalated

    def _until_answered(self, body: dict[str, str], kind: Kind) -> dict[str, Any] | None:
        body = {"message_id": uuid.uuid4().hex, **body}
        began = time.monotonic()
        reply = self._answered(body, kind)
        self.ward.spoke(Spoken(self.id, body["message_id"], kind, began, reply is not None, text=_text(body)))
        return reply

    def _answered(self, body: dict[str, str], kind: Kind) -> dict[str, Any] | None:
        """The same message again and again, until there is a reply."""
        while time.monotonic() < self.ward.ends:
            answer = self._post(self.url, body, kind)
            if answer is not None and answer.status_code == 200:
                return answer.json()
            time.sleep(self.rng.uniform(*AGAIN_S))
        return None

    def _leave(self, body: dict[str, str], saying: Saying) -> None:
        """Send it once and hang up soon. Who cannot even connect has said nothing, and tries again."""
        body = {"message_id": uuid.uuid4().hex, **body}
        patience = httpx.Timeout(GIVE_UP_S, read=max(0.001, self.rng.uniform(*LEAVE_S)))
        while time.monotonic() < self.ward.ends:
            began = time.monotonic()
            try:
                self.client.post(self.url, json=body, timeout=patience)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                time.sleep(self.rng.uniform(*AGAIN_S))
                continue
            except httpx.TransportError:
                pass
            spoken = Spoken(self.id, body["message_id"], saying.kind, began, False, once=True, text=_text(body))
            return self.ward.spoke(spoken)
        return None

    def _post(self, url: str, body: dict[str, str], kind: Kind) -> httpx.Response | None:
        began = time.monotonic()
        try:
            answer = self.client.post(url, json=body)
        except httpx.TransportError:
            self.ward.note(Exchange(kind, began, time.monotonic() - began, None))
            return None
        seconds = time.monotonic() - began
        texts = _texts(answer)
        number = answer.status_code == 201 or any(self.ward.line in text for text in texts)
        self.ward.note(Exchange(kind, began, seconds, answer.status_code, any(texts), number))
        return answer


def _texts(answer: httpx.Response) -> list[str]:
    """What a patient reads: the messages of a reply, the greeting, or what a problem says."""
    try:
        data = answer.json()
    except ValueError:
        return [answer.text]
    messages = data.get("messages") or data.get("greeting")
    return [message["text"] for message in messages] if messages else [data.get("detail") or ""]


def _text(body: dict[str, str]) -> str:
    return body.get("text") or body["choice"]
