"""LINE's Messaging API on loopback: one account, retry keys, files, the month's quota and faults.

Facts: https://developers.line.biz/en/reference/messaging-api/.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform

TOKEN = "line-token-0001"
REFUSALS = (Answer(500, b"{}"), Answer(503, b""), Answer(429, b'{"message":"Too Many Requests"}'))
LOST_ANSWERS = (Answer(fault=Fault.RESET), Answer(body=b"{", fault=Fault.HALF_BODY))


def said(**answer: Any) -> Answer:
    """A healthy answer."""
    return Answer(body=orjson.dumps(answer))


def failure(status: int, message: str) -> Answer:
    """A refusal in LINE's form."""
    return Answer(status, orjson.dumps({"message": message}))


class Line(Platform):
    """An account. With `trouble` (a probability) pushes fail before or after they are carried out."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """Nobody has written yet."""
        super().__init__()
        self.trouble = trouble
        self.taken: dict[str, list[dict[str, str]]] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.repeated = 0
        self.endpoint = ""
        self.active = True
        self.files: dict[str, bytes] = {}
        self.making_ready: set[str] = set()
        self.loading: list[dict[str, Any]] = []
        self._random = random.Random(seed)

    def respond(self, asked: Asked) -> Answer:
        """The methods that the connector uses."""
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return failure(401, "Authentication failed. Confirm that the access token in the header is valid.")
        body: dict[str, Any] = orjson.loads(asked.body) if asked.body else {}
        path = asked.path.strip("/").split("/")[2:]
        if asked.method == "GET":
            return self._tell(path)
        match asked.method, path:
            case "PUT", ["channel", "webhook", "endpoint"]:
                self.endpoint = body["endpoint"]
                return said()
            case "POST", ["message", "push"]:
                return self._push(body, asked.headers.get("x-line-retry-key", ""))
            case "POST", ["chat", "loading", "start"]:
                self.loading.append(body)
                return said()
        return failure(404, "Not found")

    def _tell(self, path: list[str]) -> Answer:
        match path:
            case ["info"]:
                return said(userId="Ubot", basicId="@dubrava", displayName="Дубрава")
            case ["channel", "webhook", "endpoint"]:
                return said(endpoint=self.endpoint, active=self.active)
            case ["message", "quota"]:
                return said(type="limited", value=200)
            case ["message", "quota", "consumption"]:
                return said(totalUsage=len(self.sent))
            case ["profile", _]:
                return said(displayName="Марина", pictureUrl="https://profile.line-scdn.net/x", language="ru")
            case ["message", name, "content"] if name in self.files:
                return Answer(202) if name in self.making_ready else Answer(body=self.files[name])
        return failure(404, "Not found")

    def texts(self, address: str) -> list[str]:
        """What one person was told, in order."""
        return [message["text"] for to, message in self.sent if to == address and message["type"] == "text"]

    def _push(self, body: Mapping[str, Any], key: str) -> Answer:
        if key in self.taken:
            self.repeated += 1
            again = {"message": "The retry key is already accepted", "sentMessages": self.taken[key]}
            return Answer(409, orjson.dumps(again), {"X-Line-Accepted-Request-Id": "1"})
        if self._random.random() < self.trouble:
            return self._random.choice(REFUSALS)
        wrong = _wrong(body["messages"])
        if wrong:
            return failure(400, wrong)
        ids = []
        for message in body["messages"]:
            self.sent.append((body["to"], message))
            ids.append({"id": str(400_000 + len(self.sent)), "quoteToken": "q"})
        if key:
            self.taken[key] = ids
        if self._random.random() < self.trouble:
            return self._random.choice(LOST_ANSWERS)
        return said(sentMessages=ids)


def _wrong(messages: list[dict[str, Any]]) -> str:
    """What LINE would say of a message; "" when it fits."""
    if not 0 < len(messages) <= 5:
        return "Size must be between 1 and 5"
    for message in messages:
        if message["type"] == "text" and not 0 < len(message["text"].encode("utf-16-le")) // 2 <= 5000:
            return "Length must be between 0 and 5000"
        if message["type"] == "image" and not message["originalContentUrl"].startswith("https://"):
            return "Must be a valid HTTPS URL"
        items = message.get("quickReply", {}).get("items", [])
        if len(items) > 13 or any(len(item["action"]["label"]) > 20 for item in items):
            return "Quick replies do not fit"
    return ""
