"""The roll-up against a recount from the messages, under timelines that nobody chose, by every axis and pair."""

from __future__ import annotations

import random
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from connectors.contract import Referral
from inbox.actions.resolve import dismiss, reopen, resolve
from inbox.actions.tag import tag_by_name, untag
from inbox.models import (
    Conversation,
    ConversationMoment,
    ConversationTag,
    Event,
    Message,
    ReportColumn,
    Tag,
    Turn,
)
from inbox.queries import unrolled as unrolled_module
from inbox.queries.report_counts import count
from inbox.queries.report_crossed import crossed
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_turns import report_turns
from inbox.queries.unrolled import WHOLE_DAY, unrolled
from inbox.rules.errors import Conflict
from inbox.rules.percentiles import Sort, Tally, sort_of, tally
from inbox.rules.report_columns import FACTS, HAPPENINGS, WAITS, Axes, Key
from inbox.runtime.database import Tx
from tests.servers_fixtures import both_databases
from tests.world import START, World

MOSCOW = ZoneInfo("Europe/Moscow")
TODAY = date(2026, 11, 24)
TARGET = 300
AXES = ("agent", "channel", "source", "team", "hour", "day", "weekday", "tag", "verdict", "ending")

# What happens to one client: minutes until the next step, and the step.
STEPS = st.lists(
    st.tuples(
        st.sampled_from((0.3, 2, 4.9, 5, 31, 70, 400, 1500)),
        st.sampled_from(("a", "b", "c")),
        st.sampled_from(("writes", "Анна", "Глеб", "resolve", "reopen", "dismiss", "tag", "untag", "roll")),
    ),
    max_size=14,
)


async def play(world: World, steps: Iterable[tuple[float, str, str]]) -> None:
    """Let it happen; the roll-up runs in between, so that late answers meet hours and days that are counted already."""
    dialogs: dict[str, int] = {}
    tags: list[int] = []
    for minutes, address, step in steps:
        world.clock.advance(minutes=minutes)
        if step == "writes" or address not in dialogs:
            referral = Referral(source="yandex") if address == "a" else None
            dialogs[address] = await world.conversation_of(
                await world.client_writes(address=address, referral=referral)
            )
        elif step == "resolve":
            await world.write(resolve, world.actor("Анна"), dialogs[address])
        elif step == "reopen":
            with suppress(Conflict):
                await world.write(reopen, world.actor("Глеб"), dialogs[address])
        elif step == "tag":
            tags.append(await world.write(tag_by_name, world.actor("Анна"), dialogs[address], f"тег {minutes}"))
        elif step == "untag":
            for tag_id in tags:
                await world.write(untag, world.actor("Анна"), dialogs[address], tag_id)
        elif step == "dismiss":
            await world.write(dismiss, world.actor("Анна"), dialogs[address], "")
        elif step == "roll":
            await world.roll_up()
        else:
            await world.agent_replies(dialogs[address], name=step)


@dataclass(frozen=True)
class Fact:
    """One thing to count: its axes, all of its dialog's tags (0: none), and how it is tallied."""

    axes: dict[str, int]
    tags: list[int]
    sort: Sort
    seconds: int


def recount(tx: Tx, wanted: ReportFilter) -> list[Fact]:
    """What there is to count, from messages and activities alone, in the plainest way there is."""
    found = []
    for conversation in tx.execute(select(Conversation.__table__)):
        here = waits(tx, conversation.id)
        lost = any(outcome == "unanswered" for _, _, outcome, _ in here)
        tags = select(ConversationTag.tag_id).where(ConversationTag.conversation_id == conversation.id)
        tagged = list(tx.execute(tags).scalars()) or [0]
        if wanted.measure in HAPPENINGS:
            here = [
                (at, at, "answered", agent)
                for kind, at, agent in moments(tx, conversation.id)
                if kind == wanted.measure
            ]
        for number, (opened, closed, outcome, agent) in enumerate(here, start=1):
            local = opened.astimezone(MOSCOW)
            other = wanted.measure not in HAPPENINGS and (number == 1) != (wanted.measure == "first")
            if other or not wanted.start <= local.date() <= wanted.end:
                continue
            values = {
                "agent": agent or 0,
                "channel": conversation.channel_id,
                "source": conversation.lead_source_id or 0,
                "team": 0,
                "verdict": 0,
                "ending": 2 if lost else int(conversation.status == "resolved"),
                "hour": local.hour,
                "day": local.toordinal(),
                "weekday": local.weekday(),
            }
            found.append(Fact(values, tagged, sort_of(outcome), int(((closed or tx.now) - opened).total_seconds())))
    return found


