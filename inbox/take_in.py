"""One request of a platform, however it came: read, journalled with its events, then confirmed where it asks for that.

Webhooks and polled channels share this path, so a body is kept and can be replayed either way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from connectors.contract import AnyConnector, BadPayload, InboundEvent, Parsed, Reply, Request, SendError, Typing
from inbox.actions.ingest import RawRequest, ingest
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.runtime.database import Database
from inbox.runtime.net import GuardedNet

log = logging.getLogger(__name__)

COURTESY_SECONDS = 10.0
# Headers that are never needed to read a body again and must not be kept.
_UNKEPT = frozenset({"cookie", "authorization", "host", "connection", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """A channel with its declaration and unlocked configuration."""

    channel_id: int
    declared: AnyConnector
    config: Any


ShowTyping = Callable[[int, Typing], Awaitable[None]]


class Intake:
    """Takes requests in. `failures` counts confirmations that a platform did not take."""

    def __init__(self, database: Database, net: GuardedNet, show_typing: ShowTyping) -> None:
        """`show_typing` is told of a client's typing, which is never stored."""
        self._database = database
        self._net = net
        self._show_typing = show_typing
        self._courtesies: set[asyncio.Task[None]] = set()
        self.failures = 0

    async def take(self, known: KnownChannel, request: Request) -> Reply:
        """Journal and events in one transaction; what came whole is kept, readable or not."""
        parsed, error = _parse(known, request)
        raw = RawRequest(
            dedupe_key=(parsed.dedupe_key or hashlib.sha256(request.body).hexdigest())[:300],
            headers={name: value for name, value in request.headers.items() if name not in _UNKEPT},
            body=request.body,
            received_at=request.received_at,
        )
        stored = tuple(event for event in parsed.events if not isinstance(event, Typing))
        if stored or error:
            await self._keep(known.channel_id, raw, stored, error)
        for event in parsed.events:
            if isinstance(event, Typing):
                await self._show_typing(known.channel_id, event)
        for reference in parsed.acknowledge:
            self._confirm(known, reference)
        return parsed.reply

    async def _keep(
        self, channel_id: int, raw: RawRequest, events: tuple[InboundEvent, ...], error: str | None
    ) -> None:
        actor = Actor.channel(channel_id)
        try:
            await self._database.write(ingest, actor, channel_id, raw, events, error)
        except Exception as problem:
            if not isinstance(problem, DomainError):
                log.exception(
                    "a platform's event could not be applied; its body is kept", extra={"channel": channel_id}
                )
            words = problem.key if isinstance(problem, DomainError) else f"{type(problem).__name__} in the product"
            await self._database.write(ingest, actor, channel_id, raw, (), words)

    def _confirm(self, known: KnownChannel, reference: str) -> None:
        task = asyncio.create_task(self._courtesy(known, reference))
        self._courtesies.add(task)
        task.add_done_callback(self._courtesies.discard)

    async def _courtesy(self, known: KnownChannel, reference: str) -> None:
        acknowledge = known.declared.acknowledge
        if acknowledge is None:
            return
        try:
            async with asyncio.timeout(COURTESY_SECONDS):
                await acknowledge(reference, known.config, self._net)
        except (SendError, TimeoutError):
            self.failures += 1
        except Exception:
            self.failures += 1
            log.exception("a connector could not acknowledge", extra={"channel": known.channel_id})


def _parse(known: KnownChannel, request: Request) -> tuple[Parsed, str | None]:
    try:
        return known.declared.parse(request, known.config), None
    except BadPayload as error:
        return Parsed((), Reply(), request.headers.get("webhook-id")), str(error) or "the body could not be read"
    except Exception as error:
        log.exception("a connector could not read a body; it is kept", extra={"channel": known.channel_id})
        return Parsed(), f"{type(error).__name__} in the connector"
