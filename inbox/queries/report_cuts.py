"""Which waits stand behind one figure: the same columns that report_counts.count counts for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from inbox.models import Company
from inbox.queries.report_counts import narrowed, needed_columns, read_parts
from inbox.queries.report_filter import ANY_WAIT, ReportFilter
from inbox.queries.reports import report_target
from inbox.rules.percentiles import bucket_of
from inbox.rules.report_columns import WAITS, End, length_name
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

if TYPE_CHECKING:
    from inbox.rules.fact_picks import Chosen

NEVER, WAITING, LATE, DECIDED = "never", "waiting", "late", "decided"
BY_VERDICT, BY_ENDING = "verdict", "ending"
# Beyond every bucket.
_ENDLESS = 1 << 16


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of the counted waits; those that needed no answer are in none. An unknown word narrows nothing.

    `least` <= seconds < `most`, where an open wait takes part as soon as it is late. `outcome`: never (ended without an
    answer), waiting (within the target so far), late (past the target, or never), decided (all but the waiting ones).
    `judged`: those that came to something, by a verdict or by their ending.
    """

    least: int | None = None
    most: int | None = None
    outcome: str | None = None
    judged: str | None = None


@dataclass(frozen=True, slots=True)
class After:
    """Where a list goes on: the wait before it, with its length (None: it still waits) and how it ended."""

    id: int
    opened_at: datetime
    outcome: str | None
    seconds: int | None


@dataclass(frozen=True, slots=True)
class Picked:
    """How many waits a cut has, and the ids among which a page of them is."""

    total: int
    ids: tuple[int, ...]


def picked(tx: Tx, wanted: ReportFilter, cut: Cut, *, longest: bool, after: After | None, limit: int) -> Picked:
    """The waits of a cut: as many as the figure says, for both are the same columns."""
    # Only here, as in report_counts.count.
    from inbox.rules.fact_picks import Place, Waits

    company = tx.execute(select(Company.__table__)).one()
    target = report_target(company, wanted)
    place = None
    if after is not None:
        local = after.opened_at.astimezone(zone(company.time_zone))
        end = End.NEVER if after.outcome == "unanswered" else End.ANSWERED
        bucket = None if after.seconds is None else bucket_of(after.seconds)
        place = Place(after.id, local.toordinal(), local.hour, end, bucket)
    total, ids = 0, []
    for measure in WAITS if wanted.measure == ANY_WAIT else (wanted.measure,):
        asked, length = replace(wanted, measure=measure), length_name(wanted.definition)
        narrow = narrowed(tx, asked)
        if cut.judged in (BY_VERDICT, BY_ENDING) and cut.judged not in narrow:
            # Its number 0: nothing has come of it yet.
            narrow[cut.judged] = [1, 2]
        names = needed_columns({"id", "day", *narrow}, length)
        parts = read_parts(tx, asked, target, company.time_zone, names)
        waits = Waits(parts, names, length, narrow, _chosen(cut, target))
        total += waits.total
        ids += waits.longest(limit, place) if longest else waits.newest(limit, place)
    return Picked(total, tuple(ids))


def _chosen(cut: Cut, target: int) -> Chosen:
    from inbox.rules.fact_picks import Chosen

    if cut.outcome == NEVER:
        return Chosen(frozenset({End.NEVER}))
    if cut.outcome == WAITING:
        return Chosen(frozenset({End.UNDECIDED}))
    if cut.least is None and cut.most is None and cut.outcome not in (LATE, DECIDED):
        return Chosen(frozenset(End))
    # A figure knows lengths by the buckets of its histogram; an open wait has one as soon as it is late.
    least = bucket_of(target if cut.outcome == LATE else cut.least or 0)
    most = _ENDLESS if cut.most is None else bucket_of(cut.most)
    return Chosen(frozenset({End.NEVER} if cut.outcome in (LATE, DECIDED) else ()), (least, most))
