"""Reading the columns of rules/report_columns.py from the facts themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, Select, case, func, select, type_coerce

from inbox.models import ConversationMoment, ConversationTag, Turn
from inbox.queries.report_filter import ending_column
from inbox.queries.stored_turns import length_column
from inbox.rules.percentiles import bucket_of
from inbox.rules.report_columns import HAPPENINGS, LENGTHS, TAG_COLUMNS, UNMEASURED, VERDICTS, End
from inbox.runtime.database import Tx

# Read off the moment, for databases know little of time zones.
_OF_MOMENT: Mapping[str, Callable[[datetime], int]] = {
    "hour": lambda local: local.hour,
    "day": lambda local: local.toordinal(),
}
_OUTCOMES = ("answered", "unanswered")
_VERDICTS = {word: place for place, word in enumerate(VERDICTS) if word}


def read_columns(
    tx: Tx, fact: str, names: Collection[str], conditions: Sequence[Any], place: ZoneInfo
) -> dict[str, list[int]]:
    """These columns of the facts that fit conditions on their table; also "day": the ordinal of the day."""
    columns: dict[str, list[int]] = {name: [] for name in names}
    plain = tuple(name for name in columns if name not in _OF_MOMENT and name not in TAG_COLUMNS)
    rows = tx.execute(_rows(fact, plain).where(*conditions)).all()
    if not rows:
        return columns
    dialogs, moments, *found = zip(*rows, strict=True)
    for name, values in zip(plain, found, strict=True):
        columns[name] = _buckets(values) if name in LENGTHS else list(values)
    timed = [name for name in columns if name in _OF_MOMENT]
    if timed:
        local = [moment.astimezone(place) for moment in moments]
        columns |= {name: list(map(_OF_MOMENT[name], local)) for name in timed}
    if "tag" in columns:
        columns |= _tags(tx, fact, conditions, dialogs)
    return columns


def over_between(fact: str, start: datetime, end: datetime) -> list[Any]:
    """The conditions for what began from one moment until before another, is over and counts."""
    m = _table(fact)
    began = m.at if fact in HAPPENINGS else m.opened_at
    counts = () if fact in HAPPENINGS else (Turn.outcome.in_(_OUTCOMES),)
    return [began >= start, began < end, *counts]


def unindexed(moment: Any) -> Any:
    """A moment in milliseconds that no index serves: the conditions alone say which one is best."""
    return type_coerce(moment, BigInteger) + 0


@cache
def _rows(fact: str, names: tuple[str, ...]) -> Select[Any]:
    """The dialog and the moment of each fact, then its columns, in the order in which they began."""
    m: Any = _table(fact)
    began = m.at if fact in HAPPENINGS else m.opened_at
    columns = [_expression(fact, name).label(name) for name in names]
    return select(m.conversation_id, began, *columns).where(of_fact(fact)).order_by(unindexed(began), m.id)


def of_fact(fact: str) -> Any:
    """The condition that a row of the table is a fact of this kind."""
    if fact in HAPPENINGS:
        return ConversationMoment.kind == fact
    return Turn.number == 1 if fact == "first" else Turn.number > 1


def _table(fact: str) -> Any:
    return ConversationMoment if fact in HAPPENINGS else Turn


def _expression(fact: str, name: str) -> Any:
    m = _table(fact)
    if name in LENGTHS:
        return length_column(LENGTHS[name])
    if name == "agent":
        credited = (m.agent_id,) if fact in HAPPENINGS else (Turn.answered_by_id, m.agent_id)
        return func.coalesce(*credited, 0)
    expressions: dict[str, Callable[[], Any]] = {
        "id": lambda: m.id,
        "channel": lambda: m.channel_id,
        "source": lambda: func.coalesce(m.lead_source_id, 0),
        "team": lambda: func.coalesce(m.team_id, 0),
        "outcome": lambda: case((Turn.outcome == "unanswered", End.NEVER.value), else_=End.ANSWERED.value),
        "ours": lambda: case((Turn.started_by_us.is_(True), 1), else_=0),
        "verdict": lambda: case(_VERDICTS, value=Turn.verdict, else_=0),
        "ending": ending_column,
    }
    return expressions[name]()


def _buckets(seconds: Iterable[int | None]) -> list[int]:
    return [UNMEASURED if length is None else bucket_of(length) for length in seconds]


def _tags(tx: Tx, fact: str, conditions: Sequence[Any], dialogs: Sequence[int]) -> dict[str, list[int]]:
    """The tags of each fact's dialog, one after the other."""
    asked = select(_table(fact).conversation_id).where(of_fact(fact), *conditions)
    found: defaultdict[int, list[int]] = defaultdict(list)
    tagged = select(ConversationTag.conversation_id, ConversationTag.tag_id)
    for dialog, tag_id in tx.execute(tagged.where(ConversationTag.conversation_id.in_(asked))):
        found[dialog].append(tag_id)
    lists = [found.get(dialog, [0]) for dialog in dialogs]
    return {"tags": [len(tags) for tags in lists], "tag": [tag for tags in lists for tag in tags]}
