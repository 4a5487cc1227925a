"""One's own settings: status, appearance, password, sessions."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from aiohttp import web

from connectors.contract import SendError
from inbox.actions.agent_accounts import unlink_account
from inbox.actions.agents import change_self, change_status, set_password
from inbox.actions.notices import choose_notices
from inbox.actions.sessions import revoke_session
from inbox.queries.agents import credentials
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.notice_choices import DEFAULT, Choices, notice_choices, own_accounts
from inbox.queries.sessions import open_sessions
from inbox.rules.errors import Invalid, TooMany
from inbox.rules.quiet_hours import read_minute
from inbox.rules.texts import N_
from inbox.runtime.languages import CODES
from inbox.runtime.passwords import MIN_LENGTH, hash_password, password_fits
from inbox.web.auth_pages import BY_ACCOUNT, local_address
from inbox.web.console_pages import account_channel, console_kinds, login_link
from inbox.web.setup_pages import zones
from inbox.web.template_words import THEMES
from inbox.web.visit import Visit, visit


async def show_profile(request: web.Request) -> web.StreamResponse:
    """The page."""
    return await _page(visit(request), {})


async def save_profile(request: web.Request) -> web.StreamResponse:
    """Name, language, zone, sound."""
    here = visit(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    values: dict[str, Any] = {"name": form.get("name", ""), "sound": bool(form.get("sound"))}
    if form.get("language") in CODES:
        values["language"] = form["language"]
    if form.get("time_zone") in available_timezones():
        values["time_zone"] = form["time_zone"]
    try:
        await here.write(change_self, values)
    except Invalid as error:
        words = {name: here.language.gettext(key) for name, key in error.fields.items()}
        return await _page(here, words, form, status=422)
    return here.saved("/profile")


async def save_status(request: web.Request) -> web.StreamResponse:
    """Available, busy or away."""
    here = visit(request)
    form = await request.post()
    await here.write(change_status, str(form.get("status", "")))
    return here.see_other(local_address(str(form.get("next", "/"))))


async def save_appearance(request: web.Request) -> web.StreamResponse:
    """Theme and language from the menu of the rail."""
    here = visit(request)
    form = await request.post()
    values = {}
    if form.get("theme") in THEMES:
        values["theme"] = form["theme"]
    if form.get("language") in CODES:
        values["language"] = form["language"]
    if values:
        await here.write(change_self, values)
    return here.see_other(local_address(str(form.get("next", "/"))))


async def save_password(request: web.Request) -> web.StreamResponse:
    """A new password, after the old one; other sessions end."""
    here = visit(request)
    form = await request.post()
    old, new = str(form.get("old", "")), str(form.get("password", ""))
    # Whoever sits down at an open screen must not guess here what the login page would not let them guess.
    tries = request.app[BY_ACCOUNT]
    wait = tries.wait(here.agent.email)
    if wait:
        raise TooMany(wait, N_("Too many tries. Wait {seconds} s and try again."))
    tries.count(here.agent.email)
    known = await here.resources.database.read(credentials, here.agent.email)
    errors = {}
    if not await password_fits(known.password_hash if known else None, old):
        errors["old"] = here.language.gettext(N_("This is not your present password."))
    if len(new) < MIN_LENGTH:
        errors["password"] = here.language.gettext(N_("At least {least} characters.")).format(least=MIN_LENGTH)
    if errors:
        return await _page(here, errors, status=422)
    tries.forget(here.agent.email)
    hashed = await hash_password(new)
    await here.write(set_password, here.agent.agent_id, hashed, keep_session_id=here.agent.session_id)
    return here.saved("/profile")


async def end_session(request: web.Request) -> web.StreamResponse:
    """Sign out another browser of mine, or (administrators) of anybody."""
    here = visit(request)
    number = request.match_info["session_id"]
    await here.write(revoke_session, int(number) if number.isdecimal() and len(number) < 10 else 0)
    return here.see_other(local_address(str((await request.post()).get("next", "/profile"))))


async def begin_account(request: web.Request) -> web.StreamResponse:
    """A link that ties one's own account in a messenger to this person: it is shown, and works for a quarter hour."""
    here = visit(request)
    number = account_channel(request)
    link, problem = "", ""
    try:
        link = await login_link(here, number)
    except SendError as error:
        problem = here.language.gettext(error.reason)
    return await _page(here, {"account": problem} if problem else {}, link={"channel": number, "url": link})


async def end_account(request: web.Request) -> web.StreamResponse:
    """Take one's own account back."""
    here = visit(request)
    await here.write(unlink_account, account_channel(request))
    return here.saved("/profile")


async def save_notices(request: web.Request) -> web.StreamResponse:
    """What one wants to be told in the messenger, and when not."""
    here = visit(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    minutes = {name: read_minute(form.get(name, "")) for name in ("digest_minute", "quiet_from", "quiet_to")}
    words = here.language.gettext(N_("Write a time of day, for example 9:00."))
    errors = {name: words for name, value in minutes.items() if value is None and form.get(name, "").strip()}
    choices = Choices(
        new_dialog=bool(form.get("new_dialog")),
        waiting=bool(form.get("waiting")),
        digest=bool(form.get("digest")),
        digest_minute=minutes["digest_minute"] if minutes["digest_minute"] is not None else DEFAULT.digest_minute,
        quiet_from=minutes["quiet_from"],
        quiet_to=minutes["quiet_to"],
    )
    try:
        if not errors:
            await here.write(choose_notices, choices)
    except Invalid as error:
        errors = {name: here.language.gettext(key) for name, key in error.fields.items()}
    if errors:
        return await _page(here, errors, form, status=422)
    return here.saved("/profile")


async def _page(
    here: Visit,
    errors: dict[str, str],
    typed: dict[str, str] | None = None,
    status: int = 200,
    link: dict[str, Any] | None = None,
) -> web.Response:
    return here.page(
        "settings/profile.html",
        status=status,
        section="settings",
        event_id=await here.resources.database.read(newest_event_id),
        counters=await here.read(counters),
        sessions=await here.read(open_sessions, here.agent.agent_id),
        zones=zones(),
        errors=errors,
        typed=typed or {},
        least=MIN_LENGTH,
        accounts=await here.read(own_accounts, console_kinds()),
        choices=await here.resources.database.read(notice_choices, here.agent.agent_id),
        link=link or {},
    )
