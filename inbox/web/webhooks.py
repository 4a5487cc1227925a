"""`POST /hooks/{kind}/{token}`: one handler for every channel. The platform hears 2xx only after the commit."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from connectors.contract import AnyConnector, ChannelMisconfigured, Request, Unauthorized
from inbox.actions.ingest import note_heard
from inbox.equipment import usable_config
from inbox.queries.channels import channel_by_token
from inbox.rules.errors import NotFound, TooLarge
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.take_in import KnownChannel
from inbox.web.visit import RESOURCES, Resources

log = logging.getLogger(__name__)

MAX_BODY = 40 << 20
# A channel's configuration is asked for again after this many seconds, so that a change is felt soon everywhere.
KNOWN_SECONDS = 5.0
MOST_KNOWN = 1000
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

    404 for an unknown address, 401 for a wrong signature, 413 for too much, 503 while nothing can be stored;
    everything else that came whole is kept and answered 200, for another answer would make the platform repeat it or
    give us up.
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
    reply = await resources.intake.take(KnownChannel(known.channel_id, known.declared, known.config), asked)
    await _note_heard(resources, known)
    return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)


async def _note_heard(resources: Resources, known: _Known) -> None:
    now = time.monotonic()
    if now - known.heard_at > KNOWN_SECONDS:
        known.heard_at = now
        await resources.database.write(note_heard, Actor.channel(known.channel_id), known.channel_id)


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
    try:
        declared, config = usable_config(resources.vault, row.kind, row.config)
    except ChannelMisconfigured as error:
        # The platform will try again, perhaps after an administrator has looked at the channel's page.
        log.error("a channel cannot be used: %s", error, extra={"channel": row.id})  # noqa: TRY400
        raise web.HTTPServiceUnavailable from error
    fresh = _Known(row.id, declared, config, time.monotonic() + KNOWN_SECONDS, known.heard_at if known else 0.0)
    cache[key] = fresh
    while len(cache) > MOST_KNOWN:
        cache.popitem(last=False)
    return fresh