def by_axes(facts: list[Fact], axes: Axes) -> dict[Key, Tally]:
    """The facts counted by some axes."""
    lines: dict[Key, list[tuple[Sort, int]]] = {}
    for fact in facts:
        for tag in fact.tags if "tag" in axes else [0]:
            values = fact.axes | {"tag": tag}
            lines.setdefault(tuple(values[axis] for axis in axes), []).append((fact.sort, fact.seconds))
    found = {key: tally(line, TARGET) for key, line in lines.items()}
    return {key: line for key, line in found.items() if line.total or line.undecided}


def moments(tx: Tx, conversation_id: int) -> list[tuple[str, datetime, int | None]]:
    """(what, when, whose) of each time that a dialog began, ended or went on, read off its activities."""
    m = Message
    facts = select(m.at, m.agent_id.label("actor"), Event.kind, Event.agent_id).join(Event, Event.message_id == m.id)
    kinds = {"conversation.opened": "new", "conversation.reopened": "reopened", "conversation.resolved": "resolved"}
    found: list[tuple[str, datetime, int | None]] = []
    holder: int | None = None
    for row in tx.execute(facts.where(m.conversation_id == conversation_id).order_by(m.id)):
        if row.kind == "conversation.assigned":
            holder = row.agent_id
            found = [(what, at, holder if whose is None else whose) for what, at, whose in found]
        elif row.kind == "conversation.unassigned":
            holder = None
        elif row.kind in kinds:
            own = holder or row.actor if row.kind == "conversation.resolved" else holder
            found.append((kinds[row.kind], row.at, own))
    return found


def waits(tx: Tx, conversation_id: int) -> list[tuple[datetime, datetime | None, str | None, int | None]]:
    """(began, ended, how, who answered or held it) of each wait in one dialog, read off its messages."""
    m = Message
    rows = tx.execute(
        select(m.kind, m.at, m.agent_id, Event.kind.label("fact"), Event.agent_id.label("holder"))
        .outerjoin(Event, Event.message_id == m.id)
        .where(m.conversation_id == conversation_id)
        .order_by(m.id)
    )
    ends = {"conversation.resolved": "unanswered", "conversation.dismissed": "dismissed"}
    found: list[tuple[datetime, datetime | None, str | None, int | None]] = []
    began: datetime | None = None
    holder: int | None = None
    for row in rows:
        again = row.agent_id is not None and (row.fact == "conversation.reopened" or row.kind == "outgoing")
        if again and began is None and found and found[-1][2] == "unanswered":
            # A colleague opens the dialog again, perhaps by answering: its client waits on.
            began = found.pop()[0]
        if row.fact in ("conversation.assigned", "conversation.unassigned"):
            holder = row.holder if row.fact == "conversation.assigned" else None
        elif row.kind == "incoming":
            began = began or row.at
        elif began is not None and (row.kind == "outgoing" or row.fact in ends):
            answered = row.kind == "outgoing"
            found.append(
                (began, row.at, "answered" if answered else ends[row.fact], row.agent_id if answered else holder)
            )
            began = None
    return [*found, (began, None, None, holder)] if began else found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_counted_equals_a_recount_from_the_messages(world: World, steps: list[tuple[float, str, str]]) -> None:
    await world.write(forget_everything)
    world.clock.moment = START
    await play(world, steps)
    for measure in FACTS:
        wanted = ReportFilter(TODAY, world.clock.now().astimezone(MOSCOW).date(), measure)
        asked: list[Axes] = [(), *((axis,) for axis in axes_of(measure)), *combinations(axes_of(measure), 2)]
        found = await world.read(count, wanted, TARGET, "Europe/Moscow", asked)
        facts = await world.read(recount, wanted)
        for axes in asked:
            counted = {key: line for key, line in found[axes].items() if line.total or line.undecided}
            assert counted == by_axes(facts, axes), (measure, axes)


def axes_of(measure: str) -> tuple[str, ...]:
    """By what a fact can be told apart."""
    return AXES if measure == "first" else AXES[:-1] if measure in WAITS else AXES[:-2]


def forget_everything(tx: Tx) -> None:
    for table in (Event, Message, Turn, ReportColumn, ConversationMoment, ConversationTag, Conversation, Tag):
        tx.execute(delete(table))


