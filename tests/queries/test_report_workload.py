"""The workload of days and axes, worked out by hand; every number has as many dialogs behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import update

from connectors.contract import Referral
from inbox.actions.assign import assign
from inbox.actions.resolve import reopen, resolve
from inbox.actions.tag import tag_by_name
from inbox.actions.teams import TeamDraft, add_team
from inbox.models import Channel, Company
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_workload import BY, FIGURES, WorkLine, workload, workload_dialogs
from inbox.rules.errors import NotAllowed
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
    """Tuesday: Anna answers a and resolves it, b is resolved unanswered. Wednesday: a comes back, c waits."""
    yandex = Referral(source="yandex")
    a = await world.conversation_of(await world.client_writes(address="a", referral=yandex))
    await world.write(assign, world.actor("Борис"), a, world.agents["Анна"])
    await world.agent_replies(a)
    await world.write(tag_by_name, world.actor("Анна"), a, "кухня")
    await world.write(tag_by_name, world.actor("Анна"), a, "срочно")
    await world.write(resolve, world.actor("Анна"), a)
    b = await world.conversation_of(await world.client_writes(address="b"))
    await world.write(assign, world.actor("Борис"), b, world.agents["Глеб"])
    await world.write(resolve, world.actor("Глеб"), b)
    # Midnight of Moscow is 21:00; 12:00 there was the start.
    world.clock.advance(hours=12, minutes=1)
    await world.write(reopen, world.actor("Анна"), a)
    await world.client_writes(address="c")


async def test_by_day_and_by_every_axis(world: World) -> None:
    await two_days(world)
    whole = [3, 1, 1, 1, 2]
    assert await table(world, "day") == {"2026-11-25": [1, 0, 0, 1, 1], "2026-11-24": [2, 1, 1, 0, 1], "*": whole}
    assert await table(world, "agent") == {
        "Анна": [1, 1, 0, 1, 0],
        "Глеб": [1, 0, 1, 0, 1],
        "0": [1, 0, 0, 0, 1],
        "*": whole,
    }
    assert await table(world, "channel") == {"CRM": whole, "*": whole}
    by_source = await table(world, "source")
    assert by_source["yandex"] == [1, 1, 0, 1, 0]
    assert sum(line[0] for name, line in by_source.items() if name != "*") == 3
    tagged = [1, 1, 0, 1, 0]
    assert await table(world, "tag") == {"кухня": tagged, "срочно": tagged, "0": [2, 0, 1, 0, 2], "*": whole}
    assert await table(world, "team") == {"0": whole, "*": whole}


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
            behind = [len(await world.read(workload_dialogs, boris, wanted, figure)) for figure in FIGURES]
            assert behind == told(line) == told((await world.read(workload, boris, wanted, by)).whole), (by, line.key)


async def test_the_list_goes_on_where_it_ended(world: World) -> None:
    await two_days(world)
    boris = world.actor("Борис")
    ids = [line.id for line in await world.read(workload_dialogs, boris, BOTH, "new")]
    first = await world.read(workload_dialogs, boris, BOTH, "new", limit=2)
    rest = await world.read(workload_dialogs, boris, BOTH, "new", before=first[-1].id, limit=2)
    assert [line.id for line in (*first, *rest)] == ids == sorted(ids, reverse=True)


async def test_a_dialog_of_an_earlier_period_counts_only_what_happened_now(world: World) -> None:
    await two_days(world)
    wednesday = replace(BOTH, start=WEDNESDAY)
    assert (await table(world, "day", wednesday))["*"] == [1, 0, 0, 1, 1]
    assert (await table(world, "day", replace(BOTH, end=TUESDAY)))["*"] == [2, 1, 1, 0, 1]


async def test_a_team_has_the_dialogs_of_its_channels(world: World) -> None:
    team = await world.write(add_team, world.actor("Вера"), TeamDraft("Продажи"))
    await world.write(lambda tx: tx.execute(update(Channel).values(team_id=team)))
    await two_days(world)
    assert (await table(world, "team"))["Продажи"] == [3, 1, 1, 1, 2]
    assert (await table(world, "day", replace(BOTH, team_id=0)))["*"] == [0] * 5


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
    for query, more in ((workload, "day"), (workload_dialogs, "new")):
        with pytest.raises(NotAllowed):
            await world.read(query, world.actor("Анна"), BOTH, more)
