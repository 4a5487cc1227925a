"""The company's settings: general, tags, own fields. Working hours have pages of their own."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from inbox.actions.company import change_company
from inbox.actions.contact_fields import FIELD_KINDS, add_field, change_field, remove_field
from inbox.actions.tags import add_tag, change_tag, remove_tag
from inbox.queries.company import CompanySettings, company_settings, contact_fields
from inbox.queries.counters import counters
from inbox.queries.event_log import newest_event_id
from inbox.queries.tags import tag_list
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.texts import N_
from inbox.runtime.languages import CODES
from inbox.web.setup_pages import zones
from inbox.web.visit import Visit, visit

# What the form counts in, in seconds (capacity is a plain number).
UNITS = {
    "capacity": 1,
    "first_response_target_seconds": 60,
    "next_response_target_seconds": 60,
    "reopen_window_seconds": 3600,
}


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
    """Name, language, zone, assignment, targets; minutes and hours of the form become seconds."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    errors: dict[str, str] = {}
    values: dict[str, int] = {}
    for name, unit in UNITS.items():
        try:
            values[name] = _number(name, form.get(name, "")) * unit
        except Invalid as error:
            errors |= _words(here, error)
    words = {name: form.get(name, "") for name in ("name", "language", "time_zone", "assignment_mode")}
    if words["language"] not in CODES:
        words["language"] = ""
    try:
        if errors:
            raise Invalid(errors)
        await here.write(change_company, {**values, **words, "asks_rating": "asks_rating" in form})
    except Invalid as error:
        return await _general(here, _words(here, error), form, status=422)
    return here.saved("/settings")


async def add_one_tag(request: web.Request) -> web.StreamResponse:
    """A new tag."""
    here = visit(request)
    form = await request.post()
    name, colour = str(form.get("name", "")), str(form.get("colour", ""))
    try:
        await here.write(add_tag, name, colour)
    except Invalid as error:
        return await _tags(here, {"name": name, "colour": colour}, _words(here, error), status=422)
    return here.saved("/settings/tags")


async def show_tags(request: web.Request) -> web.StreamResponse:
    """All tags."""
    return await _tags(visit(request), {}, {})


async def save_tag(request: web.Request) -> web.StreamResponse:
    """Rename and colour, or remove."""
    here = visit(request)
    form = await request.post()
    number = numbered(request.match_info["tag_id"])
    try:
        if form.get("remove"):
            await here.write(remove_tag, number)
        else:
            await here.write(change_tag, number, str(form.get("name", "")), str(form.get("colour", "")))
    except Invalid as error:
        return await _tags(here, {}, {}, at=number, said=next(iter(_words(here, error).values())), status=422)
    return here.saved("/settings/tags")


async def show_fields(request: web.Request) -> web.StreamResponse:
    """Own fields of the card."""
    return await _fields(visit(request), {}, {})


async def save_field(request: web.Request) -> web.StreamResponse:
    """Add a field."""
    here = visit(request)
    form = {name: str(value).strip() for name, value in (await request.post()).items()}
    key, label, kind = form.get("key", ""), form.get("label", ""), form.get("kind", "")
    try:
        await here.write(add_field, key, label, kind, choices=form.get("choices", ""))
    except Invalid as error:
        return await _fields(here, form, _words(here, error), status=422)
    return here.saved("/settings/fields")


async def rename_field(request: web.Request) -> web.StreamResponse:
    """Another name or other choices for a field."""
    here = visit(request)
    form = await request.post()
    number = numbered(request.match_info["field_id"])
    try:
        await here.write(change_field, number, str(form.get("label", "")), str(form.get("choices", "")))
    except Invalid as error:
        return await _fields(here, {}, {}, at=number, said=next(iter(_words(here, error).values())), status=422)
    return here.saved("/settings/fields")


async def drop_field(request: web.Request) -> web.StreamResponse:
    """Remove a field."""
    here = visit(request)
    await here.write(remove_field, numbered(request.match_info["field_id"]))
    return here.saved("/settings/fields")


async def _general(
    here: Visit, errors: dict[str, str], typed: dict[str, str] | None = None, status: int = 200
) -> web.Response:
    company = await here.read(company_settings)
    frame = await frame_values(here, tab="general")
    return here.page(
        "settings/general.html",
        status=status,
        **frame,
        values=typed or _shown(company),
        errors=errors,
        zones=zones(),
    )


def _shown(company: CompanySettings) -> dict[str, str]:
    """The stored settings in the units of the form: minutes and hours."""
    shown = {name: str(getattr(company, name)) for name in ("name", "language", "time_zone", "assignment_mode")}
    shown["asks_rating"] = "on" if company.asks_rating else ""
    return shown | {name: str(getattr(company, name) // unit) for name, unit in UNITS.items()}


async def _tags(
    here: Visit,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    at: int = 0,
    said: str = "",
    status: int = 200,
) -> web.Response:
    """The page; a mistake is shown at the form of a new tag (`errors`) or at the tag `at`."""
    frame, tags = await frame_values(here, tab="tags"), await here.read(tag_list)
    return here.page(
        "settings/tags.html", status=status, **frame, tags=tags, typed=typed, errors=errors, at=at, said=said
    )


async def _fields(
    here: Visit,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    at: int = 0,
    said: str = "",
    status: int = 200,
) -> web.Response:
    frame, fields = await frame_values(here, tab="fields"), await here.read(contact_fields)
    return here.page(
        "settings/fields.html",
        status=status,
        **frame,
        fields=fields,
        kinds=FIELD_KINDS,
        typed=typed,
        errors=errors,
        at=at,
        said=said,
    )


def _words(here: Visit, error: Invalid) -> dict[str, str]:
    return {name: here.language.gettext(key).format(**error.params) for name, key in error.fields.items()}


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 7:
        raise Invalid({name: N_("Write a whole number.")})
    return int(text)


def numbered(text: str) -> int:
    """An id from an address; raises NotFound for anything else."""
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)
