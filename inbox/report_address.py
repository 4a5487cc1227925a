"""The address of a report, read into a filter: of the page that is asked for, and of one that was kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeVar

from inbox.queries.report_filter import ReportFilter
from inbox.rules.errors import Invalid
from inbox.rules.report_columns import ENDINGS
from inbox.rules.report_periods import DEFAULT_PERIOD, PERIODS, period_days
from inbox.rules.texts import N_
from inbox.rules.verdicts import Verdict
from inbox.rules.wait_lengths import By, Definition, Since, Whose

Choice = TypeVar("Choice", bound=StrEnum)

MOST_DAYS = 400
# How an address names clients without a source; an empty field of the form means any.
UNKNOWN = "-"
_VERDICTS = {verdict.value: verdict.value for verdict in Verdict}


def report_filter(query: Mapping[str, str], today: date) -> ReportFilter:
    """The filter of an address; raises Invalid for dates that make no period. `today` is the company's."""
    start, end = _days(query, today)
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
        verdict={UNKNOWN: "", **_VERDICTS}.get(query.get("verdict", "")),
        ending=query.get("ending") if query.get("ending") in ENDINGS else None,
        weekday=_below(7, query.get("weekday")),
        hour=_below(24, query.get("hour")),
    )


def _days(query: Mapping[str, str], today: date) -> tuple[date, date]:
    """The first and the last day: of a moving period, else as they were chosen, else of the usual one."""
    if query.get("period") in PERIODS:
        return period_days(query["period"], today)
    start, end = period_days(DEFAULT_PERIOD, today)
    try:
        start = date.fromisoformat(query["from"]) if query.get("from") else start
        end = date.fromisoformat(query["to"]) if query.get("to") else end
    except ValueError as error:
        raise Invalid({"from": N_("Choose the days from a calendar.")}) from error
    if start > end or (end - start).days >= MOST_DAYS or not 2000 <= start.year <= 2100:
        raise Invalid({"from": N_("Choose a period of at most 400 days, the first day before the last.")})
    return start, end


def read_number(text: str | None) -> int | None:
    """A whole number from an address; None for anything else."""
    return int(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else None


def _one_of(choices: type[Choice], text: str | None) -> Choice:
    """The choice that an address names, else the first one."""
    return next((choice for choice in choices if choice.value == text), next(iter(choices)))


def _below(limit: int, text: str | None) -> int | None:
    number = read_number(text)
    return number if number is not None and number < limit else None
