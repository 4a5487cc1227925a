"""Viber's REST Bot API on loopback: one bot, its webhook, clients, billing limits and faults.

Facts: https://developers.viber.com/docs/api/rest-bot-api/.
"""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform

TOKEN = "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"
# A minute before the world's clock stands: a session begins with it.
STARTED = 1_795_510_740_000
FIRST_TOKEN = 5_741_311_803_571_721_087
REFUSALS = (Answer(503, b""), Answer(429, b"{}"))
_NEEDED = {
    "text": {"text"},
    "picture": {"text", "media"},
    "video": {"media", "size"},
    "file": {"media", "size", "file_name"},
}


def refusal(status: int, words: str = "") -> Answer:
    """A refusal as Viber says it: inside an answer 200."""
    return Answer(200, orjson.dumps({"status": status, "status_message": words}))


@dataclass
class Client:
    """One person; `messages` are what the bot has said, by token."""

    id: str
    name: str = "Марина Ким"
    subscribed: bool = False
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)

    def texts(self) -> list[str]:
        """The words of the bot's messages, oldest first."""
        return [message.get("text", "") for message in self.messages.values()]


class Viber(Platform):
    """The whole platform. Knobs: `trouble`, `reach`, `repeat`, `refuse`, Client.subscribed."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """With `trouble` (a probability) a message is refused for now."""
        super().__init__()
        self.client = Client("01234567890A=")
        self.webhook = ""
        self.event_types: list[str] = []
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.trouble = trouble
        self.files: dict[str, bytes] = {}
        self.welcomes: list[dict[str, Any]] = []
        self._token = FIRST_TOKEN
        self._refusals: dict[str, deque[Answer]] = defaultdict(deque)
        self._random = random.Random(seed)

    def refuse(self, method: str, *answers: Answer) -> None:
        """Script the next answers of a method."""
        self._refusals[method].extend(answers)

    @property
    def user(self) -> dict[str, Any]:
        """The client as callbacks tell of them."""
        avatar = f"{self.url}/files/face"
        return {"id": self.client.id, "name": self.client.name, "avatar": avatar, "language": "ru", "country": "BY"}

    async def writes(self, text: str = "", **parts: Any) -> None:
        """The client writes, which subscribes them."""
        self.client.subscribed = True
        message = {"type": "text", "text": text, **parts}
        await self.tell("message", sender=self.user, message=message, silent=False)

    async def opens(self, context: str = "") -> None:
        """The client opens the dialog, perhaps by a link."""
        mark = {"context": context} if context else {}
        await self.tell("conversation_started", type="open", user=self.user, subscribed=self.client.subscribed, **mark)

    async def leaves(self) -> None:
        """The client unsubscribes."""
        self.client.subscribed = False
        await self.tell("unsubscribed", user_id=self.client.id)

    async def reached(self, event: str, token: int, **more: Any) -> None:
        """What became of a message of the bot."""
        await self.tell(event, token=token, user_id=self.client.id, **more)

    async def tell(self, event: str, *, token: int = 0, **parts: Any) -> None:
        """One callback, `repeat` times; anything but 200 is a failure."""
        self._token += 1
        body = {"event": event, "timestamp": STARTED + self._token - FIRST_TOKEN, **parts}
        body["message_token"] = token or self._token
        for _ in range(self.repeat):
            status, said = await self._post(self.webhook, body)
            assert status == 200
            if said:
                self.welcomes.append(orjson.loads(said))

    async def _post(self, url: str, body: dict[str, Any]) -> tuple[int, bytes]:
        content = orjson.dumps(body)
        digest = hmac.new(TOKEN.encode(), content, hashlib.sha256).hexdigest()
        headers = {"X-Viber-Content-Signature": digest, "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(url.replace(*self.reach), data=content, headers=headers) as answer,
        ):
            return answer.status, await answer.read()

    async def answer(self, asked: Asked) -> Answer:
        """Methods of the API, and files."""
        if asked.path.startswith("/files/"):
            content = self.files.get(asked.path.removeprefix("/files/"))
            return Answer(404) if content is None else Answer(200, content)
        method = asked.path.removeprefix("/pa/")
        if self._refusals[method]:
            return self._refusals[method].popleft()
        if asked.headers.get("x-viber-auth-token") != TOKEN:
            return refusal(2, "invalidAuthToken")
        body: dict[str, Any] = orjson.loads(asked.body)
        result = await self._method(method, body)
        if isinstance(result, Answer):
            return result
        return Answer(200, orjson.dumps({"status": 0, "status_message": "ok", **result}))

    async def _method(self, method: str, body: dict[str, Any]) -> Any:
        match method:
            case "get_account_info":
                told = {"id": "pa:75346594275468546724", "name": "Дубрава", "uri": "dubrava"}
                return {**told, "webhook": self.webhook, "event_types": self.event_types}
            case "set_webhook":
                return await self._set_webhook(body)
            case "get_user_details":
                return {"user": self.user} if body["id"] == self.client.id else refusal(5, "receiverNotRegistered")
            case "send_message":
                return self._send(body)
        return refusal(3, "badData")

    async def _set_webhook(self, body: dict[str, Any]) -> Any:
        """Viber calls the address at once and wants 200."""
        url = body["url"]
        if url:
            if not url.startswith("https://"):
                return refusal(1, "invalidUrl")
            status, _ = await self._post(url, {"event": "webhook", "timestamp": STARTED, "message_token": 1})
            if status != 200:
                return refusal(1, "invalidUrl")
        self.webhook, self.event_types = url, list(body.get("event_types", ()))
        return {"event_types": self.event_types}

    def _send(self, body: dict[str, Any]) -> Any:
        if self._random.random() < self.trouble:
            return self._random.choice(REFUSALS)
        if body["receiver"] != self.client.id:
            return refusal(5, "receiverNotRegistered")
        if not self.client.subscribed:
            return refusal(6, "receiverNotSubscribed")
        name, kind = body["sender"]["name"], body["type"]
        assert 1 <= len(name) <= 28
        assert _NEEDED[kind] <= set(body)
        if len(body.get("text", "")) > (7000 if kind == "text" else 512):
            return refusal(3, "badData")
        self._token += 1
        self.client.messages[self._token] = body
        return {"message_token": self._token}

    def lose_the_answer(self) -> Answer:
        """A message whose confirmation is lost."""
        return Answer(fault=Fault.RESET)
