"""Rolling up what is over: days and late hours: a histogram per measure and key. Reports read no old facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from itertools import islice
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select

from inbox.models import Company, ConversationMoment, ReportDay, Turn
from inbox.queries.report_axes import fact_columns, tally_rows
from inbox.queries.report_filter import HOUR, local_midnight
from inbox.queries.report_measures import ENDINGS, HAPPENINGS, MEASURES, TAGGED, Measure, stored_name
from inbox.rules.percentiles import Tally, pack
from inbox.rules.permissions import Actor
from inbox.rules.wait_lengths import By, Definition
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

# A call holds the writer, so it must be short: it begins no piece after so many facts, or pieces.
FACTS_AT_ONCE = 1000
PIECES_AT_ONCE = 50
KEPT_DAYS = 400
# Most waits of an hour are over by then; a later end counts its hour anew.
_SETTLED = timedelta(minutes=30)
# Yesterday is still kept hour by hour: dialogs go on overnight, and a change then costs one hour.
_HOURLY_DAYS = 1
_WHOLE_DAY = 0
_KEYS = ("key", "second", "third")
_HOURS = delete(ReportDay).where(
    ReportDay.day == bindparam("of_day"),
    ReportDay.part > _WHOLE_DAY,
    ReportDay.measure == bindparam("of_measure"),
)

# What is rolled in one piece: a local day, the part of it (0: all, n: its n-th hour), and the measure.
_Piece = tuple[date, int, Measure]


def roll_up(tx: Tx, actor: Actor) -> int:
    """Roll up what is over and not rolled yet, the newest first; returns how many pieces. Zero: everything is."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none()
    oldest = tx.execute(select(func.min(Turn.opened_at))).scalar_one()
    if time_zone is None or oldest is None:
        return 0
    today = tx.now.astimezone(zone(time_zone)).date()
    first = max(oldest.astimezone(zone(time_zone)).date(), today - timedelta(days=KEPT_DAYS))
    table = ReportDay
    stored = select(table.day, table.part, table.measure).where(
        table.measure.in_([measure.name for measure in MEASURES]),
        table.dimension == stored_name(()),
        table.day >= first,
    )
    done = {tuple(row) for row in tx.execute(stored)}
    hourly = {(day, measure) for day, part, measure in done if part != _WHOLE_DAY}
    missing = (
        (day, part, measure)
        for day, part in _stretches(tx.now, today, first, time_zone)
        for measure in MEASURES
        if (day, part, measure.name) not in done and (day, _WHOLE_DAY, measure.name) not in done
    )
    facts, pieces, rows = 0, 0, []
    for day, part, measure in islice(missing, PIECES_AT_ONCE):
        if part == _WHOLE_DAY and (day, measure.name) in hourly:
            tx.execute(_HOURS, {"of_day": day, "of_measure": measure.name})
        found, counted = _count(tx, (day, part, measure), time_zone)
        facts, pieces = facts + found, pieces + 1
        rows += counted
        if facts >= FACTS_AT_ONCE:
            break
    if rows:
        tx.execute(insert(ReportDay), rows)
    return pieces


def forget(tx: Tx, moments: Iterable[datetime], measures: Sequence[str]) -> None:
    """Something about facts of these moments has changed after they may have been rolled up: they are counted anew.

    Facts of the last half hour cost nothing: their hour is not rolled up yet.
    """
    older = [moment for moment in moments if tx.now - moment > _SETTLED]
    if not older:
        return
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none() or "UTC"
    for day, part in {_part_of(moment, time_zone) for moment in older}:
        stretch = delete(ReportDay).where(ReportDay.day == day, ReportDay.part.in_((_WHOLE_DAY, part)))
        tx.execute(stretch.where(ReportDay.measure.in_(measures)))


def forget_tags(tx: Tx, conversation_id: int) -> None:
    """A dialog has other tags now: all that it did is counted anew by tag."""
    waits = select(Turn.opened_at).where(Turn.conversation_id == conversation_id)
    moments = select(ConversationMoment.at).where(ConversationMoment.conversation_id == conversation_id)
    forget(tx, [*tx.execute(waits).scalars(), *tx.execute(moments).scalars()], TAGGED)


def forget_ending(tx: Tx, conversation_id: int) -> None:
    """A dialog has ended or goes on: its first wait is counted anew by how the dialog ended."""
    first = select(Turn.opened_at).where(Turn.conversation_id == conversation_id, Turn.number == 1)
    forget(tx, tx.execute(first).scalars(), ENDINGS)


def forget_all(tx: Tx, measures: Sequence[str] | None = None) -> None:
    """Everything is counted anew (or these measures): days begin at another moment, or a tag is no more."""
    everything = delete(ReportDay)
    tx.execute(everything if measures is None else everything.where(ReportDay.measure.in_(measures)))


def _stretches(now: datetime, today: date, first: date, time_zone: str) -> Iterator[tuple[date, int]]:
    """Everything that is over: the past hours of today and of the days before it, then whole days."""
    hourly = today - timedelta(days=_HOURLY_DAYS)
    for number in range((today - first).days + 1):
        day = today - timedelta(days=number)
        if day < hourly:
            yield day, _WHOLE_DAY
            continue
        midnight, over = local_midnight(day, time_zone), local_midnight(day + timedelta(days=1), time_zone)
        hours = -(-(over - midnight) // HOUR)
        yield from ((day, part) for part in range(hours, 0, -1) if midnight + part * HOUR + _SETTLED <= now)


def _part_of(moment: datetime, time_zone: str) -> tuple[date, int]:
    day = moment.astimezone(zone(time_zone)).date()
    return day, (moment - local_midnight(day, time_zone)) // HOUR + 1


def _count(tx: Tx, piece: _Piece, time_zone: str) -> tuple[int, list[dict[str, Any]]]:
    """How many facts a piece has, and its rows."""
    day, part, measure = piece
    midnight = local_midnight(day, time_zone)
    start, end = midnight + (part - 1) * HOUR, midnight + part * HOUR
    if part == _WHOLE_DAY:
        start, end = midnight, local_midnight(day + timedelta(days=1), time_zone)
    found = tx.execute(_facts(measure), {"since": start, "until": end}).all()
    counted = tally_rows(found, measure.stored, zone(time_zone), 0, lambda _: 0)
    # An empty stretch is rolled too, or it would be looked at again for ever.
    counted.setdefault((), {}).setdefault((), Tally())
    rows = [
        {
            "day": day,
            "part": part,
            "measure": measure.name,
            "dimension": stored_name(axes),
            **dict(zip(_KEYS, (*key, 0, 0, 0), strict=False)),
            "never": line.never,
            "histogram": pack(line.counts),
        }
        for axes, places in counted.items()
        for key, line in places.items()
    ]
    return len(found), rows


@cache
def _facts(measure: Measure) -> Select[Any]:
    """What is over of that which began `since` a moment and before `until`."""
    facts = fact_columns(measure.fact, Definition(by=measure.by or By.CLOCK), measure.loose)
    began: Any = Turn.opened_at
    if measure.fact in HAPPENINGS:
        began = ConversationMoment.at
    else:
        facts = facts.where(Turn.closed_at.is_not(None))
    return facts.where(began >= bindparam("since"), began < bindparam("until"))
