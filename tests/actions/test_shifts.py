"""Teams and shifts decide who can be given a dialog, and the reasons say so."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from inbox.actions.assign import begin_shifts
from inbox.actions.business_hours import change_hours
from inbox.actions.teams import TeamDraft, add_team, remove_team
from inbox.models import Assignment, Turn
from inbox.rules.business_hours import Interval
from inbox.rules.permissions import Actor
from inbox.rules.schedules import Owner, OwnerKind, Schedule
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases


async def give_shift(world: World, name: str, *stretches: tuple[int, int]) -> None:
    """The world's day is a Tuesday and begins at 12:00 in Moscow."""
    week = tuple(Interval(1, opens * 60, closes * 60) for opens, closes in stretches)
    owner = Owner(OwnerKind.AGENT, world.agents[name])
    await world.write(change_hours, world.actor("Вера"), owner, Schedule("Europe/Moscow", week))


async def reasons(world: World) -> dict[str, str]:
    rows = await world.rows(select(Assignment.reasons).order_by(Assignment.id.desc()).limit(1))
    return {reason["name"]: reason["code"] for reason in rows[0][0]}


async def test_only_members_of_the_team_are_given_its_dialogs(world: World) -> None:
    await world.online("Анна", "Глеб")
    draft = TeamDraft("Продажи", [world.agents["Глеб"], 999], [world.channel_id])
    team_id = await world.write(add_team, world.actor("Вера"), draft)
    first = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(first)).assignee_id == world.agents["Глеб"]
    assert (await reasons(world))["Анна"] == "not_member"
    assert (await world.rows(select(Turn.team_id)))[0][0] == team_id
    await world.write(remove_team, world.actor("Вера"), team_id)
    second = await world.conversation_of(await world.client_writes(address="oleg"))
    assert (await world.conversation(second)).assignee_id == world.agents["Анна"]


async def test_nobody_is_given_a_dialog_outside_their_shift_or_in_its_break(world: World) -> None:
    await world.online("Анна", "Глеб", "Борис")
    await give_shift(world, "Анна", (9, 11), (13, 18))
    await give_shift(world, "Глеб", (14, 18))
    await give_shift(world, "Борис", (9, 18))
    conversation = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation)).assignee_id == world.agents["Борис"]
    said = await reasons(world)
    assert (said["Анна"], said["Глеб"]) == ("shift_break", "off_hours")


async def test_a_shift_that_begins_takes_from_the_queue(world: World) -> None:
    await give_shift(world, "Анна", (13, 18))
    conversation = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=59)
    await world.online("Анна")
    assert await world.write(begin_shifts, Actor.system(), 30) == 0
    world.clock.advance(seconds=70)
    await world.online("Анна")
    assert await world.write(begin_shifts, Actor.system(), 30) == 1
    assert (await world.conversation(conversation)).assignee_id == world.agents["Анна"]
    world.clock.moment += timedelta(minutes=1)
    assert await world.write(begin_shifts, Actor.system(), 30) == 0
