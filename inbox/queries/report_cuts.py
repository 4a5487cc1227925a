"""Which waits stand behind one figure: those that report_counts.count counts for it, said to the database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, select

from inbox.models import Company, Turn
from inbox.queries.report_counts import count, open_lengths
from inbox.queries.report_filter import ANY_WAIT, ReportFilter, ending_column, narrowing
from inbox.queries.reports import report_target
from inbox.queries.stored_turns import length_column
from inbox.rules.percentiles import Tally, bucket_lower, bucket_of
from inbox.rules.report_columns import ENDINGS, WAITS, Axes
from inbox.runtime.database import Tx

NEVER, WAITING, LATE, DECIDED = "never", "waiting", "late", "decided"
BY_VERDICT, BY_ENDING = "verdict", "ending"


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


def cut_total(tx: Tx, wanted: ReportFilter, cut: Cut) -> int:
    """How many waits a cut has: as many as the figure says, for both are the same count."""
    company = tx.execute(select(Company.__table__)).one()
    target = report_target(company, wanted)
    axes: Axes = (cut.judged,) if cut.judged in (BY_VERDICT, BY_ENDING) else ()
    measures = WAITS if wanted.measure == ANY_WAIT else (wanted.measure,)
    whole = Tally()
    for measure in measures:
        counted = count(tx, replace(wanted, measure=measure), target, company.time_zone, [axes])
        # The number 0 of both axes: it came to nothing.
        whole = sum((line for key, line in counted[axes].items() if key != (0,)), whole)
    return _size(whole, cut, target)


def _size(whole: Tally, cut: Cut, target: int) -> int:
    if cut.outcome == NEVER:
        return whole.never
    if cut.outcome == WAITING:
        return whole.undecided
    if cut.least is None and cut.most is None and cut.outcome not in (LATE, DECIDED):
        return whole.total + whole.undecided
    ranking = whole.ranking
    longest = whole.total - whole.never if cut.most is None else ranking.within(cut.most)
    found = max(0, longest - ranking.within(target if cut.outcome == LATE else cut.least or 0))
    return found + whole.never if cut.outcome in (LATE, DECIDED) else found


def cut_conditions(tx: Tx, wanted: ReportFilter, cut: Cut) -> list[Any]:
    """The conditions on Turn of a cut, beside those of the filter."""
    conditions = [_counted(tx, wanted, cut)]
    if cut.judged == BY_VERDICT:
        conditions.append(Turn.verdict.is_not(None))
    elif cut.judged == BY_ENDING:
        conditions.append(ending_column() != ENDINGS.index("open"))
    return conditions


def _counted(tx: Tx, wanted: ReportFilter, cut: Cut) -> Any:
    seconds = length_column(wanted.definition)
    # A turn of an older version that was never measured this way is in no figure.
    answered = (Turn.outcome == "answered") & seconds.is_not(None)
    never = (Turn.outcome == "unanswered") & seconds.is_not(None)
    if cut.outcome == NEVER:
        return never
    if cut.least is None and cut.most is None and cut.outcome not in (WAITING, LATE, DECIDED):
        return answered | never | Turn.closed_at.is_(None)
    target = report_target(tx.execute(select(Company.__table__)).one(), wanted)
    going = open_lengths(tx, wanted.definition, narrowing(wanted))
    if cut.outcome == WAITING:
        return _among(key for key, length in going.items() if length < target)
    # A figure knows lengths by the buckets of its histogram.
    least = _edge(target if cut.outcome == LATE else cut.least or 0)
    late = {key: length for key, length in going.items() if length >= max(target, least)}
    found = answered & (seconds >= least)
    if cut.most is not None:
        most = _edge(cut.most)
        late = {key: length for key, length in late.items() if length < most}
        found &= seconds < most
    found |= _among(late)
    return found | never if cut.outcome in (LATE, DECIDED) else found


def _edge(seconds: int) -> int:
    return bucket_lower(bucket_of(seconds))


def _among(ids: Iterable[int]) -> Any:
    """Written out, for there may be more of them than a statement has parameters."""
    return Turn.id.in_(bindparam("turn_ids", list(ids), expanding=True, literal_execute=True))
