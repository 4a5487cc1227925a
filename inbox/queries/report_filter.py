"""What a report counts, and the conditions on turns that say the same to the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, case, or_, select

from inbox.models import Conversation, ConversationMoment, ConversationTag, LeadSource, Turn
from inbox.models.base import aliased
from inbox.queries.stored_turns import definition_conditions
from inbox.rules.report_columns import ENDINGS, HAPPENINGS
from inbox.rules.wait_lengths import Definition
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

HOUR = timedelta(hours=1)
# First waits and next ones together, for lists.
ANY_WAIT = "any"


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What is counted: waits that began on local days from `start` to `end` (both included), or dialogs' happenings.

    `measure` is first, next, ANY_WAIT, or of HAPPENINGS; `definition` says what the length of a wait is. `weekday` (0
    is Monday) and `hour` of the local day narrow the lists behind a figure. None means any; agent 0 is nobody, source
    "" is unknown, tag 0 and team 0 are none, verdict "" is not judged, `ending` is of ENDINGS.
    """

    start: date
    end: date
    measure: str = "first"
    definition: Definition = field(default_factory=Definition)
    channel_id: int | None = None
    agent_id: int | None = None
    source: str | None = None
    tag_id: int | None = None
    team_id: int | None = None
    verdict: str | None = None
    ending: str | None = None
    weekday: int | None = None
    hour: int | None = None

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1)]


def local_midnight(day: date, time_zone: str) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time(), zone(time_zone)).astimezone(UTC)


def day_parts(day: date, time_zone: str) -> list[tuple[datetime, datetime]]:
    """The hours of a local day from its midnight on, in UTC: 23 to 25, the last one shorter where half hours shift."""
    start, end = local_midnight(day, time_zone), local_midnight(day + timedelta(days=1), time_zone)
    hours = -(-(end - start) // HOUR)
    return [(start + number * HOUR, min(end, start + (number + 1) * HOUR)) for number in range(hours)]


def _local_hour(day: date, hour: int, time_zone: str) -> datetime:
    """When a local hour (0..24) begins, in UTC: a repeated one lasts two hours, a skipped one none."""
    if hour == 24:
        return local_midnight(day + timedelta(days=1), time_zone)
    return datetime.combine(day, time(hour), zone(time_zone)).astimezone(UTC)


def source_ids(tx: Tx, name: str) -> set[int]:
    """The lead sources of a name as the reports tell it; 0 is none."""
    if not name:
        return {0}
    return set(tx.execute(_sources_named(name)).scalars())


def _sources_named(name: str) -> Select[int]:
    """As reports name them (reports.axis_labels): by their source, by the label without one."""
    unnamed = (LeadSource.source == "") & (LeadSource.label == name)
    return select(LeadSource.id).where((LeadSource.source == name) | unnamed)


def facts_of(wanted: ReportFilter) -> Any:
    """The table of what is counted."""
    return ConversationMoment if wanted.measure in HAPPENINGS else Turn


def began_at(wanted: ReportFilter) -> Any:
    """The moment by which what is counted belongs to a day."""
    return ConversationMoment.at if wanted.measure in HAPPENINGS else Turn.opened_at


def fact_conditions(wanted: ReportFilter, time_zone: str) -> list[Any]:
    """The conditions of a filter on what it counts, for the figures and for the list behind them."""
    return [
        began_at(wanted) >= local_midnight(wanted.start, time_zone),
        began_at(wanted) < local_midnight(wanted.end + timedelta(days=1), time_zone),
        *narrowing(wanted),
        *_clock_conditions(wanted, time_zone),
    ]


def narrowing(wanted: ReportFilter) -> list[Any]:
    """The conditions of a filter without its period."""
    facts = facts_of(wanted)
    if wanted.measure in HAPPENINGS:
        conditions: list[Any] = [facts.kind == wanted.measure]
    else:
        of_number = {"first": [Turn.number == 1], "next": [Turn.number > 1], ANY_WAIT: []}
        conditions = [
            *of_number[wanted.measure],
            *definition_conditions(wanted.definition),
            *_outcome_conditions(wanted),
        ]
    if wanted.team_id is not None:
        conditions.append(facts.team_id == wanted.team_id if wanted.team_id else facts.team_id.is_(None))
    if wanted.channel_id is not None:
        conditions.append(facts.channel_id == wanted.channel_id)
    if wanted.agent_id is not None:
        conditions.append(_credited(facts, wanted.agent_id))
    if wanted.source is not None:
        ids = _sources_named(wanted.source)
        conditions.append(facts.lead_source_id.in_(ids) if wanted.source else facts.lead_source_id.is_(None))
    if wanted.tag_id is not None:
        tagged = select(ConversationTag.conversation_id)
        if wanted.tag_id:
            conditions.append(facts.conversation_id.in_(tagged.where(ConversationTag.tag_id == wanted.tag_id)))
        else:
            conditions.append(facts.conversation_id.not_in(tagged))
    return conditions


def _credited(facts: Any, agent_id: int) -> Any:
    """Whose it is: of who answered, else of who held it (0: nobody)."""
    own = facts.agent_id == agent_id if agent_id else facts.agent_id.is_(None)
    if facts is ConversationMoment:
        return own
    return (Turn.answered_by_id == agent_id) | (Turn.answered_by_id.is_(None) & own)


def _outcome_conditions(wanted: ReportFilter) -> list[Any]:
    conditions: list[Any] = []
    if wanted.verdict is not None:
        conditions.append(Turn.verdict == wanted.verdict if wanted.verdict else Turn.verdict.is_(None))
    if wanted.ending is not None:
        conditions.append(ending_column() == ENDINGS.index(wanted.ending))
    return conditions


def ending_column() -> Any:
    """The place in ENDINGS of the dialog of a turn. One unanswered wait loses it, whatever came later."""
    other, dialog = aliased(Turn), aliased(Conversation)
    lost = select(other.id).where(other.conversation_id == Turn.conversation_id, other.outcome == "unanswered")
    resolved = select(dialog.id).where(dialog.id == Turn.conversation_id, dialog.status == "resolved")
    return case((lost.exists(), 2), (resolved.exists(), 1), else_=0)


def _clock_conditions(wanted: ReportFilter, time_zone: str) -> list[Any]:
    """An hour or a weekday as stretches of time: databases know little of time zones."""
    if wanted.hour is None and wanted.weekday is None:
        return []
    stretches = []
    for day in wanted.days:
        if wanted.weekday is not None and day.weekday() != wanted.weekday:
            continue
        if wanted.hour is None:
            start, end = local_midnight(day, time_zone), local_midnight(day + timedelta(days=1), time_zone)
        else:
            start = _local_hour(day, wanted.hour, time_zone)
            end = _local_hour(day, wanted.hour + 1, time_zone)
        stretches.append((began_at(wanted) >= start) & (began_at(wanted) < end))
    return [or_(*stretches)] if stretches else [facts_of(wanted).id < 0]
