"""What a slow first answer costs: target leads by how long they waited, and by source.

Without verdicts how dialogs ended says it: answered and resolved ones stand for target leads, unanswered for others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select

from inbox.models import Company
from inbox.queries.report_counts import count
from inbox.queries.report_filter import ReportFilter
from inbox.queries.reports import EDGES, axis_labels
from inbox.rules.percentiles import Tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import VERDICTS
from inbox.rules.verdicts import NOTHING, Verdict, Yield, lost_leads
from inbox.runtime.database import Tx

# The axis "ending" has its keys in the same places.
_TARGET = VERDICTS.index(Verdict.TARGET.value)


@dataclass(frozen=True, slots=True)
class Stretch:
    """First answers from `least` to `most` seconds (None: longer); both None: never answered."""

    least: int | None
    most: int | None
    found: Yield


@dataclass(frozen=True, slots=True)
class SourceSales:
    """One source: answered within the target, later or never, and what that cost (None: unknown)."""

    name: str
    fast: Yield
    slow: Yield
    lost: int | None


@dataclass(frozen=True, slots=True)
class Sales:
    """The whole page. `by` says what success is: a verdict, or (ending) that a dialog was answered and resolved."""

    by: str
    target_seconds: int
    stretches: tuple[Stretch, ...]
    sources: tuple[SourceSales, ...]
    fast: Yield
    slow: Yield
    lost: int | None

    @property
    def judged(self) -> int:
        """How many dialogs of the period came to something."""
        return self.fast.judged + self.slow.judged


def sales(tx: Tx, actor: Actor, wanted: ReportFilter, by: str = "verdict") -> Sales:
    """Dialogs whose first wait began in the period, by the verdict that they have now, or by their "ending"."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    target = company.first_response_target_seconds
    found = count(tx, replace(wanted, measure="first"), target, company.time_zone, [("source", by)])
    names = axis_labels(tx)["source"]
    by_source: dict[str, dict[int, Tally]] = {}
    for (source, verdict), counted in found["source", by].items():
        tallies = by_source.setdefault(names.get(source, ""), {})
        tallies[verdict] = tallies.get(verdict, Tally()) + counted
    whole: dict[int, Tally] = {}
    for tallies in by_source.values():
        for verdict, counted in tallies.items():
            whole[verdict] = whole.get(verdict, Tally()) + counted
    lines = [_source(name, tallies, target) for name, tallies in by_source.items()]
    fast, slow = sum((line.fast for line in lines), NOTHING), sum((line.slow for line in lines), NOTHING)
    return Sales(
        by=by,
        target_seconds=target,
        stretches=_stretches(whole),
        sources=tuple(sorted(lines, key=lambda line: (-(line.fast.total + line.slow.total), line.name))),
        fast=fast,
        slow=slow,
        lost=lost_leads(fast, slow),
    )


def _source(name: str, tallies: dict[int, Tally], target: int) -> SourceSales:
    within = {verdict: counted.ranking.within(target) for verdict, counted in tallies.items()}
    beyond = {verdict: counted.total - within[verdict] for verdict, counted in tallies.items()}
    fast, slow = _yield(within), _yield(beyond)
    return SourceSales(name, fast, slow, lost_leads(fast, slow))


def _stretches(tallies: dict[int, Tally]) -> tuple[Stretch, ...]:
    ranked = {verdict: counted.ranking for verdict, counted in tallies.items()}
    below = {verdict: [ranking.within(edge) for edge in EDGES] for verdict, ranking in ranked.items()}
    lines, least = [], 0
    for place, edge in enumerate(EDGES):
        here = {verdict: row[place] - (row[place - 1] if place else 0) for verdict, row in below.items()}
        lines.append(Stretch(least, edge, _yield(here)))
        least = edge
    longer = {verdict: sum(counted.counts.values()) - below[verdict][-1] for verdict, counted in tallies.items()}
    never = {verdict: counted.never for verdict, counted in tallies.items()}
    return (*lines, Stretch(least, None, _yield(longer)), Stretch(None, None, _yield(never)))


def _yield(numbers: dict[int, int]) -> Yield:
    total = sum(numbers.values())
    return Yield(total, total - numbers.get(0, 0), numbers.get(_TARGET, 0))
