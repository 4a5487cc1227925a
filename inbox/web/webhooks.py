"""`POST /hooks/{kind}/{token}`: one handler for every channel. The platform hears 2xx only after the commit."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiohttp import web

import connectors
from connectors.contract import AnyConnector, BadPayload, Parsed, Reply, Request, Typing, Unauthorized
from inbox.actions.ingest import RawRequest, ingest, note_heard
from inbox.queries.channels import channel_by_token
from inbox.queries.open_dialog import open_dialog
from inbox.rules.errors import DomainError, NotFound, TooLarge
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.web.visit import RESOURCES, Resources

log = logging.getLogger(__name__)

MAX_BODY = 40 << 20
# A channel's configuration is asked for again after this many seconds, so that a change is felt soon everywhere.
KNOWN_SECONDS = 5.0
MOST_KNOWN = 1000
# Headers that are never needed to read a body again and must not be kept.
_UNKEPT = frozenset({"cookie", "authorization", "host", "connection", "accept-encoding"})
_UNREADABLE = (web.RequestPayloadError, ConnectionError)


@dataclass(slots=True)
class _Known:
    channel_id: int
    declared: AnyConnector
    config: Any
    until: float
    heard_at: float = 0.0


KNOWN: web.AppKey[OrderedDict[tuple[str, str], _Known]] = web.AppKey("known_channels", OrderedDict)


async def receive_hook(request: web.Request) -> web.StreamResponse:
    """Size cap, signature, journal and events in one transaction, then the platform's own reply.

    404 for an unknown address, 401 for a wrong signature, 413 for too much; everything else that came whole is kept
    and answered 200, for another answer would make the platform repeat it or give us up.
    """
    resources = request.app[RESOURCES]
    known = await _channel(request, resources)
    body = await _read(request)
    asked = Request(
        method=request.method,
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        received_at=resources.clock.now(),
    )
    try:
        known.declared.verify(asked, known.config)
    except Unauthorized:
        return web.json_response({"error": "the signature is wrong or too old"}, status=401)
    parsed, error = _parse(known, asked)
    raw = RawRequest(
        dedupe_key=(parsed.dedupe_key or hashlib.sha256(body).hexdigest())[:300],
        headers={name: value for name, value in asked.headers.items() if name not in _UNKEPT},
        body=body,
        received_at=asked.received_at,
    )
    stored = [event for event in parsed.events if not isinstance(event, Typing)]
    if stored or error:
        await _keep(resources, known, raw, stored, error)
    for event in parsed.events:
        if isinstance(event, Typing):
            await _show_typing(resources, known.channel_id, event)
    return web.Response(status=parsed.reply.status, body=parsed.reply.body, content_type=parsed.reply.content_type)


async def _keep(resources: Resources, known: _Known, raw: RawRequest, events: list[Any], error: str | None) -> None:
    actor = Actor.channel(known.channel_id)
    try:
        await resources.database.write(ingest, actor, known.channel_id, raw, events, error)
    except Exception as problem:
        if not isinstance(problem, DomainError):
            log.exception(
                "a platform's event could not be applied; its body is kept", extra={"channel": known.channel_id}
            )
        words = problem.key if isinstance(problem, DomainError) else f"{type(problem).__name__} in the product"
        await resources.database.write(ingest, actor, known.channel_id, raw, (), words)
    now = time.monotonic()
    if now - known.heard_at > KNOWN_SECONDS:
        known.heard_at = now
        await resources.database.write(note_heard, actor, known.channel_id)


def _parse(known: _Known, asked: Request) -> tuple[Parsed, str | None]:
    try:
        return known.declared.parse(asked, known.config), None
    except BadPayload as error:
        return Parsed((), Reply(), asked.headers.get("webhook-id")), str(error) or "the body could not be read"
    except Exception as error:
        log.exception("a connector could not read a body; it is kept", extra={"channel": known.channel_id})
        return Parsed(), f"{type(error).__name__} in the connector"


async def _read(request: web.Request) -> bytes:
    if request.content_length is not None and request.content_length > MAX_BODY:
        raise TooLarge(N_("The request is too large."))
    body = bytearray()
    async for chunk in request.content.iter_any():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLarge(N_("The request is too large."))
    return bytes(body)


async def _channel(request: web.Request, resources: Resources) -> _Known:
    key = (request.match_info["kind"], request.match_info["token"])
    cache = request.app[KNOWN]
    known = cache.get(key)
    if known is not None and known.until > time.monotonic():
        return known
    row = await resources.database.read(channel_by_token, *key)
    if row is None:
        cache.pop(key, None)
        raise NotFound
    declared = connectors.find(row.kind)
    config = declared.config.model_validate(resources.vault.unlock(row.config))
    fresh = _Known(row.id, declared, config, time.monotonic() + KNOWN_SECONDS, known.heard_at if known else 0.0)
    cache[key] = fresh
    while len(cache) > MOST_KNOWN:
        cache.popitem(last=False)
    return fresh


async def _show_typing(resources: Resources, channel_id: int, event: Typing) -> None:
    conversation_id = await resources.database.read(open_dialog, channel_id, event.address)
    if conversation_id is not None:
        resources.hub.presence.client_typing(conversation_id)
