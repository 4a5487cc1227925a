"""Staff: the list, invitations, roles, leaving, password links, sessions."""

from __future__ import annotations

import secrets

from aiohttp import web

from inbox.actions.agents import change_role, deactivate, invite_agent, make_link, reactivate
from inbox.queries.agents import agent_line, agent_list
from inbox.queries.sessions import open_sessions
from inbox.rules.errors import Invalid
from inbox.rules.texts import N_
from inbox.runtime.secrets import hash_token
from inbox.web.settings_pages import frame_values, numbered
from inbox.web.visit import Visit, visit


async def list_agents(request: web.Request) -> web.StreamResponse:
    """Everybody, with the form to invite."""
    return await _list(visit(request), {}, {})


async def add_agent(request: web.Request) -> web.StreamResponse:
    """Invite; the page shows the link, which is not kept anywhere."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    token = secrets.token_urlsafe(24)
    try:
        await here.write(
            invite_agent,
            form.get("name", ""),
            form.get("email", ""),
            form.get("role", ""),
            token_hash=hash_token(token),
        )
    except Invalid as error:
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return await _list(here, form, words, status=422)
    return await _list(here, {}, {}, link=f"{here.resources.settings.base_url}/links/{token}", invited=form["name"])


async def show_agent(request: web.Request) -> web.StreamResponse:
    """One member of staff."""
    return await _one(visit(request), numbered(request.match_info["agent_id"]))


async def save_agent(request: web.Request) -> web.StreamResponse:
    """Role and capacity."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    number, capacity = numbered(request.match_info["agent_id"]), form.get("capacity", "")
    try:
        if capacity and not (capacity.isascii() and capacity.isdecimal() and len(capacity) < 7):
            raise Invalid({"capacity": N_("Write a whole number.")})
        await here.write(change_role, number, form.get("role", ""), int(capacity) if capacity else None)
    except Invalid as error:
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return await _one(here, number, typed=form, errors=words, status=422)
    return here.saved(f"/settings/agents/{number}")


async def add_link(request: web.Request) -> web.StreamResponse:
    """A new link to set a password."""
    here = visit(request)
    token = secrets.token_urlsafe(24)
    await here.write(make_link, numbered(request.match_info["agent_id"]), hash_token(token))
    return await _one(
        here, numbered(request.match_info["agent_id"]), link=f"{here.resources.settings.base_url}/links/{token}"
    )


async def change_activity(request: web.Request) -> web.StreamResponse:
    """Let somebody go (dialogs return to the queue) or take them back."""
    here = visit(request)
    action = reactivate if (await request.post()).get("active") else deactivate
    await here.write(action, numbered(request.match_info["agent_id"]))
    return here.see_other(f"/settings/agents/{numbered(request.match_info['agent_id'])}")


async def _list(
    here: Visit, typed: dict[str, str], errors: dict[str, str], *, link: str = "", invited: str = "", status: int = 200
) -> web.Response:
    return here.page(
        "settings/agents.html",
        status=status,
        **await frame_values(here, tab="agents"),
        agents=await here.read(agent_list),
        typed=typed,
        errors=errors,
        link=link,
        invited=invited,
    )


async def _one(
    here: Visit,
    number: int,
    *,
    link: str = "",
    typed: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> web.Response:
    return here.page(
        "settings/agent.html",
        status=status,
        **await frame_values(here, tab="agents"),
        person=await here.read(agent_line, number),
        sessions=await here.read(open_sessions, number),
        link=link,
        typed=typed or {},
        errors=errors or {},
    )
