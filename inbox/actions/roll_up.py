"""Rolling up what is over: the facts of an hour become columns, the hours of an older day become one.

So reports read no old facts. What changes later is forgotten and rolled up anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, select

from inbox.models import Company, ConversationMoment, ReportColumn, Turn
from inbox.queries.report_facts import over_between, read_columns
from inbox.queries.report_filter import HOUR, day_parts, local_midnight
from inbox.queries.unrolled import SETTLED, WHOLE_DAY, Piece
from inbox.rules.permissions import Actor
from inbox.rules.report_columns import HAPPENINGS, TAG_COLUMNS, WAITS, columns_of, pack
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone


def roll_up(tx: Tx, actor: Actor, piece: Piece) -> None:
    """Keep the columns of a piece that are not kept yet."""
    time_zone = tx.execute(select(Company.time_zone)).scalar_one()
    parts = day_parts(piece.day, time_zone)
    if piece.part > len(parts):
        return
    columns = _put_together(tx, piece, len(parts)) if piece.part == WHOLE_DAY else {}
    table = ReportColumn
    kept = select(table.name).where(*_of_day(piece.fact, piece.day), table.part.in_((WHOLE_DAY, piece.part)))
    missing = set(columns_of(piece.fact)).difference(columns, tx.execute(kept).scalars())
    if missing:
        start, end = (parts[0][0], parts[-1][1]) if piece.part == WHOLE_DAY else parts[piece.part - 1]
        found = read_columns(tx, piece.fact, missing, over_between(piece.fact, start, end), zone(time_zone))
        columns |= {name: pack(name, numbers) for name, numbers in found.items()}
    rows = [{**piece._asdict(), "name": name, "numbers": numbers} for name, numbers in columns.items()]
    if rows:
        tx.execute(insert(ReportColumn), rows)


def forget(tx: Tx, facts: Collection[str], moments: Iterable[datetime], names: Collection[str] | None = None) -> None:
    """Something of what began at these moments has changed: it is rolled up anew, all of it or the named columns.

    What began within the last half hour costs nothing: its hour is not rolled up yet.
    """
    older = [moment for moment in moments if tx.now - moment > SETTLED]
    if not older:
        return
    time_zone = tx.execute(select(Company.time_zone)).scalar_one_or_none() or "UTC"
    for day, part in {_part_of(moment, time_zone) for moment in older}:
        for fact in facts:
            stretch = delete(ReportColumn).where(*_of_day(fact, day), ReportColumn.part.in_((WHOLE_DAY, part)))
            tx.execute(stretch if names is None else stretch.where(ReportColumn.name.in_(names)))


def forget_tags(tx: Tx, conversation_id: int) -> None:
    """A dialog has other tags now."""
    waits = select(Turn.opened_at).where(Turn.conversation_id == conversation_id)
    moments = select(ConversationMoment.at).where(ConversationMoment.conversation_id == conversation_id)
    forget(tx, WAITS, tx.execute(waits).scalars(), TAG_COLUMNS)
    forget(tx, HAPPENINGS, tx.execute(moments).scalars(), TAG_COLUMNS)


def forget_ending(tx: Tx, conversation_id: int) -> None:
    """A dialog has ended or goes on, which its first wait tells."""
    first = select(Turn.opened_at).where(Turn.conversation_id == conversation_id, Turn.number == 1)
    forget(tx, WAITS[:1], tx.execute(first).scalars(), ("ending",))


def forget_all(tx: Tx, names: Collection[str] | None = None) -> None:
    """Everything is rolled up anew (or the named columns): days begin at another moment, or a tag is no more."""
    everything = delete(ReportColumn)
    tx.execute(everything if names is None else everything.where(ReportColumn.name.in_(names)))


def _put_together(tx: Tx, piece: Piece, hours: int) -> dict[str, bytes]:
    """What is kept of the hours of a day gives way to the day: the columns whose hours are all there as one."""
    table = ReportColumn
    kept: defaultdict[str, list[bytes]] = defaultdict(list)
    by_hour = (*_of_day(piece.fact, piece.day), table.part != WHOLE_DAY)
    for name, numbers in tx.execute(select(table.name, table.numbers).where(*by_hour).order_by(table.part)):
        kept[name].append(numbers)
    tx.execute(delete(table).where(*by_hour))
    return {name: b"".join(numbers) for name, numbers in kept.items() if len(numbers) == hours}


def _of_day(fact: str, day: date) -> tuple[Any, ...]:
    return ReportColumn.fact == fact, ReportColumn.day == day


def _part_of(moment: datetime, time_zone: str) -> tuple[date, int]:
    day = moment.astimezone(zone(time_zone)).date()
    return day, (moment - local_midnight(day, time_zone)) // HOUR + 1
