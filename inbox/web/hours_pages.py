"""Working hours of the company and of channels that have their own."""

from __future__ import annotations

from aiohttp import web

from inbox.actions.business_hours import change_hours, follow_company_hours
from inbox.queries.company import channel_names, working_hours
from inbox.rules.errors import Invalid
from inbox.rules.texts import N_
from inbox.web.settings_pages import frame_values, numbered
from inbox.web.setup_pages import zones
from inbox.web.visit import Visit, visit


async def show_hours(request: web.Request) -> web.StreamResponse:
    """The week of the company, or of the channel in the address."""
    return await _page(visit(request), _channel(request.query.get("channel", "")))


async def save_hours(request: web.Request) -> web.StreamResponse:
    """Open days with their times, around the clock, or (a channel) as the company."""
    here = visit(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    channel_id = _channel(form.get("channel", ""))
    try:
        if channel_id is not None and form.get("mode") == "company":
            await here.write(follow_company_hours, channel_id)
        else:
            week = None if form.get("mode") == "always" else _week(form)
            await here.write(change_hours, week, form.get("time_zone", ""), channel_id=channel_id)
    except Invalid as error:
        return await _page(here, channel_id, here.language.gettext(error.key), form, status=422)
    return here.saved(f"/settings/hours?channel={channel_id}" if channel_id else "/settings/hours")


async def _page(
    here: Visit, channel_id: int | None, said: str = "", typed: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    stored = await here.read(working_hours, channel_id)
    mode = "always" if stored.always else "week"
    return here.page(
        "settings/hours.html",
        status=status,
        **await frame_values(here, tab="hours"),
        hours=stored,
        mode=(typed or {}).get("mode") or (mode if stored.own else "company"),
        typed=typed,
        said=said,
        channels=await here.read(channel_names),
        channel_id=channel_id,
        zones=zones(),
    )


def _week(form: dict[str, str]) -> dict[int, tuple[int, int]]:
    week = {}
    for weekday in range(7):
        if form.get(f"open_{weekday}"):
            opens, closes = _minutes(form.get(f"from_{weekday}", "")), _minutes(form.get(f"to_{weekday}", ""))
            # "22:00 to 06:00" closes on the next day, and "00:00 to 00:00" is the whole day.
            week[weekday] = (opens, closes if closes > opens else closes + 1440)
    return week


def _minutes(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    digits = text.isascii() and hours.isdecimal() and minutes.isdecimal() and len(text) <= 5
    if not (colon and digits and int(hours) < 24 and int(minutes) < 60):
        raise Invalid({"hours": N_("Write the time as 9:00.")})
    return int(hours) * 60 + int(minutes)


def _channel(text: str) -> int | None:
    return numbered(text) if text else None