@both_databases
async def test_past_hours_of_today_are_rolled_and_counted_anew_when_a_wait_ends_late(world: World) -> None:
    dice = random.Random(7)
    await play(
        world, [(dice.choice((1, 6, 20)), dice.choice("abc"), dice.choice(("writes", "Анна"))) for _ in range(60)]
    )
    waiting = await world.conversation_of(await world.client_writes(address="late"))
    world.clock.advance(hours=2)
    await world.roll_up()
    parts = await world.rows(select(func.count(ReportColumn.part.distinct())).where(ReportColumn.part > 0))
    assert parts[0][0] >= 14
    wanted = ReportFilter(TODAY, TODAY)
    before = await world.read(count, wanted, TARGET, "Europe/Moscow", [()])
    await world.agent_replies(waiting)
    after = await world.read(count, wanted, TARGET, "Europe/Moscow", [()])
    assert after[()][()].total == before[()][()].total
    await world.write(lambda tx: tx.execute(delete(ReportColumn)))
    assert await world.read(count, wanted, TARGET, "Europe/Moscow", [()]) == after
    # The day is long over: its hours give way to the whole of it.
    world.clock.advance(days=1)
    await world.roll_up()
    assert (await world.read(count, wanted, TARGET, "Europe/Moscow", [()])) == after
    world.clock.advance(days=7)
    await world.roll_up()
    left = await world.rows(select(ReportColumn.part).distinct().where(ReportColumn.day == TODAY))
    assert [row[0] for row in left] == [0]
    assert await world.read(count, wanted, TARGET, "Europe/Moscow", [()]) == after


async def test_a_busy_day_is_rolled_up_hour_by_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    await play(world, [(90, address, step) for step in ("writes", "Анна") for address in "abc"])
    wanted = ReportFilter(TODAY, TODAY)
    before = await world.read(count, wanted, TARGET, "Europe/Moscow", [("agent", "hour")])
    world.clock.advance(days=9)
    whole = [piece.part for piece in await world.read(unrolled, 10_000) if piece.day == TODAY]
    assert whole == [WHOLE_DAY] * len(FACTS)
    monkeypatch.setattr(unrolled_module, "WAITS_AT_ONCE", 2)
    hours = [piece.part for piece in await world.read(unrolled, 10_000) if piece.day == TODAY]
    assert hours == [*range(24, 0, -1)] * len(FACTS)
    await world.roll_up()
    left = await world.rows(select(ReportColumn.part).distinct().where(ReportColumn.day == TODAY))
    assert [row[0] for row in left] == [WHOLE_DAY]
    assert await world.read(count, wanted, TARGET, "Europe/Moscow", [("agent", "hour")]) == before


@both_databases
async def test_two_axes_crossed_and_the_lists_behind_their_cells(world: World) -> None:
    await play(world, [(1, "a", "writes"), (4, "a", "Анна"), (1, "b", "writes"), (61, "b", "Глеб"), (1, "c", "writes")])
    await world.write(tag_by_name, world.actor("Анна"), 1, "VIP")
    actor, today = world.actor("Борис"), ReportFilter(TODAY, TODAY)
    table = await world.read(crossed, actor, today, "agent", "source")
    names = {line.label: line.key for line in table.lines}
    assert {line.label: (line.total, line.waiting) for line in table.lines} == {
        "Анна": (1, 0),
        "Глеб": (1, 0),
        "": (0, 1),
    }
    assert set(table.cells) == {(names["Анна"], "yandex"), (names["Глеб"], ""), ("0", "")}
    assert table.cells[names["Анна"], "yandex"].p50 == 240
    tagged = await world.read(crossed, actor, today, "tag", "hour")
    assert [(line.label, line.total + line.waiting) for line in tagged.lines] == [("", 2), ("VIP", 1)]
    # 12:01 and 12:06 in Moscow, and 13:08.
    assert [label for label, _ in tagged.columns] == ["12", "13"]
    behind = [replace(today, tag_id=int(tagged.lines[1].key)), replace(today, tag_id=0), replace(today, hour=13)]
    assert [len(await world.read(report_turns, actor, wanted)) for wanted in behind] == [1, 2, 1]
    tuesday, monday = replace(today, weekday=1), replace(today, weekday=0)
    assert len(await world.read(report_turns, actor, tuesday)) == 3
    assert await world.read(report_turns, actor, monday) == []
    narrowed = await world.read(crossed, actor, replace(today, source="yandex"), "agent", "hour")
    assert [(line.label, line.total) for line in narrowed.lines] == [("Анна", 1)]


pytestmark = pytest.mark.timeout(180)
