"""Nothing is served beside the tables of URLs, and every line of them says who may use it."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from inbox.app import make_app
from inbox.rules.permissions import GRANTS, Permission, Role
from inbox.settings import Settings
from inbox.web.guard import Access
from inbox.web.routes import ROUTES
from tests.web.test_roles import ACCESS
from widget.routes import ROUTES as WIDGET_ROUTES


def served(app: web.Application) -> set[str]:
    """Every method and path that an application answers; HEAD goes with GET."""
    return {
        f"{route.method} {route.resource.canonical}"
        for route in app.router.routes()
        if route.method != "HEAD" and route.resource is not None
    }


async def test_nothing_is_served_beside_the_tables(tmp_path: Path) -> None:
    known = {f"{route.method} {route.path}" for route in ROUTES}
    known |= {f"{method} {path}" for method, path, _ in WIDGET_ROUTES}
    assert served(make_app(Settings(data_dir=tmp_path, secret_key="x" * 44))) - known == {"GET /static"}


def test_every_route_says_who_may_use_it() -> None:
    assert [route.path for route in ROUTES if not isinstance(route.permission, Permission | Access)] == []


def test_every_route_stands_in_the_table_of_roles() -> None:
    assert {f"{route.method} {route.path}" for route in ROUTES} == set(ACCESS)


def test_only_machines_and_platforms_prove_themselves() -> None:
    own = {route.path for route in ROUTES if route.permission is Access.OWN_PROOF}
    assert own == {
        "/health",
        "/ready",
        "/metrics",
        "/hooks/{kind}/{token}",
        "/files/{token}",
        "/static/colours.css",
        "/static/channels.svg",
    }


def test_every_permission_is_granted_to_somebody_and_used() -> None:
    assert set().union(*(GRANTS[role] for role in Role)) == set(Permission)


async def test_an_unlisted_route_would_be_noticed() -> None:
    async def secret(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.router.add_get("/secret", secret)
    assert served(app) == {"GET /secret"}
