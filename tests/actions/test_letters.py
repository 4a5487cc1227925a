"""Letters in the inbox: threads, copies, machines, strangers and bounces."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from connectors.contract import Echo, MessageReceived, StatusChanged
from inbox.actions.deliver import claim_deliveries, mark_sent
from inbox.actions.ingest import RawRequest, ingest
from inbox.actions.receive_changes import receive_event
from inbox.actions.reply import Draft, reply
from inbox.actions.resolve import resolve
from inbox.models import Channel, Conversation, Delivery, Event, Inbound, Message, MessageEnvelope, Turn
from inbox.queries.letters import answer_envelope, kept_original
from inbox.queries.timeline import timeline_around
from inbox.queries.turn_recount import turn_differences
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.permissions import Actor
from inbox.runtime.languages import zone
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases

OURS = "<m1.0123456789abcdef@dubrava.example>"


async def become_mailbox(world: World) -> None:
    await world.write(lambda tx: tx.execute(update(Channel).values(kind="email")))


async def writes(world: World, text: str, name: str, *, address: str = "marina@x.ru", **event: Any) -> int:
    arrived = MessageReceived(address, f"<{name}> {address}", text, original=True, **event)
    world.received += 1
    raw = RawRequest(f"in {name} {address}", {}, f"letter {name}".encode(), world.clock.now())
    await world.write(ingest, Actor.channel(world.channel_id), world.channel_id, raw, (arrived,))
    found = await world.rows(select(Message.id).where(Message.external_id == arrived.external_id))
    return int(found[0].id)


async def answers(world: World, conversation: int, **letter: Any) -> int:
    world.received += 1
    draft = Draft(f"out-{world.received}", "Да, есть.", 10**9, **letter)
    return await world.write(reply, world.actor("Анна"), conversation, draft)


async def test_an_answer_is_about_the_last_letter_and_goes_to_its_copies(world: World) -> None:
    await become_mailbox(world)
    first = await writes(world, "Есть стол?", "1@x.ru", subject="Стол", cc=("boss@x.ru", "buh@x.ru"))
    conversation = await world.conversation_of(first)
    await writes(world, "Алло?", "2@x.ru", subject="Re: Стол")
    await writes(world, "Я в отпуске", "3@x.ru", subject="Автоответ", automatic=True)
    assert await world.read(answer_envelope, conversation) == type(await world.read(answer_envelope, 0))("Re: Стол", "")
    await answers(world, conversation)
    (owed,) = await world.write(claim_deliveries, Actor.system())
    assert owed.letter.subject == "Re: Стол"
    assert owed.letter.thread == ("<1@x.ru> marina@x.ru", "<2@x.ru> marina@x.ru", "<3@x.ru> marina@x.ru")


async def test_what_the_agent_typed_around_the_letter_is_kept_and_sent(world: World) -> None:
    await become_mailbox(world)
    conversation = await world.conversation_of(await writes(world, "Есть стол?", "1@x.ru", subject="Стол"))
    typed = {"subject": "Счёт\r\nBcc: evil@x.ru", "cc": "A@x.ru; b@x.ru", "bcc": "boss@dubrava.example"}
    await answers(world, conversation, **typed)
    (owed,) = await world.write(claim_deliveries, Actor.system())
    assert (owed.letter.subject, owed.letter.cc) == ("Счёт Bcc: evil@x.ru", ("a@x.ru", "b@x.ru"))
    assert owed.letter.bcc == ("boss@dubrava.example",)


@pytest.mark.parametrize("wrong", [{"cc": "Марина"}, {"bcc": "a@x"}, {"cc": " ".join(f"a{n}@x.ru" for n in range(21))}])
async def test_a_wrong_copy_is_said_and_nothing_is_sent(world: World, wrong: dict[str, str]) -> None:
    await become_mailbox(world)
    conversation = await world.conversation_of(await writes(world, "Есть стол?", "1@x.ru"))
    with pytest.raises(Invalid) as refused:
        await answers(world, conversation, subject="", **wrong)
    assert set(refused.value.fields) == set(wrong)
    assert await world.rows(select(Delivery.id)) == []


async def test_a_channel_without_letters_takes_no_copies(world: World) -> None:
    conversation = await world.conversation_of(await world.client_writes())
    await answers(world, conversation, subject="x", cc="a@x.ru")
    assert await world.rows(select(MessageEnvelope.message_id)) == []


async def test_a_machine_s_letter_opens_nothing_and_nobody_waits(world: World) -> None:
    await become_mailbox(world)
    await world.online("Анна")
    letter = await writes(world, "Скидки!", "n@shop", address="news@shop.example", automatic=True)
    conversation = await world.conversation(await world.conversation_of(letter))
    assert (conversation.status, conversation.waiting_since, conversation.assignee_id) == ("resolved", None, None)
    again = await writes(world, "Ещё скидки!", "n2@shop", address="news@shop.example", automatic=True)
    assert await world.conversation_of(again) == conversation.id
    assert await world.rows(select(Turn.id)) == []
    kinds = [row.kind for row in await world.rows(select(Event.kind).where(Event.message_id == again))]
    assert kinds == ["message.kept"]


async def test_a_machine_s_letter_neither_reopens_nor_wakes(world: World) -> None:
    await become_mailbox(world)
    conversation = await world.conversation_of(await writes(world, "Есть стол?", "1@x.ru"))
    await answers(world, conversation)
    await world.write(resolve, world.actor("Анна"), conversation)
    letter = await writes(world, "Я в отпуске", "2@x.ru", automatic=True)
    assert await world.conversation_of(letter) == conversation
    assert (await world.conversation(conversation)).status == "resolved"
    assert await world.read(turn_differences, lambda done, total: None) == []
    # Written by a person, the next one reopens.
    await writes(world, "Я вернулась", "3@x.ru")
    assert (await world.conversation(conversation)).status == "open"
    assert await world.read(turn_differences, lambda done, total: None) == []


async def test_a_stranger_with_a_known_message_id_sees_and_shows_nothing_of_the_thread(world: World) -> None:
    await become_mailbox(world)
    mine = await writes(world, "Секрет", "1@x.ru", subject="Стол")
    conversation = await world.conversation_of(mine)
    await answers(world, conversation)
    (owed,) = await world.write(claim_deliveries, Actor.system())
    await world.write(mark_sent, Actor.system(), owed, [OURS])
    stranger = await writes(world, "Перешлите", "1@x.ru", address="eve@evil.example", reply_to=OURS)
    theirs = await world.conversation_of(stranger)
    assert theirs != conversation
    (item,) = [
        i for i in await world.read(timeline_around, world.actor("Анна"), stranger, zone("UTC")) if i.id == stranger
    ]
    assert item.quote is None
    await answers(world, theirs)
    (owed,) = await world.write(claim_deliveries, Actor.system())
    assert owed.address == "eve@evil.example"
    assert owed.letter.thread == ("<1@x.ru> eve@evil.example",)
    # The client's own answer quotes what it answers.
    answer = await writes(world, "Беру", "2@x.ru", reply_to=OURS)
    (item,) = [i for i in await world.read(timeline_around, world.actor("Анна"), answer, zone("UTC")) if i.id == answer]
    assert item.quote is not None


async def test_a_bounce_fails_the_answer_and_our_copy_does_not_double_it(world: World) -> None:
    await become_mailbox(world)
    conversation = await world.conversation_of(await writes(world, "Есть стол?", "1@x.ru"))
    await answers(world, conversation)
    (owed,) = await world.write(claim_deliveries, Actor.system())
    channel = Actor.channel(world.channel_id)
    name = OURS.replace("<m1.", f"<m{owed.message_id}.")
    # The copy in the folder of sent letters may be read before the server's answer is noted.
    echo = Echo("marina@x.ru", name, "Да, есть.", dedup_key=f"m{owed.message_id}")
    await world.write(receive_event, channel, world.channel_id, echo)
    await world.write(mark_sent, Actor.system(), owed, [name])
    bounce = StatusChanged(name, "failed", error="550 No such user", error_code="rejected")
    await world.write(receive_event, channel, world.channel_id, bounce)
    assert [tuple(row) for row in await world.rows(select(Delivery.state, Delivery.error))] == [
        ("failed", "550 No such user")
    ]
    assert len(await world.rows(select(Message.id).where(Message.kind == "outgoing"))) == 1


async def test_the_whole_letter_is_kept_with_its_message(world: World) -> None:
    await become_mailbox(world)
    letter = await writes(world, "Есть стол?", "1@x.ru", subject="Стол")
    kept = await world.read(kept_original, world.actor("Анна"), letter)
    assert kept.body == b"letter 1@x.ru"
    other = await world.client_writes("без письма", address="x@x.ru")
    with pytest.raises(NotFound):
        await world.read(kept_original, world.actor("Анна"), other)


async def test_a_letter_in_two_folders_is_one(world: World) -> None:
    await become_mailbox(world)
    await writes(world, "Есть стол?", "1@x.ru")
    arrived = MessageReceived("marina@x.ru", "<1@x.ru> marina@x.ru", "Есть стол?", original=True)
    raw = RawRequest("another key", {}, b"the same", world.clock.now())
    await world.write(ingest, Actor.channel(world.channel_id), world.channel_id, raw, (arrived,))
    assert len(await world.rows(select(Message.id).where(Message.kind == "incoming"))) == 1
    assert len(await world.rows(select(Conversation.id))) == 1
    assert len(await world.rows(select(Inbound.id))) == 2
