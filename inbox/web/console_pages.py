"""The agents' group in a messenger: connecting it step by step, its check, and whose dialogs it shows."""

from __future__ import annotations

import secrets
from typing import Any

from aiohttp import web

import connectors
from connectors.console import AnyConsole
from connectors.contract import SendError
from inbox.actions.agent_accounts import begin_link
from inbox.actions.consoles import begin_console, check_console_again, remove_console, route_console
from inbox.queries.channels import ChannelRow, channel_for_work
from inbox.queries.consoles import console_page
from inbox.rules.errors import NotFound
from inbox.runtime.secrets import hash_token
from inbox.web.settings_pages import frame_values
from inbox.web.visit import Visit, visit


def console_kinds() -> tuple[str, ...]:
    """The kinds of channels in which agents can answer."""
    return tuple(declared.kind for declared in connectors.every() if declared.agent_console is not None)


def account_channel(request: web.Request) -> int:
    """The channel of the address; raises NotFound."""
    text = request.match_info["channel_id"]
    if not text.isdecimal() or not text.isascii() or len(text) > 9:
        raise NotFound
    return int(text)


async def login_link(here: Visit, channel_id: int) -> str:
    """A link by which the signed-in agent's own account becomes known; raises NotFound and SendError."""
    row, console = await _console(here, channel_id)
    token = secrets.token_urlsafe(24)
    await here.write(begin_link, channel_id, hash_token(token))
    config = here.resources.equipment.config(row.kind, row.config)
    return await console.login_link(token, config, here.resources.net)


async def show_console(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _page(visit(request), account_channel(request))


async def begin(request: web.Request) -> web.StreamResponse:
    """Make a link (and a code) by which a group becomes the console."""
    here, number = visit(request), account_channel(request)
    row, console = await _console(here, number)
    token = secrets.token_urlsafe(12)
    await here.write(begin_console, number, hash_token(token))
    try:
        config = here.resources.equipment.config(row.kind, row.config)
        link = await console.invite_link(token, config, here.resources.net)
    except SendError as error:
        return await _page(here, number, problem=here.language.gettext(error.reason))
    return await _page(here, number, link=link, code=token)


async def check(request: web.Request) -> web.StreamResponse:
    """Have the group looked at now."""
    here, number = visit(request), account_channel(request)
    await here.write(check_console_again, number)
    return here.see_other(f"/settings/channels/{number}/console")


async def save_channels(request: web.Request) -> web.StreamResponse:
    """Whose dialogs are shown: all, or those of the channels that are ticked."""
    here, number = visit(request), account_channel(request)
    form = await request.post()
    ticked = [str(value) for value in form.getall("channel", ())]
    chosen = [int(value) for value in ticked if value.isdecimal() and value.isascii() and len(value) < 10]
    await here.write(route_console, number, None if form.get("all") else chosen)
    return here.saved(f"/settings/channels/{number}/console")


async def drop_console(request: web.Request) -> web.StreamResponse:
    """Disconnect the group."""
    here, number = visit(request), account_channel(request)
    await here.write(remove_console, number)
    return here.see_other(f"/settings/channels/{number}/console")


async def _console(here: Visit, channel_id: int) -> tuple[ChannelRow, AnyConsole]:
    """The channel and its ability; raises NotFound when it has none."""
    row = await here.resources.database.read(channel_for_work, channel_id)
    try:
        console = connectors.find(row.kind).agent_console
    except connectors.UnknownConnector as error:
        raise NotFound from error
    if console is None:
        raise NotFound
    return row, console


async def _page(here: Visit, channel_id: int, **values: Any) -> web.Response:
    row, _ = await _console(here, channel_id)
    return here.page(
        "settings/console.html",
        **await frame_values(here, "channels", "channels"),
        channel=row,
        declared=connectors.find(row.kind),
        console=await here.read(console_page, channel_id),
        **{"link": "", "code": "", "problem": "", **values},
    )
