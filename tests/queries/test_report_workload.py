"""The workload of days and axes, worked out by hand; every number has as many things behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, update

from connectors.contract import Referral
from inbox.actions.assign import assign
from inbox.actions.resolve import reopen, resolve
from inbox.actions.tag import tag_by_name
from inbox.actions.teams import TeamDraft, add_team
from inbox.models import Channel, Company, Message
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_workload import BY, FIGURES, WorkLine, workload, workload_list
from inbox.rules.errors import NotAllowed
from tests.migrations.moments import found_moments, stored_moments
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases
TUESDAY, WEDNESDAY = date(2026, 11, 24), date(2026, 11, 25)
BOTH = ReportFilter(TUESDAY, WEDNESDAY)


def told(line: WorkLine) -> list[int]:
    """New, answered, resolved, reopened, unanswered."""
    return [line.numbers.get(figure, 0) for figure in FIGURES]


async def table(world: World, by: str, wanted: ReportFilter = BOTH) -> dict[str, list[int]]:
    found = await world.read(workload, world.actor("Борис"), wanted, by)
    return {line.label or line.key: told(line) for line in found.lines} | {"*": told(found.whole)}


async def two_days(world: World) -> None:
    """Tuesday: Anna answers a and resolves it, b is resolved unanswered. Wednesday: a comes back twice, c waits."""
    yandex = Referral(source="yandex")
    a = await world.conversation_of(await world.client_writes(address="a", referral=yandex))
    await world.write(assign, world.actor("Борис"), a, world.agents["Анна"])
    await world.agent_replies(a)
    await world.write(tag_by_name, world.actor("Анна"), a, "кухня")
    await world.write(tag_by_name, world.actor("Анна"), a, "срочно")
    await world.write(resolve, world.actor("Анна"), a)
    b = await world.conversation_of(await world.client_writes(address="b"))
    await world.write(resolve, world.actor("Глеб"), b)
    # Midnight of Moscow is 21:00; 12:00 there was the start.
    world.clock.advance(hours=12, minutes=1)
    await world.write(reopen, world.actor("Анна"), a)
    await world.write(resolve, world.actor("Борис"), a)
    await world.client_writes(address="a")
    await world.client_writes(address="c")


async def test_by_day_and_by_every_axis(world: World) -> None:
    await two_days(world)
    # Three began; Anna's answer; a was resolved twice and b once; a came back twice; b, a and c were left unanswered.
    whole = [3, 1, 3, 2, 3]
    assert await table(world, "day") == {"2026-11-25": [1, 0, 1, 2, 2], "2026-11-24": [2, 1, 2, 0, 1], "*": whole}
    # Boris resolved what Anna held; b, which nobody held, counts for Gleb, who resolved it.
    assert await table(world, "agent") == {
        "Анна": [1, 1, 2, 2, 1],
        "Глеб": [0, 0, 1, 0, 0],
        "0": [2, 0, 0, 0, 2],
        "*": whole,
    }
    assert await table(world, "channel") == {"CRM": whole, "*": whole}
    by_source = await table(world, "source")
    assert by_source["yandex"] == [1, 1, 2, 2, 1]
    assert sum(line[0] for name, line in by_source.items() if name != "*") == 3
    tagged = [1, 1, 2, 2, 1]
    assert await table(world, "tag") == {"кухня": tagged, "срочно": tagged, "0": [2, 0, 1, 0, 2], "*": whole}
    assert await table(world, "team") == {"0": whole, "*": whole}


async def test_who_gets_a_dialog_first_has_begun_it_also_when_that_is_days_later(world: World) -> None:
    """The day was rolled up with nobody in it; a second hand-over changes nothing."""
    await two_days(world)
    world.clock.advance(days=4)
    await world.roll_up()
    c = await world.conversation_of(max(row[0] for row in await world.rows(select(Message.id))))
    await world.write(assign, world.actor("Борис"), c, world.agents["Глеб"])
    await world.write(assign, world.actor("Борис"), c, world.agents["Анна"])
    found = await table(world, "agent")
    assert (found["Глеб"], found["0"][0], found["Анна"][4]) == ([1, 0, 1, 0, 0], 1, 2)


async def test_an_older_version_knew_the_same(world: World) -> None:
    """What the migration finds in the log of facts is what was written as it happened."""
    await two_days(world)
    await world.client_writes(address="robot", automatic=True)
    c = await world.conversation_of(await world.client_writes(address="c"))
    await world.write(assign, world.actor("Борис"), c, world.agents["Глеб"])
    moments = await world.read(stored_moments)
    assert len(moments) == 8
    assert await world.write(found_moments) == moments


async def test_a_letter_of_a_machine_begins_no_work(world: World) -> None:
    await world.client_writes(address="robot", automatic=True)
    assert (await table(world, "day"))["*"] == [0] * 5


async def test_every_number_has_its_dialogs(world: World) -> None:
    await two_days(world)
    boris = world.actor("Борис")
    names = {"agent": "agent_id", "channel": "channel_id", "tag": "tag_id", "team": "team_id"}
    for by in BY:
        for line in (await world.read(workload, boris, BOTH, by)).lines:
            if line.day:
                wanted = replace(BOTH, start=line.day, end=line.day)
            elif by == "source":
                wanted = replace(BOTH, source=line.key)
            else:
                wanted = replace(BOTH, **{names[by]: int(line.key)})
            behind = [len(await world.read(workload_list, boris, wanted, figure)) for figure in FIGURES]
            assert behind == told(line) == told((await world.read(workload, boris, wanted, by)).whole), (by, line.key)


async def test_the_list_goes_on_where_it_ended(world: World) -> None:
    await two_days(world)
    boris = world.actor("Борис")
    for figure in ("resolved", "unanswered"):
        ids = [line.id for line in await world.read(workload_list, boris, BOTH, figure)]
        first = await world.read(workload_list, boris, BOTH, figure, limit=2)
        rest = await world.read(workload_list, boris, BOTH, figure, before=first[-1].id, limit=2)
        assert [line.id for line in (*first, *rest)] == ids == sorted(ids, reverse=True)
        assert len(ids) == 3


async def test_days_add_up(world: World) -> None:
    await two_days(world)
    days = [(await table(world, "agent", replace(BOTH, start=day, end=day))) for day in (TUESDAY, WEDNESDAY)]
    whole = await table(world, "agent")
    assert {
        name: [sum(found) for found in zip(*(day.get(name, [0] * 5) for day in days), strict=True)] for name in whole
    } == whole
    assert days[1]["*"] == [1, 0, 1, 2, 2]


async def test_a_channel_that_changes_its_team_leaves_what_was_where_it_was(world: World) -> None:
    await world.client_writes(address="before")
    team = await world.write(add_team, world.actor("Вера"), TeamDraft("Продажи"))
    await world.write(lambda tx: tx.execute(update(Channel).values(team_id=team)))
    await two_days(world)
    found = await table(world, "team")
    assert (found["Продажи"], found["0"]) == ([3, 1, 3, 2, 3], [1, 0, 0, 0, 1])
    assert (await table(world, "day", replace(BOTH, team_id=0)))["*"] == [1, 0, 0, 0, 1]


@pytest.mark.parametrize(
    ("opened", "day"),
    [
        # In Berlin the clock goes back on 2026-10-25: that day has 25 hours and ends at 23:00 UTC.
        (datetime(2026, 10, 24, 21, 59, tzinfo=UTC), "2026-10-24"),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), "2026-10-25"),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), "2026-10-26"),
        # Forward on 2026-03-29: 23 hours, from 23:00 UTC of the day before to 22:00.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 21, 59, tzinfo=UTC), "2026-03-29"),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), "2026-03-30"),
    ],
)
async def test_days_that_are_not_24_hours(world: World, opened: datetime, day: str) -> None:
    await world.write(lambda tx: tx.execute(update(Company).values(time_zone="Europe/Berlin")))
    world.clock.moment = opened
    await world.client_writes()
    found = await world.read(workload, world.actor("Борис"), ReportFilter(date(2026, 3, 1), date(2026, 11, 24)), "day")
    assert [line.key for line in found.lines if line.numbers] == [day]


async def test_it_is_for_managers(world: World) -> None:
    for query, more in ((workload, "day"), (workload_list, "new")):
        with pytest.raises(NotAllowed):
            await world.read(query, world.actor("Анна"), BOTH, more)
