"""Response speed: figures worked out by hand, and rolled days that say what a recount says."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from sqlalchemy import func, select, update

from connectors.contract import Referral
from inbox.actions.assign import assign
from inbox.actions.company import change_company
from inbox.actions.resolve import dismiss, resolve
from inbox.models import BusinessHours, BusinessInterval, Company, ReportColumn
from inbox.queries.report_crossed import crossed
from inbox.queries.report_cuts import Cut
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_turns import report_turns, turn_list
from inbox.queries.reports import Figures, ResponseReport, response_report
from inbox.rules.errors import NotAllowed
from inbox.rules.report_columns import WAITS
from inbox.rules.wait_lengths import By, Definition, Since, Whose
from tests.servers_fixtures import both_databases
from tests.world import World

# The world's clock starts on Tuesday the 24th, 12:00 in Moscow.
TODAY = date(2026, 11, 24)
FIRST = ReportFilter(TODAY, TODAY)
DEFINITIONS = tuple(product(Whose, Since, By, (True, False)))


async def report(world: World, wanted: ReportFilter) -> ResponseReport:
    return await world.read(response_report, world.actor("Борис"), wanted)


async def waits(world: World, address: str, minutes: float, name: str = "Анна", **event: Any) -> int:
    """A client writes and is answered after so many minutes."""
    conversation_id = await world.conversation_of(await world.client_writes(address=address, **event))
    world.clock.advance(minutes=minutes)
    await world.agent_replies(conversation_id, name=name)
    return conversation_id


async def test_figures_worked_out_by_hand(world: World) -> None:
    yandex = Referral(landing_url="https://d.ru/?utm_source=yandex&utm_medium=cpc")
    # Answered after 1, 2, 4 and 20 minutes: three within the target of five.
    await waits(world, "a", 1, referral=yandex)
    await waits(world, "b", 2)
    await waits(world, "c", 4, name="Глеб")
    second = await waits(world, "d", 20, name="Глеб")
    # One resolved without an answer: an endless wait. One dismissed: not a wait at all.
    ignored = await world.conversation_of(await world.client_writes(address="e"))
    await world.write(resolve, world.actor("Анна"), ignored)
    thanks = await world.conversation_of(await world.client_writes(address="f"))
    await world.write(dismiss, world.actor("Анна"), thanks, "")
    # One has waited for 10 minutes and is late for sure, one for a minute and is undecided.
    await world.client_writes(address="g")
    world.clock.advance(minutes=9)
    await world.client_writes(address="h")
    world.clock.advance(minutes=1)
    # A second question in a dialog is a next response, not a first one.
    await world.client_writes(address="d")
    world.clock.advance(seconds=0)
    await world.agent_replies(second, name="Глеб")

    found = await report(world, FIRST)
    # Lengths in order: 1, 2, 4, 10 (still waits), 20 minutes, never. Half of six is the third: 4 minutes.
    assert found.overall.total == 6
    assert found.overall.waiting == 1
    assert found.overall.never == 1
    assert found.overall.p50 == 240
    # Nine of ten of six is the sixth: never.
    assert found.overall.p90 is None
    assert found.overall.share == pytest.approx(3 / 6)
    by_agent = {line.label: line for line in found.agents}
    assert (by_agent["Анна"].total, by_agent["Анна"].p50) == (2, 60)
    assert (by_agent["Глеб"].total, by_agent["Глеб"].p50) == (2, 240)
    assert {line.label: line.total for line in found.sources} == {"yandex": 1, "": 5}
    # Under 30 s, to 2 min (exactly 2 is the next bar's), 5, 10, 30, 60 min, over, never.
    assert [number for _, number in found.bars] == [0, 1, 2, 0, 2, 0, 0, 1]
    following = await report(world, replace(FIRST, measure="next"))
    assert (following.overall.total, following.overall.p50) == (1, 0)


async def test_working_hours_leave_the_night_out(world: World) -> None:
    def week(tx: Any) -> None:
        hours = tx.execute(BusinessHours.__table__.insert(), {"name": "h", "time_zone": "Europe/Moscow"})
        key = hours.inserted_primary_key[0]
        for weekday in range(7):
            row = {"business_hours_id": key, "weekday": weekday, "opens_minute": 540, "closes_minute": 1080}
            tx.execute(BusinessInterval.__table__.insert(), row)
        tx.execute(update(Company).values(business_hours_id=key))

    await world.write(week)
    # 17:50 in Moscow to 9:10 on the next day: ten minutes of each working day.
    world.clock.advance(hours=5, minutes=50)
    await waits(world, "a", 15 * 60 + 20)
    clock = await report(world, FIRST)
    assert clock.overall.p50 is not None
    assert clock.overall.p50 == pytest.approx(15 * 3600 + 20 * 60, rel=0.01)
    working = await report(world, replace(FIRST, definition=Definition(by=By.BUSINESS)))
    assert working.overall.p50 == pytest.approx(20 * 60, rel=0.01)


async def test_filters_cross_and_lists_hold_what_the_figures_count(world: World) -> None:
    await waits(world, "a", 1)
    await waits(world, "b", 8)
    await waits(world, "c", 9, name="Глеб")
    anna = replace(FIRST, agent_id=world.agents["Анна"])
    assert (await report(world, anna)).overall.total == 2
    actor = world.actor("Борис")
    assert len(await world.read(report_turns, actor, FIRST)) == 3
    late = (await world.read(turn_list, actor, FIRST, Cut(least=300))).lines
    assert [line.agent_name for line in late] == ["Глеб", "Анна"]
    fast = await world.read(turn_list, actor, anna, Cut(most=300))
    assert [line.clock_seconds for line in fast.lines] == [60]
    assert fast.total == 1
    assert await world.read(report_turns, actor, replace(FIRST, channel_id=999)) == []
    ordered = (await world.read(turn_list, actor, FIRST, Cut(outcome="decided"), longest=True)).lines
    assert [line.seconds for line in ordered] == [540, 480, 60]
    beyond = await world.read(turn_list, actor, FIRST, Cut(), longest=True, before=ordered[1].id)
    assert [line.id for line in beyond.lines] == [ordered[2].id]


async def test_agents_may_not_read_reports(world: World) -> None:
    with pytest.raises(NotAllowed):
        await world.read(response_report, world.actor("Анна"), FIRST)


def everything(found: ResponseReport) -> list[Figures]:
    return [
        found.overall,
        *(figures for _, figures in found.days),
        *found.agents,
        *found.channels,
        *found.sources,
    ]


@pytest.mark.parametrize("seed", [1, 2])
async def test_rolled_days_say_what_a_recount_says(world: World, seed: int) -> None:
    dice = random.Random(seed)
    for number in range(60):
        address = f"client-{dice.randrange(25)}"
        referral = (
            Referral(landing_url=f"https://d.ru/?utm_source=s{dice.randrange(3)}") if dice.random() < 0.5 else None
        )
        conversation_id = await world.conversation_of(await world.client_writes(address=address, referral=referral))
        world.clock.advance(minutes=dice.choice((0.2, 3, 7, 50, 900)))
        if dice.random() < 0.7:
            await world.agent_replies(conversation_id, name=dice.choice(("Анна", "Глеб")))
        elif dice.random() < 0.5:
            await world.write(resolve, world.actor("Анна"), conversation_id)
        if number % 7 == 0:
            await world.write(assign, world.actor("Борис"), conversation_id, world.agents["Анна"])
        world.clock.advance(hours=dice.choice((1, 4, 9)))
    end = world.clock.now().date()
    filters = [ReportFilter(TODAY, end, fact, Definition(*chosen)) for fact in WAITS for chosen in DEFINITIONS]
    filters += [
        replace(filters[0], hour=14),
        replace(filters[0], agent_id=world.agents["Анна"], source="s1", weekday=2),
    ]
    counted = [await report(world, wanted) for wanted in filters]
    await world.roll_up()
    rolled_days = await world.rows(select(func.count(ReportColumn.day.distinct())))
    assert rolled_days[0][0] >= (end - TODAY).days
    rolled = [await report(world, wanted) for wanted in filters]
    for before, after in zip(counted, rolled, strict=True):
        assert everything(before) == everything(after)
        assert before.bars == after.bars


async def test_a_late_answer_changes_the_rolled_day(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes(address="a"))
    world.clock.advance(days=2)
    await world.roll_up()
    assert (await report(world, FIRST)).overall.p50 is not None
    await world.agent_replies(conversation_id)
    answered = await report(world, FIRST)
    assert (answered.overall.total, answered.overall.waiting) == (1, 0)
    await world.roll_up()
    assert everything(await report(world, FIRST)) == everything(answered)


async def test_a_new_target_moves_the_share(world: World) -> None:
    await waits(world, "a", 4)
    assert (await report(world, FIRST)).overall.share == 1
    await world.write(change_company, world.actor("Вера"), {"first_response_target_seconds": 120})
    assert (await report(world, FIRST)).overall.share == 0
    assert (await report(world, replace(FIRST, start=TODAY - timedelta(days=3)))).overall.total == 1


pytestmark = both_databases


async def test_the_waits_behind_a_figure_are_paged_by_their_beginning(world: World) -> None:
    for name in "abcde":
        await waits(world, name, 1)
    # The platform tells late of a message that was written before all the others; two began at the same moment.
    early = world.clock.now() - timedelta(hours=1)
    await world.client_writes(address="f", at=early)
    await world.client_writes(address="g", at=early)
    actor = world.actor("Борис")
    everything = await world.read(report_turns, actor, FIRST)
    assert [line.opened_at for line in everything] == sorted((line.opened_at for line in everything), reverse=True)
    found, before = [], None
    while page := await world.read(report_turns, actor, FIRST, before=before, limit=2):
        found += page
        before = page[-1].id
    assert found == everything
    assert len({line.id for line in found}) == 7
    assert await world.read(report_turns, actor, FIRST, before=10**9) == []


async def test_an_hour_that_clocks_are_put_back_over_opens_both_of_its_hours(world: World) -> None:
    # In Berlin the night of the 25th of October has 2:30 twice: at 0:30 and at 1:30 UTC.
    await world.write(change_company, world.actor("Вера"), {"time_zone": "Europe/Berlin"})
    for hour in (0, 1):
        world.clock.moment = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
        await waits(world, f"night {hour}", 1)
    night = ReportFilter(date(2026, 10, 25), date(2026, 10, 25))
    table = await world.read(crossed, world.actor("Борис"), night, "hour", "weekday")
    assert [(line.key, line.total) for line in table.lines] == [("2", 2)]
    assert len(await world.read(report_turns, world.actor("Борис"), replace(night, hour=2))) == 2
    assert await world.read(report_turns, world.actor("Борис"), replace(night, hour=3)) == []


async def test_a_source_is_not_mixed_with_the_label_of_another(world: World) -> None:
    for source in ("yandex", "Yandex"):
        await world.client_writes(address=source, referral=Referral(source=source))
    found = await report(world, FIRST)
    assert {line.key: line.waiting for line in found.sources} == {"yandex": 1, "Yandex": 1}
    assert len(await world.read(report_turns, world.actor("Борис"), replace(FIRST, source="Yandex"))) == 1
    assert (await report(world, replace(FIRST, source="Yandex"))).overall.waiting == 1
