"""What is over and not rolled up for the reports yet: a look without the writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select

from inbox.models import Company, ReportColumn, Turn
from inbox.queries.report_filter import day_parts
from inbox.rules.report_columns import FACTS, columns_of
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

KEPT_DAYS = 400
# Most waits of an hour are over by then; a later end counts its hour anew.
SETTLED = timedelta(minutes=30)
# So long days are kept hour by hour: dialogs go on, and a change then costs one hour.
HOURLY_DAYS = 3
WHOLE_DAY = 0


# Of a day with more waits the hours are rolled up one by one: a piece holds the writer.
WAITS_AT_ONCE = 1000


class Piece(NamedTuple):
    """What is rolled up at once: facts of one kind that began in one hour, or (WHOLE_DAY) on one day."""

    fact: str
    day: date
    part: int


def unrolled(tx: Tx, limit: int) -> list[Piece]:
    """The newest pieces that have to be rolled up; none: everything is."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none()
    oldest = tx.execute(select(func.min(Turn.opened_at))).scalar_one()
    if time_zone is None or oldest is None:
        return []
    today = tx.now.astimezone(zone(time_zone)).date()
    first = max(oldest.astimezone(zone(time_zone)).date(), today - timedelta(days=KEPT_DAYS))
    kept = _kept(tx, first)
    found: list[Piece] = []
    for number in range((today - first).days + 1):
        day = today - timedelta(days=number)
        lacking = {fact: len(columns_of(fact)) - kept[fact, day].get(WHOLE_DAY, 0) for fact in FACTS}
        if any(lacking.values()):
            parts = day_parts(day, time_zone)
            hourly = number < HOURLY_DAYS or _busy(tx, parts[0][0], parts[-1][1])
            over = [part for part, (_, end) in enumerate(parts, start=1) if end + SETTLED <= tx.now]
            for fact, columns in lacking.items():
                hours = [part for part in over[::-1] if kept[fact, day].get(part, 0) < columns] if hourly else []
                # A column is kept either of the whole day or of its hours, which in the end are put together.
                whole = [WHOLE_DAY] if columns and not hours and number >= HOURLY_DAYS else []
                found += [Piece(fact, day, part) for part in hours + whole]
        if len(found) >= limit:
            break
    return found[:limit]


def _kept(tx: Tx, first: date) -> Mapping[tuple[str, date], Mapping[int, int]]:
    """How many columns are kept of each part of a day."""
    own = (ReportColumn.fact, ReportColumn.day, ReportColumn.part)
    counted = select(*own, func.count()).where(ReportColumn.day >= first).group_by(*own)
    kept: defaultdict[tuple[str, date], dict[int, int]] = defaultdict(dict)
    for fact, day, part, number in tx.execute(counted):
        kept[fact, day][part] = number
    return kept


def _busy(tx: Tx, start: datetime, end: datetime) -> bool:
    waits = select(Turn.id).where(Turn.opened_at >= start, Turn.opened_at < end).limit(WAITS_AT_ONCE + 1)
    return len(tx.execute(waits).all()) > WAITS_AT_ONCE
