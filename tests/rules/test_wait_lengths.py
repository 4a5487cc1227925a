"""The length of a wait by every definition: one wait worked out by hand, then properties over random ones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.business_hours import Hours, Interval
from inbox.rules.response_times import Entry, EntryKind, turns
from inbox.rules.wait_lengths import (
    By,
    Calendar,
    Definition,
    Lengths,
    Since,
    Whose,
    length_of,
    segment_lengths,
    started_by_us,
    turn_lengths,
)

ANNA, GLEB = 1, 2
# A Tuesday. The company works from 9 to 18, Anna until 13 with a break from 11 to 12, Gleb has no shift.
DAY = datetime(2026, 11, 24, tzinfo=UTC)
BUSINESS = Hours("UTC", (Interval(1, 540, 1080),))
SHIFT = Hours("UTC", (Interval(1, 540, 660), Interval(1, 720, 780)))
CALENDAR = Calendar(BUSINESS, {ANNA: SHIFT})


def at(hour: float) -> datetime:
    """An hour of the day."""
    return DAY + timedelta(hours=hour)


STORY = (
    Entry(at(8), 1, EntryKind.CLIENT, None, 1),
    Entry(at(8.5), 2, EntryKind.ASSIGNED, ANNA),
    Entry(at(10), 3, EntryKind.CLIENT, None, 2),
    Entry(at(12.5), 4, EntryKind.ASSIGNED, GLEB),
    Entry(at(13.5), 5, EntryKind.PERSON, GLEB, 3),
)
(WAIT,) = turns(STORY)
HOUR = 3600


def test_the_clients_wait_by_hand() -> None:
    # Clock: 8:00 to 13:30. Business: from 9:00. Shifts: nobody until 8:30 (business: nothing), Anna 9-11 and 12-12:30,
    # Gleb has none, so business from 12:30. From the last message: the same, cut at 10:00.
    whole = [HOUR * hours for hours in (5.5, 4.5, 2 + 0.5 + 1)]
    last = [HOUR * hours for hours in (3.5, 3.5, 1 + 0.5 + 1)]
    assert turn_lengths(WAIT, CALENDAR, at(99)) == Lengths(*map(int, [*whole, *last]))


def test_each_holders_part_by_hand() -> None:
    parts = [segment_lengths(WAIT, part, CALENDAR, at(99)) for part in WAIT.segments]
    hours = [[0.5, 0, 0, 0, 0, 0], [4, 3.5, 2.5, 2.5, 2.5, 1.5], [1, 1, 1, 1, 1, 1]]
    assert parts == [Lengths(*(int(value * HOUR) for value in part)) for part in hours]


@pytest.mark.parametrize(
    "definition, agent, hours",
    [
        (Definition(), None, 5.5),
        (Definition(by=By.SHIFT), None, 3.5),
        (Definition(Whose.AGENT), None, 1),
        (Definition(Whose.AGENT), ANNA, 4),
        (Definition(Whose.AGENT, Since.LAST, By.SHIFT), ANNA, 1.5),
        (Definition(Whose.AGENT, by=By.BUSINESS), ANNA, 3.5),
    ],
)
def test_a_definition_chooses(definition: Definition, agent: int | None, hours: float) -> None:
    assert length_of(WAIT, definition, CALENDAR, at(99), agent) == hours * HOUR


def test_an_open_wait_grows() -> None:
    (waiting,) = turns(STORY[:3])
    assert turn_lengths(waiting, CALENDAR, at(11.5)).shift_seconds == 2 * HOUR
    assert turn_lengths(waiting, CALENDAR, at(12.5)).shift_seconds == 2.5 * HOUR


def test_who_wrote_first_began_the_dialog() -> None:
    ours = [Entry(at(1), 1, EntryKind.BOT), Entry(at(2), 2, EntryKind.PERSON), Entry(at(3), 3, EntryKind.CLIENT)]
    assert started_by_us(ours)
    assert not started_by_us(ours[2:])
    assert not started_by_us([Entry(at(4), 1, EntryKind.CLIENT), Entry(at(1), 2, EntryKind.PERSON)])
    assert not started_by_us([])


_KINDS = st.sampled_from([EntryKind.CLIENT, EntryKind.ASSIGNED, EntryKind.UNASSIGNED])
_STEPS = st.lists(st.tuples(_KINDS, st.integers(0, 40_000), st.sampled_from([ANNA, GLEB])), min_size=0, max_size=12)


@given(_STEPS, st.integers(0, 200_000))
def test_every_length_is_bounded_by_the_clock_and_parts_add_up(
    steps: list[tuple[EntryKind, int, int]], later: int
) -> None:
    entries, moment = [Entry(at(7), 0, EntryKind.CLIENT, None, 1)], at(7)
    for number, (kind, pause, agent) in enumerate(steps, start=1):
        moment += timedelta(seconds=pause)
        entries.append(Entry(moment, number, kind, agent, number))
    (turn,) = turns(entries)
    now = moment + timedelta(seconds=later)
    whole = turn_lengths(turn, CALENDAR, now)
    parts = [segment_lengths(turn, part, CALENDAR, now) for part in turn.segments]
    assert whole == tuple(sum(column) for column in zip(*parts, strict=True))
    for since, by in product(Since, By):
        column = Definition(since=since, by=by).column
        assert 0 <= getattr(whole, column) <= whole.clock_seconds
        assert getattr(whole, f"last_{by.value}_seconds") <= getattr(whole, f"{by.value}_seconds")
    # What a schedule leaves out of Anna's time it leaves out of nobody else's.
    free = turn_lengths(turn, Calendar(BUSINESS), now)
    assert free.shift_seconds == free.business_seconds == whole.business_seconds
    assert turn_lengths(turn, Calendar(), now).shift_seconds == whole.clock_seconds
