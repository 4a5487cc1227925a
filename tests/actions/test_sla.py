"""Targets: begun, warned, broken, stopped; standing while snoozed and out of hours; a change touches the future only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Echo, Referral, Started
from inbox.actions.assign import assign
from inbox.actions.business_hours import change_hours
from inbox.actions.company import change_company
from inbox.actions.prioritise import prioritise
from inbox.actions.receive_changes import receive_event
from inbox.actions.resolve import dismiss, reopen, resolve, snooze, wake_snoozed
from inbox.actions.sla import run_clocks
from inbox.actions.sla_policies import PolicyDraft, add_policy, change_policy, move_policy, remove_policy
from inbox.actions.tag import tag_by_name, untag
from inbox.actions.tags import add_tag
from inbox.actions.teams import TeamDraft, add_team, change_team
from inbox.models import Event, SlaClock, SlaPolicy
from inbox.rules.business_hours import Interval
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.permissions import Actor
from inbox.rules.schedules import COMPANY, Owner, OwnerKind, Schedule
from inbox.rules.sla import Conditions
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

SYSTEM = Actor.system()
# Ten minutes, twenty, an hour; by the clock.
DRAFT = PolicyDraft("Всем", 600, 1200, 3600, in_hours=False)


async def policy(world: World, draft: PolicyDraft = DRAFT) -> int:
    return await world.write(add_policy, world.actor("Вера"), draft)


async def clocks(world: World) -> list[tuple[Any, ...]]:
    """(kind, target, outcome) in the order in which they began."""
    columns = (SlaClock.kind, SlaClock.target_seconds, SlaClock.outcome)
    return [tuple(row) for row in await world.rows(select(*columns).order_by(SlaClock.id))]


async def told(world: World) -> list[tuple[str, Any, int | None]]:
    """(what, percent, whom) of every warning and breach."""
    events = select(Event.kind, Event.details, Event.agent_id).where(Event.kind.like("sla.%")).order_by(Event.id)
    rows = await world.rows(events)
    return [(f"{row.details['of']} {row.kind}", row.details.get("percent"), row.agent_id) for row in rows]


async def at(world: World, minutes: float) -> None:
    """Go on, and let the worker look."""
    world.clock.advance(minutes=minutes)
    await world.write(run_clocks, SYSTEM)


async def test_each_warning_is_told_once_and_the_breach_names_who_was_responsible(world: World) -> None:
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    await at(world, 5)
    await at(world, 0)
    await world.write(assign, world.actor("Борис"), dialog, world.agents["Анна"])
    await at(world, 3)
    world.clock.advance(minutes=2.5)
    # Глеб takes it half a minute after the deadline, before the worker has looked.
    await world.write(assign, world.actor("Борис"), dialog, world.agents["Глеб"])
    await at(world, 0)
    await at(world, 1)
    anna = world.agents["Анна"]
    assert await told(world) == [
        ("first_response sla.warned", 50, None),
        ("first_response sla.warned", 80, anna),
        ("first_response sla.breached", None, anna),
    ]
    await world.agent_replies(dialog, name="Глеб")
    assert (await clocks(world))[0] == ("first_response", 600, "breached")
    first = select(SlaClock.breached_at, SlaClock.breached_agent_id, SlaClock.started_at).order_by(SlaClock.id)
    row = (await world.rows(first))[0]
    assert (row.breached_at - row.started_at, row.breached_agent_id) == (timedelta(minutes=10), anna)


async def test_answers_in_time_meet_their_targets_and_the_queue_knows_the_nearest(world: World) -> None:
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=10)
    world.clock.advance(minutes=10)
    await world.agent_replies(dialog)
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=60)
    await world.client_writes()
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=30)
    world.clock.advance(minutes=1)
    await world.write(dismiss, world.actor("Анна"), dialog, "Спасибо")
    await world.write(resolve, world.actor("Анна"), dialog)
    assert await clocks(world) == [
        ("first_response", 600, "met"),
        ("resolution", 3600, "met"),
        ("next_response", 1200, "dropped"),
    ]
    assert (await world.conversation(dialog)).due_at is None
    assert await told(world) == []


async def test_a_breach_that_the_worker_has_not_seen_is_told_by_the_answer(world: World) -> None:
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=11)
    await world.agent_replies(dialog)
    assert await told(world) == [("first_response sla.breached", None, None)]
    await at(world, 0)
    assert len(await told(world)) == 1


async def test_an_answer_in_time_that_is_told_late_was_in_time(world: World) -> None:
    await policy(world)
    await world.client_writes()
    answered = world.clock.now() + timedelta(minutes=9)
    await at(world, 12)
    echo = Echo("marina", "echo-1", "из приложения", answered)
    await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, echo)
    assert (await clocks(world))[0] == ("first_response", 600, "met")
    assert (await world.rows(select(SlaClock.breached_at).order_by(SlaClock.id)))[0][0] is None


async def test_snoozed_clocks_stand_and_run_on(world: World) -> None:
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    await at(world, 4)
    await world.write(snooze, world.actor("Анна"), dialog, world.clock.now() + timedelta(hours=2))
    assert (await world.conversation(dialog)).due_at is None
    await at(world, 121)
    await world.write(wake_snoozed, SYSTEM)
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(minutes=6)
    await at(world, 0)
    assert await told(world) == []
    await at(world, 5)
    assert [percent for _, percent, _ in await told(world)] == [80]


async def test_a_policy_may_let_snoozed_clocks_run(world: World) -> None:
    await policy(world, PolicyDraft("Строго", 600, None, None, in_hours=False, pauses=False))
    dialog = await world.conversation_of(await world.client_writes())
    await world.write(snooze, world.actor("Анна"), dialog, world.clock.now() + timedelta(hours=2))
    await at(world, 10)
    assert [what for what, _, _ in await told(world)] == ["first_response sla.breached"]


async def test_out_of_hours_the_clock_stands(world: World) -> None:
    # The world's day is a Tuesday, 12:00 in Moscow; the company closes at 12:05 and opens on Wednesday at 9:00.
    week = (Interval(1, 540, 725), Interval(2, 540, 1080))
    await world.write(change_hours, world.actor("Вера"), COMPANY, Schedule("Europe/Moscow", week))
    await policy(world, PolicyDraft("В рабочее время", 600, None, None))
    dialog = await world.conversation_of(await world.client_writes())
    await at(world, 5)
    assert [percent for _, percent, _ in await told(world)] == [50]
    due = (await world.conversation(dialog)).due_at
    assert due - world.clock.now() == timedelta(hours=20, minutes=60)


async def test_new_hours_count_what_is_left(world: World) -> None:
    # It is 12:00; four minutes of ten are spent when the company decides to close at 12:05 and to open at 9:00.
    always, early = (Interval(1, 0, 1440),), (Interval(1, 540, 725), Interval(2, 540, 1080))
    await world.write(change_hours, world.actor("Вера"), COMPANY, Schedule("Europe/Moscow", always))
    await policy(world, PolicyDraft("В рабочее время", 600, None, None))
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    world.clock.advance(minutes=4)
    await world.write(change_hours, world.actor("Вера"), COMPANY, Schedule("Europe/Moscow", early))
    # One minute is left of today, five go on from tomorrow's opening.
    assert (await world.conversation(dialog)).due_at == begun + timedelta(hours=21, minutes=5)
    await at(world, 1)
    assert [percent for _, percent, _ in await told(world)] == [50]


async def test_a_channel_goes_by_the_hours_of_the_team_that_gets_it(world: World) -> None:
    always, early = (Interval(1, 0, 1440),), (Interval(1, 540, 725), Interval(2, 540, 1080))
    await world.write(change_hours, world.actor("Вера"), COMPANY, Schedule("Europe/Moscow", always))
    await policy(world, PolicyDraft("В рабочее время", 600, None, None))
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    world.clock.advance(minutes=4)
    team = await world.write(add_team, world.actor("Вера"), TeamDraft("Утро"))
    await world.write(change_hours, world.actor("Вера"), Owner(OwnerKind.TEAM, team), Schedule("Europe/Moscow", early))
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=10)
    draft = TeamDraft("Утро", channels=[world.channel_id])
    await world.write(change_team, world.actor("Вера"), team, draft)
    assert (await world.conversation(dialog)).due_at == begun + timedelta(hours=21, minutes=5)


async def test_deadlines_move_with_the_company_to_another_time_zone(world: World) -> None:
    early = (Interval(1, 540, 725), Interval(2, 540, 1080))
    await world.write(change_hours, world.actor("Вера"), COMPANY, Schedule("Europe/Moscow", early))
    await policy(world, PolicyDraft("В рабочее время", 600, None, None))
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    assert (await world.conversation(dialog)).due_at == begun + timedelta(hours=21, minutes=5)
    await world.write(change_company, world.actor("Вера"), {"time_zone": "Europe/Berlin"})
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=10)


async def test_a_reopened_dialog_gets_a_new_clock(world: World) -> None:
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    await at(world, 50)
    await world.write(resolve, world.actor("Анна"), dialog)
    await at(world, 60)
    await world.write(reopen, world.actor("Анна"), dialog)
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(minutes=10)
    await world.agent_replies(dialog)
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(minutes=60)
    kinds = sorted((kind, outcome) for kind, _, outcome in await clocks(world) if outcome is not None)
    assert kinds == [("first_response", "breached"), ("first_response", "met"), ("resolution", "met")]


async def test_a_change_of_a_policy_touches_the_future_only(world: World) -> None:
    policy_id = await policy(world)
    admin = world.actor("Вера")
    first = await world.conversation_of(await world.client_writes())
    due = (await world.conversation(first)).due_at
    await world.write(change_policy, admin, policy_id, PolicyDraft("Строже", 60, None, None, in_hours=False))
    await world.write(prioritise, world.actor("Анна"), first, "high")
    assert (await world.conversation(first)).due_at == due
    second = await world.conversation_of(await world.client_writes(address="oleg"))
    assert (await world.conversation(second)).due_at == world.clock.now() + timedelta(seconds=60)
    await world.write(remove_policy, admin, policy_id)
    await at(world, 10)
    assert [what for what, _, _ in await told(world)].count("first_response sla.breached") == 2
    await world.client_writes(address="third")
    assert len(await clocks(world)) == 3


async def test_whatever_becomes_of_the_policies_a_running_wait_keeps_its_own(world: World) -> None:
    admin, anna = world.actor("Вера"), world.actor("Анна")
    policy_id = await policy(world, PolicyDraft("Всем", 600, 1200, None, in_hours=False))
    dialog = await world.conversation_of(await world.client_writes())
    due = (await world.conversation(dialog)).due_at
    tag_id = await world.write(add_tag, admin, "VIP", "#aa0000")
    urgent = PolicyDraft("Срочно", 60, 60, 3600, in_hours=False, conditions=Conditions(priority="urgent"))
    await world.write(change_policy, admin, policy_id, urgent)
    strict_id = await policy(world, PolicyDraft("Строго", 120, 240, 3600, in_hours=False))
    await world.write(move_policy, admin, strict_id, up=True)
    world.clock.advance(minutes=1)
    await world.client_writes()
    await world.write(tag_by_name, anna, dialog, "VIP")
    await world.write(prioritise, anna, dialog, "high")
    await world.write(untag, anna, dialog, tag_id)
    assert (await world.conversation(dialog)).due_at == due
    # The next wait is measured by what is in force now; the dialog began before there was a target for resolving it.
    await world.agent_replies(dialog)
    await world.client_writes()
    assert await clocks(world) == [("first_response", 600, "met"), ("next_response", 240, None)]


async def test_a_snoozed_dialog_gets_a_clock_that_stands(world: World) -> None:
    admin, anna = world.actor("Вера"), world.actor("Анна")
    tag_id = await world.write(add_tag, admin, "VIP", "#aa0000")
    await policy(world, PolicyDraft("VIP", 600, None, None, in_hours=False, conditions=Conditions(tag_id=tag_id)))
    dialog = await world.conversation_of(await world.client_writes())
    await at(world, 4)
    await world.write(snooze, anna, dialog, world.clock.now() + timedelta(hours=2))
    await world.write(tag_by_name, anna, dialog, "VIP")
    assert (await world.conversation(dialog)).due_at is None
    await at(world, 121)
    await world.write(wake_snoozed, SYSTEM)
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(minutes=6)


async def test_the_first_policy_that_fits_applies_and_an_advertisement_has_a_shorter_fuse(world: World) -> None:
    admin = world.actor("Вера")
    await policy(world)
    ads = PolicyDraft("Реклама", 120, None, None, in_hours=False, conditions=Conditions(source_kind="ad"))
    ads_id = await policy(world, ads)
    paid = Referral(landing_url="https://dubrava.example/?utm_source=yandex&utm_medium=cpc&yclid=1")
    dialog = await world.conversation_of(await world.client_writes(referral=paid))
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(seconds=600)
    await world.write(move_policy, admin, ads_id, up=True)
    dialog = await world.conversation_of(await world.client_writes(address="oleg", referral=paid))
    assert (await world.conversation(dialog)).due_at == world.clock.now() + timedelta(seconds=120)
    plain = await world.conversation_of(await world.client_writes(address="third"))
    assert (await world.conversation(plain)).due_at == world.clock.now() + timedelta(seconds=600)


async def test_an_advertisement_that_is_learnt_of_later_shortens_the_fuse_too(world: World) -> None:
    ads = PolicyDraft("Реклама", 120, None, None, in_hours=False, conditions=Conditions(source_kind="ad"))
    await policy(world, ads)
    await policy(world)
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    world.clock.advance(minutes=1)
    paid = Referral(landing_url="https://dubrava.example/?utm_source=yandex&utm_medium=cpc&yclid=1")
    started = Started("marina", referral=paid)
    await world.write(receive_event, Actor.channel(world.channel_id), world.channel_id, started)
    assert (await world.conversation(dialog)).due_at == begun + timedelta(seconds=120)


async def test_a_tag_and_a_priority_move_a_dialog_to_another_policy_with_what_was_spent(world: World) -> None:
    admin, anna = world.actor("Вера"), world.actor("Анна")
    tag_id = await world.write(add_tag, admin, "VIP", "#aa0000")
    vip = PolicyDraft("VIP", 300, None, None, in_hours=False, conditions=Conditions(tag_id=tag_id))
    urgent = PolicyDraft("Срочно", 240, None, None, in_hours=False, conditions=Conditions(priority="urgent"))
    for draft in (urgent, vip, PolicyDraft("Всем", 600, None, None, in_hours=False)):
        await policy(world, draft)
    dialog = await world.conversation_of(await world.client_writes())
    begun = world.clock.now()
    await at(world, 2)
    await world.write(tag_by_name, anna, dialog, "VIP")
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=5)
    await world.write(prioritise, anna, dialog, "urgent")
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=4)
    await world.write(prioritise, anna, dialog, "normal")
    await world.write(untag, anna, dialog, tag_id)
    assert (await world.conversation(dialog)).due_at == begun + timedelta(minutes=10)
    assert len(await clocks(world)) == 1
    with pytest.raises(Invalid):
        await world.write(prioritise, anna, dialog, "whenever")


async def test_after_a_pause_of_the_server_only_the_breach_is_told(world: World) -> None:
    await policy(world)
    await world.client_writes()
    await at(world, 70)
    assert sorted(what for what, _, _ in await told(world)) == [
        "first_response sla.breached",
        "resolution sla.breached",
    ]


@pytest.mark.parametrize(
    "draft, field",
    [
        (PolicyDraft(" ", 600, None, None), "name"),
        (PolicyDraft("x", 1, None, None), "first_response_seconds"),
        (PolicyDraft("x", None, None, None), "first_response_seconds"),
        (PolicyDraft("x", 600, None, None, conditions=Conditions(channel_id=99)), "channel_id"),
        (PolicyDraft("x", 600, None, None, conditions=Conditions(team_id=99)), "team_id"),
        (PolicyDraft("x", 600, None, None, conditions=Conditions(tag_id=99)), "tag_id"),
        (PolicyDraft("x", 600, None, None, conditions=Conditions(source_kind="mars")), "source_kind"),
        (PolicyDraft("x", 600, None, None, conditions=Conditions(priority="mars")), "priority"),
    ],
)
async def test_what_no_policy_can_be(world: World, draft: PolicyDraft, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await policy(world, draft)
    assert list(refused.value.fields) == [field]
    assert await world.rows(select(SlaPolicy.id)) == []
    with pytest.raises(NotFound):
        await world.write(remove_policy, world.actor("Вера"), 99)
