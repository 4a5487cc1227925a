"""The address of a report: read into a filter, and written with something changed."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from aiohttp import web

from inbox.queries.company import company_settings
from inbox.queries.report_filter import ENDINGS, ReportFilter
from inbox.rules.errors import Invalid
from inbox.rules.texts import N_
from inbox.rules.wait_lengths import By, Definition, Since, Whose
from inbox.runtime.languages import zone
from inbox.web.visit import Visit

Choice = TypeVar("Choice", bound=StrEnum)

MOST_DAYS = 400
# How an address names clients without a source; an empty field of the form means any.
UNKNOWN = "-"
PERIODS = {"today": 0, "7": 6, "30": 29, "90": 89}


class Links:
    """Addresses of the same report with something changed; templates call it."""

    def __init__(self, wanted: ReportFilter, page: str = "response", *, lists: str = "response", **more: str) -> None:
        """`page` is the report itself, `lists` whose lists are behind it, `more` what else its address carries."""
        self._page = page
        self._lists = lists
        definition = wanted.definition
        self.base = {
            "from": wanted.start.isoformat(),
            "to": wanted.end.isoformat(),
            "measure": wanted.measure,
            "hours": definition.by.value,
            "since": definition.since.value,
            "whose": definition.whose.value,
            "ours": "with" if definition.with_ours else "without",
            "channel": wanted.channel_id,
            "agent": wanted.agent_id,
            "source": wanted.source,
            "tag": wanted.tag_id,
            "team": wanted.team_id,
            "verdict": UNKNOWN if wanted.verdict == "" else wanted.verdict,
            "ending": wanted.ending,
            "weekday": wanted.weekday,
            "hour": wanted.hour,
            **more,
        }

    def __call__(self, page: str = "", **changes: object) -> str:
        """The address; `page` is a list or file behind the figures ("/turns"), which most reports share."""
        values = {**self.base, **{name.rstrip("_"): value for name, value in changes.items()}}
        if values["source"] == "":
            values["source"] = UNKNOWN
        path = f"/reports/{self._lists}{page}" if page else f"/reports/{self._page}"
        return f"{path}?" + urlencode({name: value for name, value in values.items() if value is not None})


async def read_address(here: Visit) -> ReportFilter:
    """The filter of an address; raises Invalid for dates that make no period."""
    query = here.request.query
    company = await here.read(company_settings)
    today = here.resources.clock.now().astimezone(zone(company.time_zone)).date()
    back = PERIODS.get(query.get("period", "30"), 29)
    try:
        start = date.fromisoformat(query["from"]) if query.get("from") else today - timedelta(days=back)
        end = date.fromisoformat(query["to"]) if query.get("to") else today
    except ValueError as error:
        raise Invalid({"from": N_("Choose the days from a calendar.")}) from error
    if query.get("period") in PERIODS:
        start, end = today - timedelta(days=back), today
    if start > end or (end - start).days >= MOST_DAYS or not 2000 <= start.year <= 2100:
        raise Invalid({"from": N_("Choose a period of at most 400 days, the first day before the last.")})
    return ReportFilter(
        start=start,
        end=end,
        measure="next" if query.get("measure") == "next" else "first",
        definition=Definition(
            whose=_one_of(Whose, query.get("whose")),
            since=_one_of(Since, query.get("since")),
            by=_one_of(By, query.get("hours")),
            with_ours=query.get("ours") != "without",
        ),
        channel_id=read_number(query.get("channel")),
        agent_id=read_number(query.get("agent")),
        source={"": None, UNKNOWN: ""}.get(query.get("source", ""), query.get("source")),
        tag_id=read_number(query.get("tag")),
        team_id=read_number(query.get("team")),
        verdict={UNKNOWN: ""}.get(query.get("verdict", ""), query.get("verdict") or None),
        ending=query.get("ending") if query.get("ending") in ENDINGS else None,
        weekday=_below(7, query.get("weekday")),
        hour=_below(24, query.get("hour")),
    )


def read_by(request: web.Request, choices: tuple[str, ...]) -> str:
    """By what a table is counted, else by the first of the choices."""
    by = request.query.get("by", "")
    return by if by in choices else choices[0]


def read_period(request: web.Request) -> str:
    """Which of the fixed periods an address names; "own" for days that were chosen."""
    return request.query.get("period", "30" if "from" not in request.query else "own")


def _one_of(choices: type[Choice], text: str | None) -> Choice:
    """The choice that an address names, else the first one."""
    return next((choice for choice in choices if choice.value == text), next(iter(choices)))


def read_number(text: str | None) -> int | None:
    """A whole number from an address; None for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else None


def _below(limit: int, text: str | None) -> int | None:
    number = read_number(text)
    return number if number is not None and number < limit else None
