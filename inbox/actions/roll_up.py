"""Rolling closed days and the past hours of today up: one histogram per measure and key; reports read no old turns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import delete, func, insert, select

from inbox.models import Company, ResponseDay, Turn
from inbox.queries.report_axes import MEASURES, STORED, stored_name, tally_rows, turn_columns
from inbox.queries.report_filter import HOUR, local_midnight
from inbox.rules.percentiles import Tally, pack
from inbox.rules.permissions import Actor
from inbox.rules.wait_lengths import By, Definition
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

# Stretches times measures per call: a call holds the writer, so it must be short.
PIECES_AT_ONCE = 1
KEPT_DAYS = 400
# Most waits of an hour are over by then; a later end counts its hour anew.
_SETTLED = timedelta(minutes=30)
_WHOLE_DAY = 0

# What is rolled in one piece: a local day, the part of it (0: all, n: its n-th hour), and the measure.
_Piece = tuple[date, int, str]


def roll_up(tx: Tx, actor: Actor) -> int:
    """Roll up what is over and not rolled yet, the newest first; returns how many pieces. Zero: everything is."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none()
    oldest = tx.execute(select(func.min(Turn.opened_at))).scalar_one()
    if time_zone is None or oldest is None:
        return 0
    today = tx.now.astimezone(zone(time_zone)).date()
    first = max(oldest.astimezone(zone(time_zone)).date(), today - timedelta(days=KEPT_DAYS))
    table = ResponseDay
    stored = select(table.day, table.part, table.measure).where(
        table.measure.in_(MEASURES), table.dimension == stored_name(()), table.day >= first
    )
    done = {tuple(row) for row in tx.execute(stored)}
    missing = [piece for piece in _pieces(tx.now, today, first, time_zone) if piece not in done]
    for piece in missing[:PIECES_AT_ONCE]:
        _roll(tx, piece, time_zone)
    return len(missing[:PIECES_AT_ONCE])


def forget_day(tx: Tx, opened_at: datetime) -> None:
    """A wait ended after its day or hour was rolled up: that is counted anew. One of the last hour costs one read."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none() or "UTC"
    day, part = _part_of(opened_at, time_zone)
    if day == tx.now.astimezone(zone(time_zone)).date() and _over(day, part, time_zone) > tx.now:
        return
    tx.execute(delete(ResponseDay).where(ResponseDay.day == day, ResponseDay.part.in_((_WHOLE_DAY, part))))


def forget_all(tx: Tx) -> None:
    """Days begin at another moment, as the company moved to another time zone: everything is counted anew."""
    tx.execute(delete(ResponseDay))


def _pieces(now: datetime, today: date, first: date, time_zone: str) -> Iterator[_Piece]:
    """Everything that is over: the past hours of today, then the days before it."""
    last, _ = divmod(now - _SETTLED - local_midnight(today, time_zone), HOUR)
    for part in range(last, 0, -1):
        yield from ((today, part, measure) for measure in MEASURES)
    for number in range((today - first).days):
        yield from ((today - timedelta(days=number + 1), _WHOLE_DAY, measure) for measure in MEASURES)


def _part_of(moment: datetime, time_zone: str) -> tuple[date, int]:
    day = moment.astimezone(zone(time_zone)).date()
    return day, (moment - local_midnight(day, time_zone)) // HOUR + 1


def _over(day: date, part: int, time_zone: str) -> datetime:
    """From when on an hour is rolled up."""
    return local_midnight(day, time_zone) + part * HOUR + _SETTLED


def _roll(tx: Tx, piece: _Piece, time_zone: str) -> None:
    day, part, measure = piece
    midnight = local_midnight(day, time_zone)
    if part == _WHOLE_DAY:
        start, end = midnight, local_midnight(day + timedelta(days=1), time_zone)
        hours_of_it = delete(ResponseDay).where(ResponseDay.day == day, ResponseDay.part > _WHOLE_DAY)
        tx.execute(hours_of_it.where(ResponseDay.measure == measure))
    else:
        start, end = midnight + (part - 1) * HOUR, midnight + part * HOUR
    number, hours = measure.split(".")
    closed = turn_columns(Definition(by=By(hours))).where(
        Turn.opened_at >= start,
        Turn.opened_at < end,
        Turn.closed_at.is_not(None),
        Turn.number == 1 if number == "first" else Turn.number > 1,
    )
    counted = tally_rows(tx.execute(closed), STORED, zone(time_zone), 0, lambda _: 0)
    # An empty stretch is rolled too, or it would be looked at again for ever.
    counted[()].setdefault((), Tally())
    values = {"day": day, "part": part, "measure": measure}
    rows = [
        {
            **values,
            "dimension": stored_name(axes),
            "key": key[0] if key else 0,
            "second": key[1] if len(key) > 1 else 0,
            "never": found.never,
            "histogram": pack(found.counts),
        }
        for axes, places in counted.items()
        for key, found in places.items()
    ]
    tx.execute(insert(ResponseDay), rows)
