"""Working hours of the company, of teams and channels that have their own, and agents' shifts: one page for all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from aiohttp import web

from inbox.actions.business_hours import change_hours
from inbox.queries.company import channel_names
from inbox.queries.hours import owned_hours
from inbox.queries.teams import team_names
from inbox.rules.business_hours import Interval
from inbox.rules.errors import Invalid
from inbox.rules.holidays import PRESET_WORDS
from inbox.rules.hours_text import read_stretches, write_stretches
from inbox.rules.schedules import ALL_WEEK, COMPANY, Owner, OwnerKind, Schedule, SpecialDay
from inbox.rules.texts import N_
from inbox.web.settings_pages import frame_values, numbered
from inbox.web.setup_pages import zones
from inbox.web.visit import Visit, visit

# Rows for days that are not written yet.
EMPTY_ROWS = 3
_OWN = (OwnerKind.TEAM, OwnerKind.CHANNEL, OwnerKind.AGENT)

Fields = dict[str, list[str]]


async def show_hours(request: web.Request) -> web.StreamResponse:
    """The week of the company, or of the team, channel or agent in the address."""
    return await _page(visit(request), _owner(request.query))


async def save_hours(request: web.Request) -> web.StreamResponse:
    """A week with its exceptions, around the clock, or as somebody else."""
    here = visit(request)
    post = await request.post()
    form: Fields = {name: [str(value) for value in post.getall(name)] for name in post}
    for name in ("date_hours", "date_name"):
        form[name] = form.get(name, []) + [""] * (len(form.get("date", [])) - len(form.get(name, [])))
    owner = _owner({name: values[0] for name, values in form.items() if values})
    try:
        await here.write(change_hours, owner, _schedule(form, owner))
    except Invalid as error:
        said = here.language.gettext(error.key).format(**error.params)
        return await _page(here, owner, said, form, status=422)
    return here.saved(_address(owner))


async def _page(
    here: Visit, owner: Owner, said: str = "", typed: Fields | None = None, status: int = 200
) -> web.Response:
    stored = await here.read(owned_hours, owner)
    mode = "always" if stored.always and owner.kind is not OwnerKind.AGENT else "week"
    return here.page(
        "settings/hours.html",
        status=status,
        **await frame_values(here, tab="agents" if owner.kind is OwnerKind.AGENT else "hours"),
        hours=stored,
        mode=_first(typed or {}, "mode") or (mode if stored.own else "company"),
        shown=typed or _shown(stored.schedule),
        said=said,
        owners=await _owners(here),
        owner=owner,
        zones=zones(),
        presets=list(PRESET_WORDS.items()),
    )


async def _owners(here: Visit) -> list[tuple[str, str, Owner]]:
    """(address, name, owner) of everybody whose hours this page keeps; agents are reached from their own pages."""
    teams = [Owner(OwnerKind.TEAM, key) for key, _ in await here.read(team_names)]
    channels = [Owner(OwnerKind.CHANNEL, key) for key, _ in await here.read(channel_names)]
    names = [name for _, name in [*await here.read(team_names), *await here.read(channel_names)]]
    return [(_address(owner), name, owner) for owner, name in zip([*teams, *channels], names, strict=True)]


def _address(owner: Owner) -> str:
    return "/settings/hours" if owner.id is None else f"/settings/hours?{owner.kind.value}={owner.id}"


def _owner(given: Mapping[str, str]) -> Owner:
    for kind in _OWN:
        if given.get(kind.value):
            return Owner(kind, numbered(given[kind.value]))
    return COMPANY


def _schedule(form: Fields, owner: Owner) -> Schedule | None:
    """What the form says, checked as far as its texts go; raises Invalid."""
    mode, zone = _first(form, "mode"), _first(form, "time_zone")
    if mode == "company":
        return None
    if mode == "always":
        # The company without a schedule is open always; a team or channel without one follows the company.
        return None if owner.kind is OwnerKind.COMPANY else Schedule(zone, ALL_WEEK)
    week = [(weekday, read_stretches(_first(form, f"day_{weekday}"))) for weekday in range(7)]
    weekly = tuple(Interval(weekday, *stretch) for weekday, stretches in week for stretch in stretches)
    return Schedule(zone, weekly, _first(form, "holidays"), tuple(_days(form)))


def _days(form: Fields) -> Iterable[SpecialDay]:
    """The rows of days that differ; a row without a date is none."""
    rows = zip(form.get("date", []), form.get("date_hours", []), form.get("date_name", []), strict=False)
    for day, hours, name in rows:
        if not day.strip():
            if hours.strip() or name.strip():
                raise Invalid({"days": N_("Choose the date of each special day.")})
            continue
        try:
            moment = date.fromisoformat(day.strip())
        except ValueError:
            raise Invalid({"days": N_("This is not a date: {text}")}, {"text": day[:40]}) from None
        yield SpecialDay(moment, read_stretches(hours), name)


def _shown(schedule: Schedule) -> Fields:
    """A stored schedule as the fields of the form."""
    fields = {
        f"day_{weekday}": [
            write_stretches(
                [(item.opens_minute, item.closes_minute) for item in schedule.weekly if item.weekday == weekday]
            )
        ]
        for weekday in range(7)
    }
    if not schedule.weekly:
        fields |= {f"day_{weekday}": ["9:00-18:00"] for weekday in range(5)}
    return fields | {
        "time_zone": [schedule.time_zone],
        "holidays": [schedule.holidays],
        "date": [item.day.isoformat() for item in schedule.days] + [""] * EMPTY_ROWS,
        "date_hours": [write_stretches(item.stretches) for item in schedule.days] + [""] * EMPTY_ROWS,
        "date_name": [item.name for item in schedule.days] + [""] * EMPTY_ROWS,
    }


def _first(form: Fields, name: str) -> str:
    return (form.get(name) or [""])[0]
