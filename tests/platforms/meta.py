"""Meta's Graph API on loopback: signatures, tokens, webhooks of apps, and faults. Channels are in their own files.

Facts: https://developers.facebook.com/docs/graph-api and the pages that the connectors name.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import random
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform

APP_ID = "670843887433847"
APP_SECRET = "app-secret-0001"
TOKEN = "EAAJB-access-0001"
REFUSALS = (Answer(502, b"<h1>Bad Gateway</h1>"), Answer(503, b""))
LOST_ANSWERS = (Answer(fault=Fault.RESET), Answer(body=b"{", fault=Fault.HALF_BODY))


def said(**answer: Any) -> Answer:
    """A healthy answer."""
    return Answer(body=orjson.dumps(answer), headers={"Content-Type": "application/json"})


def failure(code: int, message: str = "", *, subcode: int | None = None, status: int = 400, **more: Any) -> Answer:
    """A refusal in Graph's form."""
    error = {"message": message or f"(#{code})", "type": "OAuthException", "code": code, "fbtrace_id": "A1", **more}
    if subcode is not None:
        error["error_subcode"] = subcode
    return Answer(status, orjson.dumps({"error": error}))


class Graph(Platform):
    """One app. With `trouble` (a probability) requests to send fail before or after they are carried out."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """The app has no webhook yet."""
        super().__init__()
        self.trouble = trouble
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []
        # Where an address of the product really leads: to a port of this machine.
        self.inbox = ""
        self._random = random.Random(seed)
        self._numbers = itertools.count(1)

    async def answer(self, asked: Asked) -> Answer:
        """Check the token, then answer by the path below the version."""
        version, _, path = asked.path.lstrip("/").partition("/")
        bearer = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if bearer not in (TOKEN, f"{APP_ID}|{APP_SECRET}"):
            return failure(190, "Invalid OAuth access token.", status=401)
        if not version.startswith("v") and not path:
            return failure(100, "Unknown path components")
        if path == f"{APP_ID}/subscriptions":
            return await self._subscriptions(asked, as_app=bearer != TOKEN)
        body = self.body_of(asked)
        return await self.handle(asked.method, path, body, asked)

    async def handle(self, method: str, path: str, body: Mapping[str, Any], asked: Asked) -> Answer:
        """What a channel of its own answers."""
        return failure(100, f"Unsupported {method} request: {path}")

    def body_of(self, asked: Asked) -> dict[str, Any]:
        """The JSON of a request; a form is left to whoever reads it."""
        if not asked.headers.get("content-type", "").startswith("application/json"):
            return {}
        body = orjson.loads(asked.body)
        assert isinstance(body, dict)
        return body

    async def _subscriptions(self, asked: Asked, *, as_app: bool) -> Answer:
        if not as_app:
            return failure(15, "This method must be called with an app access token.")
        if asked.method == "GET":
            return said(data=list(self.subscriptions.values()))
        body = self.body_of(asked)
        if not await self.shakes_hands(body["callback_url"], body["verify_token"]):
            return failure(2200, "Callback verification failed")
        fields = [{"name": name, "version": "v25.0"} for name in body["fields"].split(",")]
        kind = body["object"]
        self.subscriptions[kind] = {
            "object": kind, "callback_url": body["callback_url"], "active": True, "fields": fields
        }  # fmt: skip
        return said(success=True)

    async def shakes_hands(self, url: str, token: str) -> bool:
        """Whether whoever listens at an address proves that it is theirs, as the platform asks for it."""
        challenge = str(self._random.randrange(10**9))
        place = self.inbox + urlsplit(url).path if self.inbox else url
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
        try:
            async with aiohttp.ClientSession() as http, http.get(place, params=query) as answer:
                return answer.status == 200 and await answer.text() == challenge
        except aiohttp.ClientError:
            return False

    def troubled(self, asked: Asked, *, carried_out: bool) -> Answer | None:
        """Perhaps a failure, in the way that fits the moment."""
        if self._random.random() >= self.trouble:
            return None
        return self._random.choice(LOST_ANSWERS if carried_out else REFUSALS)

    def number(self) -> int:
        """The next number."""
        return next(self._numbers)

    async def tell(self, path: str, body: Mapping[str, Any]) -> int:
        """Post a signed body to the product as the platform does, letters beyond ASCII escaped; returns the status."""
        content = json.dumps(body, separators=(",", ":")).encode()
        digest = hmac.new(APP_SECRET.encode(), content, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={digest}"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(self.inbox + path, data=content, headers=headers) as answer,
        ):
            return answer.status
