"""What a report counts, and the conditions on turns that say the same to the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, case, or_, select

from inbox.models import Conversation, ConversationTag, LeadSource, Turn
from inbox.models.base import aliased
from inbox.queries.stored_turns import definition_conditions
from inbox.rules.wait_lengths import By, Definition
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

HOUR = timedelta(hours=1)
# How a dialog ended, in the places of report_axes.VERDICTS: not yet, answered and resolved, with an unanswered wait.
ENDINGS = ("open", "answered", "lost")
# First waits and next ones together, for lists.
ANY_WAIT = "any"
ROLLED = (Definition(by=By.CLOCK), Definition(by=By.BUSINESS))


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What is counted: waits that began on local days from `start` to `end` (both included).

    `measure` is first, next or (in lists) ANY_WAIT; `definition` says what the length of a wait is. `weekday` (0 is
    Monday) and `hour` of the local day narrow the lists behind a figure. None means any; agent 0 is nobody, source ""
    is unknown, tag 0 and team 0 are none, verdict "" is not judged, `ending` is of ENDINGS.
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
    def stored_measure(self) -> str:
        """The name under which the roll-up keeps this measure."""
        return f"{self.measure}.{self.definition.by}"

    @property
    def rolled(self) -> bool:
        """Whether the roll-up keeps this definition: every client's whole wait, from its first message."""
        return self.definition in ROLLED

    @property
    def days(self) -> list[date]:
        """Every day of the period."""
        return [self.start + timedelta(days=number) for number in range((self.end - self.start).days + 1)]


def local_midnight(day: date, time_zone: str) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time(), zone(time_zone)).astimezone(UTC)


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


def turn_conditions(wanted: ReportFilter, time_zone: str) -> list[Any]:
    """The conditions of a filter on turns, for the figures and for the list behind them."""
    return [
        Turn.opened_at >= local_midnight(wanted.start, time_zone),
        Turn.opened_at < local_midnight(wanted.end + timedelta(days=1), time_zone),
        *narrowing(wanted),
        *_clock_conditions(wanted, time_zone),
    ]


def narrowing(wanted: ReportFilter) -> list[Any]:
    """The conditions of a filter without its period."""
    of_number = {"first": [Turn.number == 1], "next": [Turn.number > 1], ANY_WAIT: []}
    conditions: list[Any] = [*of_number[wanted.measure], *definition_conditions(wanted.definition)]
    if wanted.team_id is not None:
        conditions.append(Turn.team_id == wanted.team_id if wanted.team_id else Turn.team_id.is_(None))
    if wanted.channel_id is not None:
        conditions.append(Turn.channel_id == wanted.channel_id)
    if wanted.agent_id is not None:
        holder = Turn.answered_by_id == wanted.agent_id
        free = Turn.answered_by_id.is_(None)
        own = Turn.agent_id == wanted.agent_id if wanted.agent_id else Turn.agent_id.is_(None)
        conditions.append(holder | (free & own))
    if wanted.source is not None:
        ids = _sources_named(wanted.source)
        conditions.append(Turn.lead_source_id.in_(ids) if wanted.source else Turn.lead_source_id.is_(None))
    if wanted.verdict is not None:
        conditions.append(Turn.verdict == wanted.verdict if wanted.verdict else Turn.verdict.is_(None))
    if wanted.ending is not None:
        conditions.append(ending_column() == ENDINGS.index(wanted.ending))
    if wanted.tag_id is not None:
        tagged = select(ConversationTag.conversation_id)
        if wanted.tag_id:
            conditions.append(Turn.conversation_id.in_(tagged.where(ConversationTag.tag_id == wanted.tag_id)))
        else:
            conditions.append(Turn.conversation_id.not_in(tagged))
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
        stretches.append((Turn.opened_at >= start) & (Turn.opened_at < end))
    return [or_(*stretches)] if stretches else [Turn.id < 0]
