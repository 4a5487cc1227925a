"""Channels: the list with their state, connecting by a form drawn from the connector's own model, and the journal."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from pydantic import ValidationError

import connectors
from connectors.contract import AnyConnector
from inbox.channel_work import channel_url, check_channel, is_polled, replay_failed
from inbox.connect_channel import connect_channel, disconnect_channel, reconnect_channel
from inbox.queries.channel_health import channel_health, exchanges, journal
from inbox.queries.channels import ChannelRow, channel_by_id, channel_list
from inbox.rules.assignment import Mode
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.permissions import Permission, require
from inbox.rules.texts import N_
from inbox.web.channel_guide import guide_file
from inbox.web.config_form import drawn_fields, read_values
from inbox.web.settings_pages import frame_values
from inbox.web.visit import Visit, visit

# What pydantic says of a field in English, in our words; the names in braces are its own.
_MISTAKES = {
    "missing": N_("Fill in this field."),
    "greater_than_equal": N_("At least {ge}."),
    "less_than_equal": N_("At most {le}."),
    "string_too_long": N_("At most {max_length} characters."),
    "string_too_short": N_("At least {min_length} characters."),
    "int_parsing": N_("Write a whole number."),
    "literal_error": N_("Choose one of the list."),
}


async def list_channels(request: web.Request) -> web.StreamResponse:
    """Connected channels, and what can be connected."""
    here = visit(request)
    lines = await here.read(channel_list)
    kinds = list(connectors.every())
    urls = {line.channel.id: channel_url(here.resources.settings.base_url, line.channel) for line in lines}
    frame = await frame_values(here, "channels", "channels")
    return here.page("settings/channels.html", **frame, lines=lines, kinds=kinds, urls=urls)


async def show_new(request: web.Request) -> web.StreamResponse:
    """The form to connect an account of a kind."""
    here = visit(request)
    declared = _declared(request.match_info["kind"])
    return await _form(here, declared, None, {}, {})


async def add(request: web.Request) -> web.StreamResponse:
    """Check and connect."""
    here = visit(request)
    declared = _declared(request.match_info["kind"])
    form = await request.post()
    typed = read_values(declared, form)
    name = str(form.get("name", ""))
    require(here.actor, Permission.CHANNEL_MANAGE)
    try:
        channel_id = await connect_channel(here.resources.equipment, here.actor, declared.kind, name, typed)
    except (ValidationError, Invalid) as error:
        return await _form(here, declared, None, {**typed, "name": name}, _words(here, error), 422)
    return here.see_other(f"/settings/channels/{channel_id}")


async def show_channel(request: web.Request) -> web.StreamResponse:
    """One channel: its address, settings, state and the newest bodies of its journal."""
    here = visit(request)
    row = await here.read(channel_by_id, _number(request))
    return await _form(here, _declared(row.kind), row, {**_shown(row), "name": row.name}, {})


async def save_channel(request: web.Request) -> web.StreamResponse:
    """Change the name, the settings and how its dialogs are given out."""
    here = visit(request)
    row = await here.read(channel_by_id, _number(request))
    declared = _declared(row.kind)
    form = await request.post()
    typed = read_values(declared, form)
    mode = str(form.get("assignment_mode", ""))
    require(here.actor, Permission.CHANNEL_MANAGE)
    changes = {
        "name": str(form.get("name", "")).strip()[:80] or row.name,
        "assignment_mode": mode if mode in set(Mode) else None,
    }
    try:
        await reconnect_channel(here.resources.equipment, here.actor, row, typed, changes)
    except (ValidationError, Invalid) as error:
        return await _form(here, declared, row, {**typed, "name": str(form.get("name", ""))}, _words(here, error), 422)
    return here.saved(f"/settings/channels/{row.id}")


async def check_now(request: web.Request) -> web.StreamResponse:
    """Ask the platform now and store what it said."""
    here = visit(request)
    row = await here.read(channel_by_id, _number(request))
    await check_channel(here.resources.equipment, here.actor, row)
    return here.see_other(f"/settings/channels/{row.id}")


async def drop_channel(request: web.Request) -> web.StreamResponse:
    """Disconnect."""
    here = visit(request)
    require(here.actor, Permission.CHANNEL_MANAGE)
    await disconnect_channel(here.resources.equipment, here.actor, _number(request))
    return here.see_other("/settings/channels")


async def replay(request: web.Request) -> web.StreamResponse:
    """Read the failed bodies of a channel again, or one of them."""
    here = visit(request)
    row = await here.read(channel_by_id, _number(request))
    one = str((await request.post()).get("inbound_id", ""))
    require(here.actor, Permission.CHANNEL_MANAGE)
    number = int(one) if one.isdecimal() and len(one) < 19 else None
    await replay_failed(here.resources.database, here.resources.vault, row.id, number)
    return here.see_other(f"/settings/channels/{row.id}")


async def _form(
    here: Visit,
    declared: AnyConnector,
    row: ChannelRow | None,
    values: dict[str, Any],
    errors: dict[str, str],
    status: int = 200,
) -> web.Response:
    health, entries, log, asked = None, [], [], {name: here.request.query.get(name, "") for name in ("q", "only")}
    if row is not None:
        health = await here.read(channel_health, row.id)
    if row is not None and here.view.may("journal:read"):
        failed = asked["only"] == "failed"
        entries = await here.read(journal, row.id, text=asked["q"].strip()[:200], failed=failed)
        log = await here.read(exchanges, row.id, failed=failed)
    return here.page(
        "settings/channel.html",
        status=status,
        **await frame_values(here, "channels", "channels"),
        declared=declared,
        has_guide=guide_file(declared.kind, here.language.code) is not None,
        channel=row,
        fields=drawn_fields(declared, values, here.language),
        name=values.get("name", ""),
        errors=errors,
        url=channel_url(here.resources.settings.base_url, row) if row else "",
        polled=row is not None and is_polled(here.resources.equipment, row),
        health=health,
        journal=entries,
        exchanges=log,
        asked=asked,
    )


def _shown(row: ChannelRow) -> dict[str, Any]:
    """The configuration without its secrets, which never leave the server."""
    hidden = _declared(row.kind).secrets
    return {name: value for name, value in row.config.items() if name not in hidden}


def _words(here: Visit, error: ValidationError | Invalid) -> dict[str, str]:
    if isinstance(error, Invalid):
        return {name: here.language.gettext(key) for name, key in error.fields.items()}
    words = {}
    for mistake in error.errors(include_input=False, include_url=False):
        # What a connector's own check says is a key of ours behind pydantic's prefix.
        known = _MISTAKES.get(mistake["type"])
        text = here.language.gettext(known or str(mistake["msg"]).removeprefix("Value error, "))
        if known:
            text = text.format(**mistake.get("ctx", {}))
        words[str(mistake["loc"][0]) if mistake["loc"] else "name"] = text
    return words


def _declared(kind: str) -> AnyConnector:
    try:
        return connectors.find(kind)
    except connectors.UnknownConnector as error:
        raise NotFound from error


def _number(request: web.Request) -> int:
    text = request.match_info["channel_id"]
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
