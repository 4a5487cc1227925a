"""How long those who still wait have waited by now, by any definition: their rows have no lengths yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import select

from inbox.models import Agent, Turn, TurnSegment
from inbox.queries.hours import channel_hours, stored_hours
from inbox.rules import response_times
from inbox.rules.response_times import Segment
from inbox.rules.wait_lengths import By, Calendar, Definition, Since, Whose, length_of
from inbox.runtime.database import Tx

_SHIFTS = select(Agent.id, Agent.business_hours_id).where(Agent.business_hours_id.is_not(None))


def open_lengths(tx: Tx, definition: Definition, conditions: Sequence[Any]) -> dict[int, int]:
    """The seconds of each of the open turns that fit these conditions, by the hours and shifts that apply now."""
    columns = (Turn.id, Turn.channel_id, Turn.opened_at, Turn.last_client_at)
    rows = tx.execute(select(*columns).where(*conditions)).all()
    if (definition.whose, definition.since, definition.by) == (Whose.CLIENT, Since.FIRST, By.CLOCK):
        return {turn_id: int((tx.now - opened).total_seconds()) for turn_id, _, opened, _ in rows}
    segments = _segments(tx, conditions)
    calendars = _calendars(tx, {channel_id for _, channel_id, _, _ in rows})
    lengths = {}
    for turn_id, channel_id, opened, last_client in rows:
        turn = response_times.Turn(0, None, None, opened, last_client, tuple(segments[turn_id]))
        lengths[turn_id] = length_of(turn, definition, calendars[channel_id], tx.now)
    return lengths


def _segments(tx: Tx, conditions: Sequence[Any]) -> dict[int, list[Segment]]:
    part = TurnSegment
    held = select(part.id, part.turn_id, part.agent_id, part.started_at, part.ended_at)
    rows = tx.execute(held.where(part.turn_id.in_(select(Turn.id).where(*conditions)))).all()
    found: defaultdict[int, list[Segment]] = defaultdict(list)
    # Put in order here: for an order of its own a database would walk all the waits there are.
    for _, turn_id, agent_id, started_at, ended_at in sorted(rows, key=itemgetter(0)):
        found[turn_id].append(Segment(agent_id, started_at, ended_at))
    return found


def _calendars(tx: Tx, channel_ids: set[int]) -> dict[int, Calendar]:
    shift_ids = {row.id: row.business_hours_id for row in tx.execute(_SHIFTS)}
    kept = stored_hours(tx, set(shift_ids.values()))
    shifts = {agent_id: kept[hours_id] for agent_id, hours_id in shift_ids.items()}
    return {channel_id: Calendar(channel_hours(tx, channel_id), shifts) for channel_id in channel_ids}
