"""What machines ask: is the process alive, can it serve, and its numbers."""

from __future__ import annotations

import logging

from aiohttp import web

from inbox.queries.event_log import newest_event_id
from inbox.queries.load import load_figures
from inbox.web.visit import RESOURCES

log = logging.getLogger(__name__)

_FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded", "Via")


async def show_health(_request: web.Request) -> web.StreamResponse:
    """Alive: the process answers."""
    return web.json_response({"status": "ok"})


async def show_ready(request: web.Request) -> web.StreamResponse:
    """Ready: the database answers too; 503 while it does not."""
    try:
        event_id = await request.app[RESOURCES].database.read(newest_event_id)
    except Exception:
        log.exception("not ready: the database does not answer")
        return web.json_response({"status": "unavailable"}, status=503)
    return web.json_response({"status": "ready", "event": event_id})


async def show_metrics(request: web.Request) -> web.StreamResponse:
    """Numbers for Prometheus, read at this moment. Only from this machine: they tell how busy a company is."""
    # A reverse proxy on this machine comes from loopback too, but says for whom it asks.
    if request.remote not in ("127.0.0.1", "::1") or any(name in request.headers for name in _FORWARDED):
        raise web.HTTPForbidden
    # Nobody may ever ask, and it brings an HTTP server of its own.
    from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

    resources = request.app[RESOURCES]
    figures = await resources.database.read(load_figures)
    registry = CollectorRegistry()
    values = {
        "inbox_conversations_open": ("Open conversations", figures.open),
        "inbox_clients_waiting": ("Clients without an answer", figures.waiting),
        "inbox_longest_wait_seconds": ("The longest present wait", figures.longest_wait_seconds),
        "inbox_deliveries_owed": ("Messages that have to go out", figures.owed),
        "inbox_inbound_failed": ("Bodies that could not be read", figures.failed_inbound),
        "inbox_agents_present": ("Agents at their screens", figures.present),
        "inbox_stream_sockets": ("Live tabs of agents", len(tuple(resources.hub.subscribers()))),
        "inbox_writer_queue": ("Writes that wait for a batch", resources.database.queued),
        "inbox_writer_calls": ("Writes since the start", resources.database.calls),
        "inbox_writer_batches": ("Transactions since the start", resources.database.batches),
    }
    for name, (about, value) in values.items():
        Gauge(name, about, registry=registry).set(value)
    return web.Response(body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})
