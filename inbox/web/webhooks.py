"""`/hooks/{kind}/{token}`: one handler for every channel. The platform hears 2xx only after the commit.

A GET is a platform that asks whether the address is ours, which it may do before the channel is stored.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from aiohttp import web

import connectors
from connectors.contract import AnyConnector, BadPayload, ChannelMisconfigured, Request, Unauthorized
from inbox.actions.ingest import note_heard
from inbox.equipment import usable_config
from inbox.queries.channels import channel_by_token, channels_of_kind
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
    asked = _asked(request, body)
    try:
        known.declared.verify(asked, known.config)
    except Unauthorized:
        return web.json_response({"error": "the signature is wrong or too old"}, status=401)
    reply = await resources.intake.take(KnownChannel(known.channel_id, known.declared, known.config), asked)
    await _pass_on(resources, known, asked)
    await _note_heard(resources, known)
    return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)


async def answer_handshake(request: web.Request) -> web.StreamResponse:
    """Prove to a platform that the address is ours; 404 where no platform asks, 401 for a wrong word."""
    try:
        declared = connectors.find(request.match_info["kind"])
    except connectors.UnknownConnector as error:
        raise NotFound from error
    if declared.handshake is None:
        raise NotFound
    try:
        reply = declared.handshake(_asked(request, b""), request.match_info["token"])
    except Unauthorized:
        return web.json_response({"error": "the word is wrong"}, status=401)
    return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)


def _asked(request: web.Request, body: bytes) -> Request:
    return Request(
        method=request.method,
        query=dict(request.query),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        received_at=request.app[RESOURCES].clock.now(),
        # As the platform knows it: a proxy in between may have changed scheme, host and port.
        url=f"{request.app[RESOURCES].settings.base_url}{request.raw_path}",
    )


async def _pass_on(resources: Resources, known: _Known, asked: Request) -> None:
    """Give a body also to the other channels that it speaks to: some platforms have one webhook for many accounts."""
    declared = known.declared
    if declared.addressees is None or declared.account is None:
        return
    try:
        others = declared.addressees(asked) - {declared.account(known.config)}
    except BadPayload:
        return
    for row in await resources.database.read(channels_of_kind, declared.kind) if others else ():
        try:
            _, config = usable_config(resources.vault, row.kind, row.config)
            if row.id != known.channel_id and declared.account(config) in others:
                declared.verify(asked, config)
                await resources.intake.take(KnownChannel(row.id, declared, config), asked)
        except (ChannelMisconfigured, Unauthorized):
            log.warning("a body is for a channel that cannot take it", extra={"channel": row.id})


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
