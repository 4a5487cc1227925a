"""What has been rolled up is counted anew when it changes, by whatever it was told apart."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date

import pytest
from sqlalchemy import delete

from inbox.actions.assign import assign
from inbox.actions.judge import judge
from inbox.actions.resolve import dismiss, reopen, resolve
from inbox.actions.roll_up import roll_up
from inbox.actions.tag import tag_by_name, untag
from inbox.actions.tags import remove_tag
from inbox.models import ReportColumn
from inbox.queries.report_counts import Counted, count
from inbox.queries.report_filter import ReportFilter
from inbox.queries.unrolled import HOURLY_DAYS, WHOLE_DAY, Piece, unrolled
from inbox.rules.permissions import Actor
from inbox.rules.report_columns import FACTS
from tests.world import World

TODAY = date(2026, 11, 24)
Change = Callable[[World, int, int], Awaitable[object]]


async def counted(world: World, fact: str, axis: str) -> Counted:
    found = await world.read(count, ReportFilter(TODAY, TODAY, fact), 300, "Europe/Moscow", [(), (axis,)])
    return {axes: {key: line for key, line in lines.items() if line.total} for axes, lines in found.items()}


async def a_dialog(world: World) -> tuple[int, int]:
    """Answered, tagged and waiting again; its id and that of the tag. The one after it waits, the next is at rest."""
    dialog = await world.conversation_of(await world.client_writes(address="a"))
    world.clock.advance(minutes=1)
    await world.agent_replies(dialog)
    tag_id = await world.write(tag_by_name, world.actor("Анна"), dialog, "опт")
    world.clock.advance(minutes=1)
    await world.client_writes(address="a")
    waiting = await world.conversation_of(await world.client_writes(address="b"))
    at_rest = await world.conversation_of(await world.client_writes(address="c"))
    await world.agent_replies(at_rest)
    assert (waiting, at_rest) == (dialog + 1, dialog + 2)
    return dialog, tag_id


CHANGES: dict[str, tuple[str, str, Change]] = {
    "a tag more": ("first", "tag", lambda w, d, t: w.write(tag_by_name, w.actor("Анна"), d, "VIP")),
    "a tag more on a happening": ("new", "tag", lambda w, d, t: w.write(tag_by_name, w.actor("Анна"), d, "VIP")),
    "a tag less": ("first", "tag", lambda w, d, t: w.write(untag, w.actor("Анна"), d, t)),
    "a tag that is no more": ("new", "tag", lambda w, d, t: w.write(remove_tag, w.actor("Вера"), t)),
    "a verdict": ("first", "verdict", lambda w, d, t: w.write(judge, w.actor("Анна"), d, "target")),
    "an ending": ("first", "ending", lambda w, d, t: w.write(resolve, w.actor("Анна"), d + 2)),
    "a late answer": ("next", "agent", lambda w, d, t: w.agent_replies(d, name="Глеб")),
    "a late dismissal": ("next", "agent", lambda w, d, t: w.write(dismiss, w.actor("Анна"), d, "")),
    "a first holder": ("new", "agent", lambda w, d, t: w.write(assign, w.actor("Борис"), d + 1, w.agents["Глеб"])),
}


@pytest.mark.parametrize("days", [0, HOURLY_DAYS + 1], ids=["by hours", "as a day"])
@pytest.mark.parametrize(("fact", "axis", "change"), CHANGES.values(), ids=CHANGES.keys())
async def test_a_change_of_what_is_rolled_up(world: World, fact: str, axis: str, change: Change, days: int) -> None:
    dialog, tag_id = await a_dialog(world)
    world.clock.advance(days=days, hours=2)
    await world.roll_up()
    assert await world.read(unrolled, 9) == []
    before = await counted(world, fact, axis)
    await change(world, dialog, tag_id)
    after = await counted(world, fact, axis)
    assert after != before
    await world.roll_up()
    assert await counted(world, fact, axis) == after
    await world.write(lambda tx: tx.execute(delete(ReportColumn)) and None)
    assert await counted(world, fact, axis) == after


async def test_a_dialog_that_is_opened_again_has_not_ended(world: World) -> None:
    dialog, _ = await a_dialog(world)
    await world.write(resolve, world.actor("Анна"), dialog + 2)
    world.clock.advance(hours=2)
    await world.roll_up()
    before = await counted(world, "first", "ending")
    await world.write(reopen, world.actor("Анна"), dialog + 2)
    after = await counted(world, "first", "ending")
    assert after != before
    await world.write(lambda tx: tx.execute(delete(ReportColumn)) and None)
    assert await counted(world, "first", "ending") == after


async def test_a_day_that_lost_an_hour_is_put_together_whole(world: World) -> None:
    """A change may come between the look at what is missing and the write."""
    await a_dialog(world)
    world.clock.advance(hours=2)
    await world.roll_up()
    world.clock.advance(days=HOURLY_DAYS + 1)
    before: dict[str, Counted] = {fact: await counted(world, fact, "agent") for fact in FACTS}
    await world.write(lambda tx: tx.execute(delete(ReportColumn).where(ReportColumn.part == 13)) and None)
    for fact in FACTS:
        await world.write(roll_up, Actor.system(), Piece(fact, TODAY, WHOLE_DAY))
        assert await counted(world, fact, "agent") == before[fact]
