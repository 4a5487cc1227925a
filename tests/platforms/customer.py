"""The customer's own system at the other end of the generic signed channel.

It checks our signatures with the independent `standardwebhooks` package, keeps a message once however often it comes,
and signs what it sends to us with the same package.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import orjson
from standardwebhooks import Webhook

from tests.platforms.loopback import Answer, Asked, Fault, Platform

# Every way in which a request can go wrong before or after the system took it.
REFUSALS = (Answer(500), Answer(503), Answer(429, headers={"Retry-After": "1"}))
LOST_ANSWERS = (Answer(fault=Fault.RESET), Answer(body=b"{", fault=Fault.HALF_BODY))


class Customer(Platform):
    """A system with a shared secret. With `trouble` (a probability) requests fail before or after they are kept."""

    def __init__(self, secret: str, *, trouble: float = 0.0, seed: int = 1) -> None:
        """`secret` is the channel's."""
        super().__init__()
        self.secret = secret
        self.trouble = trouble
        # From this many kept messages on it still takes what comes, and never answers.
        self.silent_after: int | None = None
        self.kept: dict[str, dict[str, Any]] = {}
        self.repeated = 0
        self._random = random.Random(seed)

    def respond(self, asked: Asked) -> Answer:
        """Keep a message whose signature fits; a repeated id is answered as the first time and kept once."""
        if asked.method == "HEAD":
            return Answer(body=b"")
        if self._random.random() < self.trouble:
            return self._random.choice(REFUSALS)
        if not self.signed_by_us(asked):
            return Answer(401)
        event_id = asked.headers["webhook-id"]
        self.repeated += event_id in self.kept
        self.kept.setdefault(event_id, orjson.loads(asked.body))
        if self.silent_after is not None and len(self.kept) >= self.silent_after:
            return Answer(fault=Fault.SILENCE)
        if self._random.random() < self.trouble:
            return self._random.choice(LOST_ANSWERS)
        return Answer(body=orjson.dumps({"external_id": f"crm-{event_id}"}))

    def signed_by_us(self, asked: Asked) -> bool:
        """Whether the independent package makes the same signature. The clock is not asked: tests turn it."""
        event_id, stamp = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
        moment = datetime.fromtimestamp(int(stamp), UTC)
        return Webhook(self.secret).sign(event_id, moment, asked.body.decode()) == asked.headers["webhook-signature"]

    def texts(self, address: str) -> list[str]:
        """What one client was told, in the order in which it was first taken."""
        return [body["message"]["text"] for body in self.kept.values() if body["contact"]["external_id"] == address]

    def sign(self, event_id: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
        """The headers of a request to us, made by the independent package."""
        moment = at or datetime.now(UTC)
        return {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event_id, moment, body.decode()),
            "Content-Type": "application/json",
        }
