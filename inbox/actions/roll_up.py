"""Rolling closed days up: one histogram per local day, measure and dimension; reports never read old turns."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select

from inbox.models import Company, ResponseDay, Turn
from inbox.queries.report_counts import DIMENSIONS, TURN_COLUMNS, local_midnight, tally_days
from inbox.rules.percentiles import Tally, pack
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

# Days per call: a call holds the writer, so it must be short.
DAYS_AT_ONCE = 2
KEPT_DAYS = 400


def roll_up(tx: Tx, actor: Actor) -> int:
    """Roll closed days up that are not yet; returns how many were. Zero means that everything is rolled."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none()
    oldest = tx.execute(select(func.min(Turn.opened_at))).scalar_one()
    if time_zone is None or oldest is None:
        return 0
    today = tx.now.astimezone(zone(time_zone)).date()
    first = max(oldest.astimezone(zone(time_zone)).date(), today - timedelta(days=KEPT_DAYS))
    done = set(tx.execute(select(ResponseDay.day).where(ResponseDay.day >= first).distinct()).scalars())
    missing = [day for number in range((today - first).days) if (day := first + timedelta(days=number)) not in done]
    for day in missing[-DAYS_AT_ONCE:]:
        _roll(tx, day, time_zone)
    return len(missing[-DAYS_AT_ONCE:])


def forget_day(tx: Tx, opened_at: datetime) -> None:
    """A wait of a closed day ended late: its day is counted anew. Today's waits cost one small read here."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none() or "UTC"
    day = opened_at.astimezone(zone(time_zone)).date()
    if day < tx.now.astimezone(zone(time_zone)).date():
        tx.execute(delete(ResponseDay).where(ResponseDay.day == day))


def _roll(tx: Tx, day: date, time_zone: str) -> None:
    start, end = local_midnight(day, time_zone), local_midnight(day + timedelta(days=1), time_zone)
    for measure, number in (("first", Turn.number == 1), ("next", Turn.number > 1)):
        closed = select(*TURN_COLUMNS).where(
            Turn.opened_at >= start, Turn.opened_at < end, Turn.closed_at.is_not(None), number
        )
        rows = tx.execute(closed).all()
        for hours in ("clock", "business"):
            tallies = tally_days(rows, [day], [start], hours, tx.now, 0)
            # An empty day is rolled too, or it would be looked at again for ever.
            tallies.setdefault((day, DIMENSIONS[0], 0), Tally())
            tx.execute(
                insert(ResponseDay),
                [
                    {
                        "day": day,
                        "measure": f"{measure}.{hours}",
                        "dimension": dimension,
                        "key": key,
                        "total": counted.total,
                        "never": counted.never,
                        "histogram": pack(counted.counts),
                    }
                    for (_, dimension, key), counted in tallies.items()
                ],
            )
