"""Odnoklassniki's Graph API on loopback: one group, its webhooks, uploads and faults.

Facts: https://apiok.ru/dev/graph_api/ (graph.user.*).
"""

from __future__ import annotations

import random
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform
from tests.platforms.uploads import uploaded

TOKEN = "tkn18YdUJZeFakeFakeFake:CQABPOJKAKEKEKEKE"
GROUP = "group:52990000000000"
CHAT = "chat:C3ecb9d02a600"
STARTED = 1_790_000_000_000


def failure(code: int, words: str = "refused") -> Answer:
    """A refusal as OK says it: inside an answer 200, with a header that says so."""
    body = {"error_code": code, "error_msg": words, "error_data": None}
    return Answer(200, orjson.dumps(body), {"invocation-error": str(code), "Content-Type": "application/json"})


@dataclass
class Chat:
    """One person with the group. `refusal` is the number of the error that answers to it meet."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    refusal: int = 0

    def texts(self) -> list[str]:
        """What the group has said in it, oldest first."""
        return [message.get("text", "") for message in self.messages.values()]


class Ok(Platform):
    """The whole platform. Knobs: `trouble`, `reach`, `repeat`, `not_ready`, Chat.refusal, `refuse`."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """With `trouble` (a probability) a message is refused for now."""
        super().__init__()
        self.chats: dict[str, Chat] = {CHAT: Chat()}
        self.webhooks: list[str] = []
        self.events: list[dict[str, Any]] = []
        self.told = 0
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.trouble = trouble
        self.not_ready = 0
        self.files: dict[str, bytes] = {}
        self.calls: list[str] = []
        self._refusals: dict[str, deque[Answer]] = defaultdict(deque)
        self._random = random.Random(seed)

    @property
    def chat(self) -> Chat:
        """The only dialog."""
        return self.chats[CHAT]

    def refuse(self, path: str, *answers: Answer) -> None:
        """Script the next answers of a path below /graph/."""
        self._refusals[path].extend(answers)

    def writes(self, text: str, attachments: Any = None) -> str:
        """The client writes; the message's id."""
        name = f"mid:C3ecb9d02a600.in{len(self.events)}"
        message = {"text": text, "mid": name, "seq": 2**60, **({"attachments": attachments} if attachments else {})}
        self.tell("MESSAGE_CREATED", message=message)
        return name

    def tell(self, kind: str, **parts: Any) -> None:
        """One more event."""
        sender = {"user_id": "user:123456789012", "name": "Марина Ким"}
        at = STARTED + len(self.events)
        self.events.append(
            {"webhookType": kind, "sender": sender, "recipient": {"chat_id": CHAT}, "timestamp": at, **parts}
        )

    async def call_back(self) -> None:
        """Tell every webhook what it has not heard, each event `repeat` times; anything but 200 is a failure."""
        news, self.told = self.events[self.told :], len(self.events)
        for event in news:
            for url in self.webhooks:
                for _ in range(self.repeat):
                    async with (
                        aiohttp.ClientSession() as http,
                        http.post(url.replace(*self.reach), data=orjson.dumps(event)) as answer,
                    ):
                        assert answer.status == 200

    def respond(self, asked: Asked) -> Answer:
        """Methods of the API, uploads and files."""
        if asked.path.startswith("/upload/"):
            return self._upload(asked)
        if asked.path.startswith("/files/"):
            content = self.files.get(asked.path.removeprefix("/files/"))
            return Answer(404) if content is None else Answer(200, content)
        if asked.query.get("access_token") != TOKEN:
            return failure(102, "PARAM_SESSION_EXPIRED : Session expired")
        if asked.method == "POST":
            assert asked.headers["content-type"] == "application/json;charset=utf-8"
        path = unquote(asked.path).removeprefix("/graph/")
        if self._refusals[path]:
            return self._refusals[path].popleft()
        self.calls.append(path)
        result = self._method(path, asked, orjson.loads(asked.body) if asked.body else {})
        return result if isinstance(result, Answer) else Answer(200, orjson.dumps(result))

    def _method(self, path: str, asked: Asked, body: dict[str, Any]) -> Any:
        match asked.method, path:
            case "GET", "me/info":
                return {"name": "Дубрава", "group_id": GROUP}
            case "GET", "me/subscriptions":
                return {"subscriptions": [{"time": STARTED, "url": url} for url in self.webhooks]}
            case "POST", "me/subscribe":
                self.webhooks.append(body["url"])
                return {"success": True}
            case "POST", "me/unsubscribe":
                self.webhooks.remove(body["url"])
                return {"success": True}
            case "GET", "me/fileUploadUrl":
                kind, number = asked.query["type"], len(self.files) + 1
                place = {"url": f"{self.url}/upload/{kind}/{number}"}
                return place if kind == "IMAGE" else {**place, "token": f"{kind}-{number}"}
        if found := re.fullmatch(r"(mid:[\w.]+)/edit", path):
            return self._edit(found[1], body)
        return self._post(path.removeprefix("me/messages/"), body)

    def _edit(self, name: str, body: dict[str, Any]) -> Any:
        if name not in self.chat.messages:
            return failure(300, "NOT_FOUND : message")
        self.chat.messages[name] = body["message"]
        return {"success": True}

    def _post(self, chat_id: str, body: dict[str, Any]) -> Any:
        chat = self.chats.get(chat_id)
        if chat is None:
            return failure(300, "NOT_FOUND : chat")
        assert body["recipient"] == {"chat_id": chat_id}
        if "sender_action" in body:
            chat.actions.append(body["sender_action"])
            return {"success": True}
        if self._random.random() < self.trouble:
            return self._random.choice((failure(2, "SERVICE"), failure(11, "LIMIT_REACHED")))
        if chat.refusal:
            return failure(chat.refusal)
        message = body["message"]
        attachments = message.get("attachments", [])
        assert len(attachments) <= 5
        if self.not_ready and any(item["type"] != "INLINE_KEYBOARD" for item in attachments):
            self.not_ready -= 1
            return failure(100, "PARAM : attachment")
        name = f"mid:C3ecb9d02a600.out{len(chat.messages)}"
        chat.messages[name] = message
        return {"recipient_id": chat_id, "message_id": name}

    def _upload(self, asked: Asked) -> Answer:
        file = uploaded(asked)
        _, _, kind, number = asked.path.split("/")
        self.files[f"{kind}-{number}"] = file.content
        if file.name.endswith(".exe"):
            return Answer(415)
        photos = {"photos": {"id1": {"token": f"{kind}-{number}"}}}
        return Answer(200, orjson.dumps(photos) if kind == "IMAGE" else b"<retval>1</retval>")

    def lose_the_answer(self) -> Answer:
        """A message that may have been taken, and whose confirmation is lost."""
        return Answer(fault=Fault.RESET)
