"""The company's settings: general, hours, tags, own fields."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from aiohttp import web

from inbox.actions.company import (
    FIELD_KINDS,
    add_field,
    change_company,
    change_hours,
    change_tag,
    remove_field,
    remove_tag,
)
from inbox.queries.company import company_settings, contact_fields
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.tags import tag_list
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.texts import N_
from inbox.web.setup_pages import zones
from inbox.web.visit import Visit, visit


async def frame_values(here: Visit, section: str = "settings", tab: str = "") -> dict[str, Any]:
    """What the frame of every settings page needs."""
    return {
        "section": section,
        "tab": tab,
        "event_id": await here.resources.database.read(newest_event_id),
        "counters": await here.read(counters),
    }


async def show_settings(request: web.Request) -> web.StreamResponse:
    """The general page for who may change it; one's own profile for everybody else."""
    here = visit(request)
    if not here.view.may("settings:manage"):
        return here.see_other("/settings/tags" if here.view.may("tag:manage") else "/profile")
    return await _general(here, {})


async def save_settings(request: web.Request) -> web.StreamResponse:
    """Name, zone, assignment, targets; minutes and hours of the form become seconds."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    scale = {
        "capacity": 1,
        "first_response_target_seconds": 60,
        "next_response_target_seconds": 60,
        "reopen_window_seconds": 3600,
    }
    try:
        values: dict[str, Any] = {name: _number(name, form.get(name, "")) * unit for name, unit in scale.items()}
        values |= {"name": form.get("name", ""), "assignment_mode": form.get("assignment_mode", "")}
        if form.get("time_zone") in available_timezones():
            values["time_zone"] = form["time_zone"]
        await here.write(change_company, values)
    except Invalid as error:
        return await _general(here, _words(here, error), status=422)
    return here.see_other("/settings")


async def show_hours(request: web.Request) -> web.StreamResponse:
    """The week."""
    return await _hours(visit(request), "")


async def save_hours(request: web.Request) -> web.StreamResponse:
    """Open days with their times, or around the clock."""
    here = visit(request)
    form = {name: str(value) for name, value in (await request.post()).items()}
    week: dict[int, tuple[int, int]] | None = None
    try:
        if not form.get("always"):
            week = {}
            for weekday in range(7):
                if form.get(f"open_{weekday}"):
                    opens, closes = _minutes(form.get(f"from_{weekday}", "")), _minutes(form.get(f"to_{weekday}", ""))
                    # "22:00 to 06:00" closes on the next day.
                    week[weekday] = (opens, closes if closes > opens else closes + 1440)
        await here.write(change_hours, week)
    except Invalid as error:
        return await _hours(here, next(iter(_words(here, error).values())), status=422)
    return here.see_other("/settings/hours")


async def show_tags(request: web.Request) -> web.StreamResponse:
    """All tags."""
    here = visit(request)
    return here.page("settings/tags.html", **await frame_values(here, tab="tags"), tags=await here.read(tag_list))


async def save_tag(request: web.Request) -> web.StreamResponse:
    """Rename and colour, or remove."""
    here = visit(request)
    form = await request.post()
    number = _id(request.match_info["tag_id"])
    if form.get("remove"):
        await here.write(remove_tag, number)
    else:
        await here.write(change_tag, number, str(form.get("name", "")), str(form.get("colour", "")))
    return here.see_other("/settings/tags")


async def show_fields(request: web.Request) -> web.StreamResponse:
    """Own fields of the card."""
    return await _fields(visit(request), {}, {})


async def save_field(request: web.Request) -> web.StreamResponse:
    """Add a field."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    try:
        await here.write(
            add_field, form.get("key", ""), form.get("label", ""), form.get("kind", ""), form.get("choices", "")
        )
    except Invalid as error:
        return await _fields(here, form, _words(here, error), status=422)
    return here.see_other("/settings/fields")


async def drop_field(request: web.Request) -> web.StreamResponse:
    """Remove a field."""
    here = visit(request)
    await here.write(remove_field, _id(request.match_info["field_id"]))
    return here.see_other("/settings/fields")


async def _general(here: Visit, errors: dict[str, str], status: int = 200) -> web.Response:
    company = await here.read(company_settings)
    frame = await frame_values(here, tab="general")
    return here.page("settings/general.html", status=status, **frame, company=company, errors=errors, zones=zones())


async def _hours(here: Visit, error: str, status: int = 200) -> web.Response:
    company = await here.read(company_settings)
    frame = await frame_values(here, tab="hours")
    return here.page("settings/hours.html", status=status, **frame, company=company, error=error)


async def _fields(here: Visit, typed: dict[str, str], errors: dict[str, str], status: int = 200) -> web.Response:
    fields = await here.read(contact_fields)
    frame = await frame_values(here, tab="fields")
    return here.page(
        "settings/fields.html", status=status, **frame, fields=fields, kinds=FIELD_KINDS, typed=typed, errors=errors
    )


def _words(here: Visit, error: Invalid) -> dict[str, str]:
    return {name: here.language.gettext(key).format(**error.params) for name, key in error.fields.items()}


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 7:
        raise Invalid({name: N_("Write a whole number.")})
    return int(text)


def _minutes(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    if not (colon and hours.isdecimal() and minutes.isdecimal() and int(hours) < 24 and int(minutes) < 60):
        raise Invalid({"hours": N_("Write the time as 9:00.")})
    return int(hours) * 60 + int(minutes)


def _id(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
