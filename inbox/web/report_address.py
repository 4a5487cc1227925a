"""The address of a report: the one that was asked for, and the same written with something changed."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from aiohttp import web

from inbox.queries.company import company_settings
from inbox.queries.report_filter import ReportFilter
from inbox.report_address import UNKNOWN, report_filter
from inbox.rules.report_periods import DEFAULT_PERIOD
from inbox.rules.saved_reports import kept_choices
from inbox.runtime.languages import zone
from inbox.web.visit import Visit


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
        # A page has a thousand such addresses, which differ in two words.
        self._parts = {name: _part(name, value) for name, value in self.base.items()}

    def __call__(self, page: str = "", **changes: object) -> str:
        """The address; `page` is a list or file behind the figures ("/turns"), which most reports share."""
        parts = {**self._parts, **{name.rstrip("_"): _part(name.rstrip("_"), value) for name, value in changes.items()}}
        path = f"/reports/{self._lists}{page}" if page else f"/reports/{self._page}"
        return f"{path}?" + "&".join(filter(None, parts.values()))

    def saving(self, period: str) -> str:
        """Where this report is given a name; `period` is the one that its address names."""
        shown = {name: str(value) for name, value in self.base.items() if value is not None}
        # As in every address: an empty source stands for any.
        shown["source"] = UNKNOWN if self.base["source"] == "" else shown.get("source", "")
        return f"/reports/saved/new?page={self._page}&{kept_choices({**shown, 'period': period})}"


@lru_cache(maxsize=1024, typed=True)
def _part(name: str, value: object) -> str:
    """One choice of an address; empty for one that is not made. The empty source is a choice: of no source."""
    if name == "source" and value == "":
        value = UNKNOWN
    return "" if value is None else urlencode({name: value})


async def read_address(here: Visit) -> ReportFilter:
    """The filter of the address that was asked for; raises Invalid for dates that make no period."""
    return report_filter(here.request.query, await read_today(here))


async def read_today(here: Visit) -> date:
    """The company's present day, which reports are counted by."""
    company = await here.read(company_settings)
    return here.resources.clock.now().astimezone(zone(company.time_zone)).date()


def read_by(request: web.Request, choices: tuple[str, ...]) -> str:
    """By what a table is counted, else by the first of the choices."""
    by = request.query.get("by", "")
    return by if by in choices else choices[0]


def read_period(request: web.Request) -> str:
    """Which of the fixed periods an address names; "own" for days that were chosen."""
    return request.query.get("period", DEFAULT_PERIOD if "from" not in request.query else "own")
