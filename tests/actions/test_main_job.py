"""The main job through the actions: received, given to somebody, answered, timed, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from connectors.contract import MessageReceived, Profile, Referral
from inbox.actions.assign import assign, release, release_absent
from inbox.actions.presence import be_present
from inbox.actions.receive import MAX_TEXT, receive
from inbox.actions.reply import Draft, NewerReply, note, reply
from inbox.actions.resolve import dismiss, reopen, resolve, snooze, wake_snoozed
from inbox.models import (
    Address,
    Assignment,
    Company,
    Contact,
    Conversation,
    Delivery,
    Event,
    LeadSource,
    Message,
    Touch,
    Turn,
    TurnSegment,
)
from inbox.rules.errors import Conflict, Invalid, NotAllowed, NotFound, TooLarge
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases


async def the_turns(world: World) -> list[tuple[int, str | None, int | None]]:
    return [
        tuple(row) for row in await world.rows(select(Turn.number, Turn.outcome, Turn.clock_seconds).order_by(Turn.id))
    ]


async def test_a_first_message_makes_a_contact_a_dialog_a_turn_and_a_source(world: World) -> None:
    referral = Referral(landing_url="https://dubrava.ru/?utm_source=yandex&utm_medium=cpc&utm_campaign=tables&yclid=77")
    message = await world.client_writes(
        "Стол 220 пройдёт в лифт? 🪑", profile=Profile(name="Марина", phone="8 917 123-45-67"), referral=referral
    )
    conversation = await world.conversation(await world.conversation_of(message))
    assert (conversation.status, conversation.assignee_id) == ("open", None)
    assert conversation.waiting_since == world.clock.now()
    contact = (await world.rows(select(Contact.__table__)))[0]
    assert (contact.name, contact.phone) == ("Марина", "+79171234567")
    source = (await world.rows(select(LeadSource.__table__)))[0]
    assert (source.source, source.medium, source.campaign) == ("yandex", "cpc", "tables")
    touched = (await world.rows(select(Touch.__table__)))[0]
    assert (touched.click_id_kind, touched.click_id, touched.conversation_id) == ("yclid", "77", conversation.id)
    assert conversation.lead_source_id == source.id
    assert contact.first_touch_id == contact.last_touch_id == touched.id
    assert (await world.rows(select(Turn.lead_source_id)))[0][0] == source.id


async def test_the_same_message_twice_is_one(world: World) -> None:
    event = MessageReceived(address="marina", external_id="m-1", text="раз")
    actor = Actor.channel(world.channel_id)
    assert await world.write(receive, actor, world.channel_id, event) is not None
    events = len(await world.rows(select(Event.id)))
    assert await world.write(receive, actor, world.channel_id, event) is None
    assert len(await world.rows(select(Message.id).where(Message.kind == "incoming"))) == 1
    assert len(await world.rows(select(Event.id))) == events


async def test_a_burst_is_one_turn_and_an_answer_closes_it(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes("один"))
    world.clock.advance(minutes=2)
    await world.client_writes("два")
    world.clock.advance(minutes=5)
    await world.agent_replies(conversation_id)
    assert await the_turns(world) == [(1, "answered", 420)]
    conversation = await world.conversation(conversation_id)
    assert conversation.waiting_since is None
    assert conversation.assignee_id == world.agents["Анна"]
    world.clock.advance(minutes=1)
    await world.client_writes("три")
    assert await the_turns(world) == [(1, "answered", 420), (2, None, None)]


async def test_a_note_is_stored_and_answers_nobody(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    draft = Draft(client_id="n1", text="@Глеб посмотри")
    await world.write(note, world.actor("Анна"), conversation_id, draft, [world.agents["Глеб"]])
    assert await the_turns(world) == [(1, None, None)]
    assert await world.rows(select(Delivery.id)) == []


async def test_the_same_reply_twice_is_one(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    draft = Draft(client_id="c1", text="Да", seen_message_id=10**9)
    first = await world.write(reply, world.actor("Анна"), conversation_id, draft)
    assert await world.write(reply, world.actor("Анна"), conversation_id, draft) == first
    assert len(await world.rows(select(Delivery.id))) == 1


async def test_an_answer_that_somebody_gave_meanwhile_stops_the_second(world: World) -> None:
    seen = await world.client_writes()
    conversation_id = await world.conversation_of(seen)
    first = await world.agent_replies(conversation_id, "Первый", name="Глеб")
    late = Draft(client_id="late", text="Второй", seen_message_id=seen)
    with pytest.raises(NewerReply) as caught:
        await world.write(reply, world.actor("Анна"), conversation_id, late)
    assert caught.value.message_id == first
    forced = Draft(client_id="late", text="Второй", seen_message_id=seen, force=True)
    assert await world.write(reply, world.actor("Анна"), conversation_id, forced) > first


@pytest.mark.parametrize(("text", "error"), [("", Invalid), ("   \n", Invalid), ("а" * 20_001, TooLarge)])
async def test_nothing_and_too_much_are_refused(world: World, text: str, error: type[Exception]) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    with pytest.raises(error):
        await world.agent_replies(conversation_id, text)
    with pytest.raises(TooLarge):
        await world.client_writes("я" * (MAX_TEXT + 1))


async def test_a_client_who_stopped_us_cannot_be_answered(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    await world.write(lambda tx: tx.execute(update(Address).values(stopped_at=tx.now)))
    with pytest.raises(Invalid, match="stopped"):
        await world.agent_replies(conversation_id)


async def test_in_turn_gives_to_the_one_longest_without(world: World) -> None:
    await world.online("Анна", "Глеб")
    given = []
    for client in ("a", "b", "c", "d"):
        world.clock.advance(seconds=1)
        message = await world.client_writes(address=client)
        given.append((await world.conversation(await world.conversation_of(message))).assignee_id)
    anna, gleb = world.agents["Анна"], world.agents["Глеб"]
    assert given == [anna, gleb, anna, gleb]
    stored = await world.rows(select(Assignment.mode, Assignment.reasons).order_by(Assignment.id))
    assert stored[0].mode == "in_turn"
    assert {reason["code"] for reason in stored[0].reasons} >= {"in_turn_first", "offline"}


async def test_nobody_gets_more_than_their_capacity_and_the_queue_drains_on_resolve(world: World) -> None:
    await world.write(lambda tx: tx.execute(update(Company).values(capacity=1)))
    await world.online("Анна")
    first = await world.conversation_of(await world.client_writes(address="a"))
    world.clock.advance(seconds=5)
    second = await world.conversation_of(await world.client_writes(address="b"))
    assert (await world.conversation(second)).assignee_id is None
    await world.agent_replies(first)
    await world.write(resolve, world.actor("Анна"), first)
    assert (await world.conversation(second)).assignee_id == world.agents["Анна"]


async def test_coming_to_the_screen_drains_the_oldest_first(world: World) -> None:
    await world.write(lambda tx: tx.execute(update(Company).values(capacity=1)))
    old = await world.conversation_of(await world.client_writes(address="a"))
    world.clock.advance(minutes=1)
    new = await world.conversation_of(await world.client_writes(address="b"))
    await world.write(be_present, world.actor("Глеб"))
    assert (await world.conversation(old)).assignee_id == world.agents["Глеб"]
    assert (await world.conversation(new)).assignee_id is None


async def test_the_previous_agent_comes_first(world: World) -> None:
    await world.online("Анна", "Глеб")
    conversation_id = await world.conversation_of(await world.client_writes())
    holder = (await world.conversation(conversation_id)).assignee_id
    await world.agent_replies(conversation_id)
    await world.write(resolve, world.actor("Борис"), conversation_id)
    world.clock.advance(days=3)
    await world.online("Анна", "Глеб")
    again = await world.conversation_of(await world.client_writes("снова"))
    assert again != conversation_id
    assert (await world.conversation(again)).assignee_id == holder


async def test_a_returned_dialog_does_not_come_back_to_the_same_hands(world: World) -> None:
    anna, gleb = world.agents["Анна"], world.agents["Глеб"]
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation_id)).assignee_id == anna
    await world.write(assign, world.actor("Анна"), conversation_id, None)
    assert (await world.conversation(conversation_id)).assignee_id is None
    await world.write(be_present, world.actor("Глеб"))
    assert (await world.conversation(conversation_id)).assignee_id == gleb
    reasons = (await world.rows(select(Assignment.reasons).order_by(Assignment.id.desc())))[0][0]
    assert {reason["agent_id"]: reason["code"] for reason in reasons}[anna] == "returned"


async def test_a_transfer_ends_one_segment_and_starts_another(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=1)
    await world.write(assign, world.actor("Анна"), conversation_id, world.agents["Анна"])
    world.clock.advance(minutes=2)
    await world.write(assign, world.actor("Анна"), conversation_id, world.agents["Глеб"])
    world.clock.advance(minutes=3)
    await world.agent_replies(conversation_id, name="Глеб")
    segments = await world.rows(
        select(TurnSegment.agent_id, TurnSegment.started_at, TurnSegment.ended_at).order_by(TurnSegment.id)
    )
    lengths = [(row.agent_id, (row.ended_at - row.started_at) // timedelta(minutes=1)) for row in segments]
    assert lengths == [(None, 1), (world.agents["Анна"], 2), (world.agents["Глеб"], 3)]


async def test_resolving_while_the_client_waits_is_unanswered(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    world.clock.advance(minutes=4)
    await world.write(resolve, world.actor("Анна"), conversation_id)
    assert await the_turns(world) == [(1, "unanswered", 240)]
    await world.write(resolve, world.actor("Анна"), conversation_id)
    assert await the_turns(world) == [(1, "unanswered", 240)]


async def test_thanks_need_no_answer(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes("спасибо!"))
    await world.write(dismiss, world.actor("Анна"), conversation_id, "Спасибо")
    assert await the_turns(world) == [(1, "dismissed", 0)]
    assert (await world.conversation(conversation_id)).status == "open"


async def test_writing_again_soon_reopens_and_later_begins_anew(world: World) -> None:
    first = await world.conversation_of(await world.client_writes())
    await world.agent_replies(first)
    await world.write(resolve, world.actor("Анна"), first)
    world.clock.advance(hours=23)
    assert await world.conversation_of(await world.client_writes()) == first
    await world.agent_replies(first)
    await world.write(resolve, world.actor("Анна"), first)
    world.clock.advance(hours=25)
    second = await world.conversation_of(await world.client_writes())
    assert second != first
    with pytest.raises(Conflict):
        await world.write(reopen, world.actor("Анна"), first)


async def test_a_snoozed_dialog_wakes_by_time_and_by_the_client(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    until = world.clock.now() + timedelta(hours=1)
    await world.write(snooze, world.actor("Анна"), conversation_id, until)
    with pytest.raises(Invalid):
        await world.write(snooze, world.actor("Анна"), conversation_id, world.clock.now())
    assert await world.write(wake_snoozed, Actor.system()) == 0
    world.clock.advance(hours=1)
    assert await world.write(wake_snoozed, Actor.system()) == 1
    assert (await world.conversation(conversation_id)).status == "open"
    await world.write(snooze, world.actor("Анна"), conversation_id, world.clock.now() + timedelta(days=1))
    await world.client_writes("ау")
    conversation = await world.conversation(conversation_id)
    assert (conversation.status, conversation.snoozed_until) == ("open", None)
    assert len(await the_turns(world)) == 1


async def test_who_leaves_gives_the_waiting_dialogs_back(world: World) -> None:
    await world.online("Анна")
    conversation_id = await world.conversation_of(await world.client_writes())
    assert (await world.conversation(conversation_id)).assignee_id == world.agents["Анна"]
    world.clock.advance(seconds=90)
    assert await world.write(release_absent, Actor.system(), 60) == 0
    world.clock.advance(seconds=60)
    await world.online("Глеб")
    assert await world.write(release_absent, Actor.system(), 60) == 1
    assert (await world.conversation(conversation_id)).assignee_id == world.agents["Глеб"]
    await world.write(release, Actor.system(), world.agents["Глеб"], waiting_only=False)
    events = [row[0] for row in await world.rows(select(Event.kind).order_by(Event.id))]
    assert events.count("conversation.unassigned") == 2


async def test_a_message_that_comes_late_keeps_its_own_time(world: World) -> None:
    sent_at = world.clock.now()
    world.clock.advance(minutes=3)
    message = await world.client_writes(at=sent_at)
    conversation = await world.conversation(await world.conversation_of(message))
    assert conversation.waiting_since == sent_at
    ahead = await world.client_writes("из будущего", at=world.clock.now() + timedelta(hours=5))
    at = (await world.rows(select(Message.at).where(Message.id == ahead)))[0][0]
    assert at == world.clock.now()


async def test_strangers_and_channels_may_not_act(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    with pytest.raises(NotAllowed):
        await world.write(resolve, Actor.channel(world.channel_id), conversation_id)
    with pytest.raises(NotFound):
        await world.write(resolve, world.actor("Анна"), 999)


async def test_one_address_never_has_two_open_dialogs(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    with pytest.raises(IntegrityError):
        await world.write(
            lambda tx: tx.execute(
                Conversation.__table__.insert().from_select(
                    ["channel_id", "address_id", "contact_id", "status", "opened_at", "last_message_at"],
                    select(
                        Conversation.channel_id,
                        Conversation.address_id,
                        Conversation.contact_id,
                        Conversation.status,
                        Conversation.opened_at,
                        Conversation.last_message_at,
                    ).where(Conversation.id == conversation_id),
                )
            )
        )
