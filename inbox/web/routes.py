"""Every URL of the agents' side in one table: method, path, handler, permission."""

from __future__ import annotations

from aiohttp import web

from inbox.web.guard import Route, guarded

ROUTES: tuple[Route, ...] = ()


def add_routes(app: web.Application, routes: tuple[Route, ...] = ROUTES) -> None:
    """Mount every route behind its guard."""
    for route in routes:
        app.router.add_route(route.method, route.path, guarded(route))
