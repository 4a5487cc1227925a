"""The clock of waits: one table of small timelines, then properties over random ones."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox.rules.business_hours import Hours, Interval
from inbox.rules.response_times import (
    START,
    Entry,
    EntryKind,
    Outcome,
    Segment,
    Standing,
    Turn,
    advance,
    agent_seconds,
    business_seconds,
    clock_seconds,
    episodes,
    first_resolution_seconds,
    first_response,
    next_responses,
    resolution_seconds,
    turns,
)

DAY = datetime(2026, 11, 24, tzinfo=UTC)
ANNA, BORIS = 1, 2
CLOSING = {EntryKind.PERSON, EntryKind.DISMISSED, EntryKind.RESOLVED, EntryKind.MERGED}


def minute(number: float) -> datetime:
    """A moment of the test day."""
    return DAY + timedelta(minutes=number)


def timeline(text: str) -> list[Entry]:
    """Entries from "client 0, assigned 1 anna, person 7 anna": kind, minute, and who."""
    people = {"anna": ANNA, "boris": BORIS}
    entries = []
    for number, line in enumerate(text.split(", "), start=1):
        kind, at, *who = line.split()
        entries.append(
            Entry(minute(float(at)), number, EntryKind(kind), people[who[0]] if who else None, message_id=number * 10)
        )
    return entries


def told(of: tuple[Turn, ...]) -> list[tuple[float, float | None, str | None]]:
    """Opened, closed (minutes) and outcome of each turn."""
    return [
        (
            (turn.opened_at - DAY) / timedelta(minutes=1),
            None if turn.closed_at is None else (turn.closed_at - DAY) / timedelta(minutes=1),
            turn.outcome.value if turn.outcome else None,
        )
        for turn in of
    ]


TIMELINES = {
    "nothing yet": ("note 0", []),
    "waiting": ("client 0", [(0, None, None)]),
    "answered": ("client 0, person 7 anna", [(0, 7, "answered")]),
    "a burst is one wait from its first message": ("client 0, client 3, client 4, person 7", [(0, 7, "answered")]),
    "a bot answers nobody": ("client 0, bot 1, person 7", [(0, 7, "answered")]),
    "a note answers nobody": ("client 0, note 2, client 3", [(0, None, None)]),
    "a second answer is no second turn": ("client 0, person 1, person 2", [(0, 1, "answered")]),
    "an answer before any question": ("person 0, client 3, person 5", [(3, 5, "answered")]),
    "each question is a turn": ("client 0, person 1, client 5, person 9", [(0, 1, "answered"), (5, 9, "answered")]),
    "resolved while waiting": ("client 0, resolved 5", [(0, 5, "unanswered")]),
    "resolved after the answer": ("client 0, person 2, resolved 5", [(0, 2, "answered")]),
    "no answer needed": ("client 0, person 1, client 2, dismissed 3", [(0, 1, "answered"), (2, 3, "dismissed")]),
    "reopening starts a new wait": (
        "client 0, person 1, resolved 2, reopened 600, client 600",
        [(0, 1, "answered"), (600, None, None)],
    ),
    "a colleague takes an ending without an answer back": (
        "client 0, resolved 5, assigned 6 boris, reopened 20 anna, person 30",
        [(0, 30, "answered")],
    ),
    "a client who writes again begins a new wait": (
        "client 0, resolved 5, reopened 20, client 20",
        [(0, 5, "unanswered"), (20, None, None)],
    ),
    "nothing is taken back after an answer": (
        "client 0, resolved 5, person 6, reopened 20 anna",
        [(0, 5, "unanswered")],
    ),
    "what needed no answer stays so": ("client 0, dismissed 5, resolved 6, reopened 20 anna", [(0, 5, "dismissed")]),
    "a merge takes the wait away": ("client 0, merged 4", [(0, 4, "merged")]),
    "assignment does not answer": ("client 0, assigned 1 anna, unassigned 3", [(0, None, None)]),
    "an answer cannot answer what came later": (
        "client 0, person 3, client 2",
        [(0, 3, "answered"), (2, None, None)],
    ),
    "a late first message moves the start": ("client 2, client 0, person 5", [(0, 5, "answered")]),
    "a clock that stepped back": ("client 5, person 3", [(5, 5, "answered")]),
}


@pytest.mark.parametrize(("text", "expected"), TIMELINES.values(), ids=TIMELINES.keys())
def test_turns(text: str, expected: list[tuple[float, float | None, str | None]]) -> None:
    assert told(turns(timeline(text))) == expected


def test_a_turn_names_its_messages_and_who_answered() -> None:
    (turn,) = turns(timeline("client 0, client 1, person 7 boris"))
    assert (turn.number, turn.first_message_id, turn.last_message_id) == (1, 10, 20)
    assert (turn.answered_by, turn.answer_message_id, turn.last_client_at) == (BORIS, 30, minute(1))


def test_messages_of_a_burst_are_ordered_by_time() -> None:
    (turn,) = turns(timeline("client 2, client 0, client 1"))
    assert (turn.first_message_id, turn.last_message_id) == (20, 10)
    assert (turn.opened_at, turn.last_client_at) == (minute(0), minute(2))


def test_only_a_dismissal_keeps_its_reason_and_only_an_answer_its_author() -> None:
    asked = Entry(minute(0), 1, EntryKind.CLIENT)
    for kind in CLOSING:
        (turn,) = turns([asked, Entry(minute(1), 2, kind, ANNA, message_id=5, reason="thanks")])
        assert turn.reason == ("thanks" if kind is EntryKind.DISMISSED else None)
        assert (turn.answered_by, turn.answer_message_id) == ((ANNA, 5) if kind is EntryKind.PERSON else (None, None))


SEGMENTS = {
    "nobody": ("client 0, person 5", [(None, 0, 5)]),
    "held before the question": ("assigned 0 anna, client 1, person 5", [(ANNA, 1, 5)]),
    "taken from the queue": ("client 0, assigned 2 anna, person 5", [(None, 0, 2), (ANNA, 2, 5)]),
    "transferred": ("assigned 0 anna, client 1, assigned 3 boris, person 5", [(ANNA, 1, 3), (BORIS, 3, 5)]),
    "given back": ("assigned 0 anna, client 1, unassigned 3, person 5", [(ANNA, 1, 3), (None, 3, 5)]),
    "given to the same one again": ("assigned 0 anna, client 1, assigned 3 anna, person 5", [(ANNA, 1, 5)]),
    "the holder stays for the next turn": (
        "assigned 0 anna, client 1, person 2, resolved 3, client 4",
        [(ANNA, 4, None)],
    ),
    "opened again by a colleague": (
        "assigned 0 anna, client 1, resolved 5, assigned 6 boris, reopened 20 anna",
        [(ANNA, 1, 20), (BORIS, 20, None)],
    ),
    "still waiting": ("client 0, assigned 2 anna", [(None, 0, 2), (ANNA, 2, None)]),
    "a late message": ("client 2, assigned 3 anna, client 1", [(None, 1, 3), (ANNA, 3, None)]),
    "a clock that stepped back": (
        "client 0, assigned 5 anna, assigned 4 boris, person 3",
        [(None, 0, 5), (ANNA, 5, 5), (BORIS, 5, 5)],
    ),
}


@pytest.mark.parametrize(("text", "expected"), SEGMENTS.values(), ids=SEGMENTS.keys())
def test_who_held_the_wait(text: str, expected: list[tuple[int | None, float, float | None]]) -> None:
    segments = turns(timeline(text))[-1].segments
    assert segments == tuple(
        Segment(who, minute(start), None if end is None else minute(end)) for who, start, end in expected
    )


def test_holders_at_the_open_and_the_close() -> None:
    (turn,) = turns(timeline("assigned 0 anna, client 1, assigned 3 boris, person 5"))
    assert (turn.holder_at_open, turn.holder) == (ANNA, BORIS)


def test_first_and_next_responses() -> None:
    of = turns(timeline("client 0, person 1, client 2, person 3, resolved 4, reopened 9, client 9"))
    first = first_response(of)
    assert first is not None
    assert first.number == 1
    assert [turn.number for turn in next_responses(of)] == [2, 3]
    assert first_response(()) is None


def test_clock_seconds_of_an_open_turn_grow_and_of_a_closed_one_stand() -> None:
    (waiting,) = turns(timeline("client 0"))
    assert clock_seconds(waiting, minute(2) + timedelta(seconds=1, milliseconds=900)) == 121
    assert clock_seconds(waiting, minute(-1)) == 0
    (answered,) = turns(timeline("client 0, person 7"))
    assert clock_seconds(answered, minute(500)) == 420


def test_business_seconds_count_working_time_only() -> None:
    hours = Hours("UTC", tuple(Interval(day, 60, 120) for day in range(7)))
    (turn,) = turns(timeline("client 0, person 90"))
    assert business_seconds(turn, hours, minute(0)) == 30 * 60
    assert business_seconds(turn, None, minute(0)) == 90 * 60
    closed = Hours("UTC", hours.weekly, days_off=frozenset({date(2026, 11, 24)}))
    assert business_seconds(turn, closed, minute(0)) == 0


def test_an_agents_clock_runs_only_while_the_dialog_is_theirs() -> None:
    (turn,) = turns(timeline("assigned 0 anna, client 10, assigned 30 boris, assigned 60 anna"))
    assert agent_seconds(turn, ANNA, minute(100)) == (20 + 40) * 60
    assert agent_seconds(turn, BORIS, minute(100)) == 30 * 60
    assert agent_seconds(turn, None, minute(100)) == 0
    hours = Hours("UTC", tuple(Interval(day, 20, 70) for day in range(7)))
    assert agent_seconds(turn, ANNA, minute(100), hours) == (10 + 10) * 60


RESOLUTIONS = {
    "open": ("client 0, person 1", None, None),
    "once": ("client 0, person 1, resolved 10", 600, 600),
    "time spent resolved is not work": ("client 0, resolved 10, reopened 100, resolved 105", 900, 600),
    "reopened and not yet done": ("client 0, resolved 10, reopened 100", None, 600),
    "a message reopens too": ("client 0, resolved 10, client 100, person 101, resolved 105", 900, 600),
    "resolved twice": ("client 0, resolved 10, resolved 20", 600, 600),
    "a note afterwards": ("client 0, resolved 10, note 20", 600, 600),
    "nothing": ("", None, None),
}


@pytest.mark.parametrize(("text", "whole", "first"), RESOLUTIONS.values(), ids=RESOLUTIONS.keys())
def test_resolution(text: str, whole: int | None, first: int | None) -> None:
    entries = timeline(text) if text else []
    assert (resolution_seconds(entries), first_resolution_seconds(entries)) == (whole, first)


def test_resolution_in_working_time() -> None:
    hours = Hours("UTC", tuple(Interval(day, 5, 8) for day in range(7)))
    assert resolution_seconds(timeline("client 0, resolved 10"), hours) == 180
    assert len(episodes(timeline("client 0, resolved 10, reopened 100"))) == 2


# Properties over random timelines ---------------------------------------------------------------------------------

ENTRIES = st.lists(
    st.tuples(
        st.sampled_from(list(EntryKind)),
        st.integers(-5, 30),
        st.sampled_from([None, ANNA, BORIS, 3]),
    ),
    max_size=30,
).map(
    lambda rows: [
        Entry(minute(sum(step for _, step, _ in rows[: number + 1])), number, kind, who, message_id=number)
        for number, (kind, _, who) in enumerate(rows)
    ]
)
ORDERLY = ENTRIES.map(
    lambda entries: [
        replace(entry, at=at)
        for entry, at in zip(entries, itertools.accumulate((e.at for e in entries), max), strict=True)
    ]
)


@given(ENTRIES)
def test_step_by_step_equals_all_at_once(entries: list[Entry]) -> None:
    standing, found = START, []
    for entry in entries:
        standing, closed = advance(standing, entry)
        if closed is None and found and standing.open is not None and standing.open.number == found[-1].number:
            # Opened again by hand: the ending is taken back.
            found.pop()
        found += [closed] if closed else []
    found += [standing.open] if standing.open else []
    assert turns(reversed(entries)) == tuple(found)
    assert standing.number == len(found)


@given(ENTRIES)
def test_turns_are_numbered_closed_and_tiled_by_their_segments(entries: list[Entry]) -> None:
    of = turns(entries)
    assert [turn.number for turn in of] == list(range(1, len(of) + 1))
    assert all(turn.closed_at is not None for turn in of[:-1])
    for turn in of:
        assert turn.segments[0].started_at == turn.opened_at <= turn.last_client_at
        assert turn.segments[-1].ended_at == turn.closed_at
        assert (turn.closed_at is None) == (turn.outcome is None)
        for one, other in itertools.pairwise(turn.segments):
            assert one.ended_at == other.started_at
            assert one.started_at <= other.started_at
            assert one.agent_id != other.agent_id


@given(ENTRIES, st.integers(0, 500))
def test_the_agents_times_add_up_to_the_clients(entries: list[Entry], later: int) -> None:
    now = max((entry.at for entry in entries), default=DAY) + timedelta(minutes=later)
    for turn in turns(entries):
        holders = {segment.agent_id for segment in turn.segments}
        assert sum(agent_seconds(turn, holder, now) for holder in holders) == clock_seconds(turn, now)


@given(ENTRIES, st.sampled_from([EntryKind.NOTE, EntryKind.BOT, EntryKind.REOPENED]), st.integers(0, 30))
def test_notes_and_bots_never_change_a_wait(entries: list[Entry], kind: EntryKind, place: int) -> None:
    spoken = Entry(minute(1), place, kind, None if kind is EntryKind.REOPENED else BORIS)
    assert turns([*entries, spoken]) == turns(entries)


@given(ORDERLY)
def test_who_never_got_an_answer_is_still_counted(entries: list[Entry]) -> None:
    """Each client message lies in exactly one turn, so nobody falls out of the report."""
    of = turns(entries)
    for entry in entries:
        if entry.kind is EntryKind.CLIENT:
            around = [
                turn
                for turn in of
                if turn.first_message_id is not None
                and turn.last_message_id is not None
                and turn.first_message_id <= (entry.message_id or 0) <= turn.last_message_id
            ]
            assert len(around) == 1


@given(ENTRIES)
def test_a_reply_leaves_nobody_waiting(entries: list[Entry]) -> None:
    answered = [*entries, Entry(minute(10_000), len(entries), EntryKind.PERSON, ANNA)]
    assert all(turn.outcome is not None for turn in turns(answered))


def test_the_standing_is_what_the_write_path_keeps() -> None:
    standing, closed = advance(Standing(number=4, holder=ANNA), Entry(minute(0), 1, EntryKind.CLIENT, message_id=9))
    assert closed is None
    assert standing.open is not None
    assert (standing.number, standing.open.number, standing.open.holder) == (5, 5, ANNA)
    standing, closed = advance(standing, Entry(minute(2), 2, EntryKind.PERSON, BORIS))
    assert closed is not None
    assert (closed.outcome, standing.open, standing.number) == (Outcome.ANSWERED, None, 5)
