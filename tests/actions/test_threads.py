"""From the site's chat to a messenger: the same client, source and history, and one dialog for the agent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from connectors.contract import MessageReceived, Profile, Referral, Started
from inbox.actions.entry_links import note_click
from inbox.actions.receive import receive
from inbox.actions.receive_changes import receive_event
from inbox.actions.sla_policies import PolicyDraft, add_policy
from inbox.models import Address, Channel, Contact, Conversation, Message, Turn
from inbox.queries.turn_recount import turn_differences
from inbox.rules.attribution import touch_from_visit
from inbox.rules.permissions import Actor
from inbox.rules.sla import Conditions
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases


async def second_channel(world: World) -> int:
    values = {"kind": "api", "name": "Мессенджер", "token": "second", "config": {}, "created_at": world.clock.now()}
    return await world.write(lambda tx: int(tx.execute(insert(Channel), values).inserted_primary_key[0]))


async def visitor_token(world: World, channel_id: int) -> tuple[int, str]:
    """A visitor who has written on the site, and the token of their way on."""
    conversation = await world.conversation_of(
        await world.client_writes("Есть стол?", address="v:1", referral=Referral(kind="utm", source="yandex"))
    )
    address = (await world.rows(select(Address.id).where(Address.external_id == "v:1")))[0].id
    actor = Actor.system()
    arrival = touch_from_visit("", "")
    return conversation, await world.write(note_click, actor, channel_id, arrival, address_id=address)


async def write(world: World, channel_id: int, address: str, number: str, **event: Any) -> int:
    arrived = MessageReceived(address, number, f"сообщение {number}", **event)
    message_id = await world.write(receive, Actor.channel(channel_id), channel_id, arrived)
    assert message_id is not None
    return message_id


async def test_a_visitor_goes_on_in_a_messenger_in_the_same_dialog(world: World) -> None:
    messenger = await second_channel(world)
    quick = PolicyDraft("Мессенджер", 120, None, None, in_hours=False, conditions=Conditions(channel_id=messenger))
    await world.write(add_policy, world.actor("Вера"), quick)
    conversation, token = await visitor_token(world, messenger)
    started = Started("tg-7", Profile("Марина"), Referral(token=token))
    await world.write(receive_event, Actor.channel(messenger), messenger, started)
    assert await world.conversation_of(await write(world, messenger, "tg-7", "a")) == conversation
    row = await world.conversation(conversation)
    there = (await world.rows(select(Address.id).where(Address.external_id == "tg-7")))[0].id
    assert (row.channel_id, row.address_id) == (messenger, there)
    assert (await world.rows(select(Contact.name).where(Contact.merged_into_id.is_(None)))) == [("Марина",)]
    assert row.lead_source_id is not None
    # The wait comes under the target of where the dialog is now.
    assert row.due_at == world.clock.now() + timedelta(seconds=120)
    # The answer goes where they are now, and what they write on the site comes back into the same dialog.
    await world.agent_replies(conversation)
    assert await world.conversation_of(await write(world, world.channel_id, "v:1", "b")) == conversation
    assert (await world.conversation(conversation)).channel_id == world.channel_id
    assert len(await world.rows(select(Turn.id))) == 2
    assert await world.read(turn_differences, lambda done, total: None) == []


async def test_a_known_client_of_the_messenger_takes_the_visitor_in(world: World) -> None:
    messenger = await second_channel(world)
    await write(world, messenger, "tg-7", "old", profile=Profile("Марина Ким"))
    await world.write(lambda tx: tx.execute(update(Conversation).values(status="resolved")))
    conversation, token = await visitor_token(world, messenger)
    await world.write(lambda tx: tx.execute(update(Contact).where(Contact.name == "").values(phone="+79171234567")))
    await write(world, messenger, "tg-7", "new", referral=Referral(token=token))
    assert (await world.rows(select(Contact.name, Contact.phone).where(Contact.merged_into_id.is_(None)))) == [
        ("Марина Ким", "+79171234567")
    ]
    contacts = await world.rows(select(Conversation.contact_id, Address.contact_id).join(Address))
    assert len({*contacts}) == 1
    last = select(Message.conversation_id).where(Message.external_id == "new")
    assert (await world.rows(last))[0].conversation_id == conversation


async def test_a_foreign_or_used_up_token_joins_nobody(world: World) -> None:
    messenger = await second_channel(world)
    conversation, token = await visitor_token(world, messenger)
    await write(world, messenger, "tg-8", "x", referral=Referral(token="nobody"))
    assert (await world.conversation(conversation)).channel_id == world.channel_id
    assert await world.conversation_of(await write(world, messenger, "tg-9", "y", referral=Referral(token=token))) == (
        conversation
    )
    # The link was passed on: another person begins a dialog of their own.
    stranger = await write(world, messenger, "tg-10", "z", referral=Referral(token=token))
    assert await world.conversation_of(stranger) != conversation
    moved = select(Message.activity).where(Message.activity.is_not(None))
    kinds = [row.activity["kind"] for row in await world.rows(moved)]
    assert kinds.count("conversation.moved") == 1
