"""One request of a platform, however it came: read, journalled with its events, then confirmed where it asks for that.

Webhooks and polled channels share this path, so a body is kept and can be replayed either way.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from connectors.console_events import ConsoleEvent
from connectors.contract import (
    AnyConnector,
    BadPayload,
    InboundEvent,
    Parsed,
    Reply,
    Request,
    SendError,
    Typing,
    with_detail,
)
from inbox.actions.ingest import RawRequest, ingest
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.rules.printable import printable
from inbox.rules.texts import N_
from inbox.runtime.database import Closed, Database
from inbox.runtime.net import GuardedNet
from inbox.runtime.unavailable import Unavailable

log = logging.getLogger(__name__)

COURTESY_SECONDS = 10.0
# Characters. A shorter one may stand in a body for another reason.
SHORTEST_SECRET = 8
_HIDDEN = b"***"
# Bytes; reading so many takes longer than a request may wait.
LARGE_BODY = 256 << 10
# How a NUL can stand in a body: as it is, in JSON, in a form. Without one no event has to be looked through.
_NUL = (b"\0", b"u0000", b"%00")
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
        parsed, error = await _read(known, request)
        raw = _raw(known, request, parsed.dedupe_key)
        stored = tuple(event for event in parsed.events if not isinstance(event, Typing))
        if stored or error or parsed.console:
            await self._keep(known.channel_id, raw, stored, error, parsed.console)
        for event in parsed.events:
            if isinstance(event, Typing):
                await self._show_typing(known.channel_id, event)
        for reference in parsed.acknowledge:
            self._confirm(known, reference)
        return parsed.reply

    async def _keep(
        self,
        channel_id: int,
        raw: RawRequest,
        events: tuple[InboundEvent, ...],
        error: str | None,
        console: tuple[ConsoleEvent, ...],
    ) -> None:
        actor = Actor.channel(channel_id)
        try:
            await self._database.write(ingest, actor, channel_id, raw, events, error, console)
        except (Closed, Unavailable):
            # Nothing was stored and the body is not to blame: the platform has to send it again.
            raise
        except Exception as problem:  # noqa: BLE001 - the reason is logged and kept with the body.
            await self._database.write(ingest, actor, channel_id, raw, (), reason_of(problem))

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


def _raw(known: KnownChannel, request: Request, dedupe_key: str | None) -> RawRequest:
    """What the journal keeps. Some platforms send a secret along to prove themselves: reading needs it not."""
    held = (getattr(known.config, name, "") for name in known.declared.secrets)
    secrets = [secret for secret in held if isinstance(secret, str) and len(secret) >= SHORTEST_SECRET]
    body = request.body
    for secret in secrets:
        body = body.replace(secret.encode(), _HIDDEN)
    headers = {
        name: value
        for name, value in request.headers.items()
        if name not in _UNKEPT and not any(secret in value for secret in secrets)
    }
    own_key = dedupe_key or hashlib.sha256(request.body).hexdigest()
    return RawRequest(own_key[:300], headers, body, request.received_at)


async def _read(known: KnownChannel, request: Request) -> tuple[Parsed, str | None]:
    """Read a body without holding everybody up: a large one is read beside the loop."""
    if len(request.body) < LARGE_BODY:
        return read_body(known.declared, known.config, request)
    return await asyncio.to_thread(read_body, known.declared, known.config, request)


def read_body(declared: AnyConnector, config: Any, request: Request) -> tuple[Parsed, str | None]:
    """What a body says, and the reason when not all of it can be read. Whatever a connector does, nothing is raised."""
    try:
        parsed = declared.parse(request, config)
    except BadPayload as error:
        unread = Parsed(reply=declared.kept, dedupe_key=request.headers.get("webhook-id"))
        return unread, str(error) or N_("the body could not be read")
    except Exception as error:
        log.exception("a connector could not read a body; it is kept", extra={"kind": declared.kind})
        return Parsed(reply=declared.kept), with_detail(N_("the connector failed"), type(error).__name__)
    if any(mark in request.body for mark in _NUL):
        parsed = replace(parsed, events=printable(parsed.events), console=printable(parsed.console))
    return parsed, parsed.unread or None


def reason_of(problem: Exception) -> str:
    """Why the events of a body could not be applied, for the channel's journal."""
    if isinstance(problem, DomainError):
        return problem.key
    log.error("a platform's event could not be applied; its body is kept", exc_info=problem)
    return with_detail(N_("the product failed"), type(problem).__name__)
