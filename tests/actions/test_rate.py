"""A rating is asked for once, after an answer and inside the window; a digit is kept and wakes nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from inbox.actions.company import change_company
from inbox.actions.resolve import reopen, resolve
from inbox.models import Address, Conversation, Delivery, Message, Turn
from inbox.queries.contact_card import contact_card
from inbox.queries.turn_recount import turn_differences
from inbox.rules.permissions import Actor
from tests.servers_fixtures import both_databases
from tests.world import World

pytestmark = both_databases


async def resolved(world: World, *, asks: bool = True, answered: bool = True) -> int:
    if asks:
        await world.write(change_company, world.actor("Вера"), {"asks_rating": True})
    conversation_id = await world.conversation_of(await world.client_writes("Есть столы?"))
    if answered:
        await world.agent_replies(conversation_id)
    await world.write(resolve, world.actor("Анна"), conversation_id)
    return conversation_id


async def said(world: World, kind: str) -> list[str]:
    rows = await world.rows(select(Message.text).where(Message.kind == kind).order_by(Message.id))
    return [row[0] for row in rows]


async def counted(world: World, model: Any) -> int:
    return int((await world.rows(select(func.count()).select_from(model)))[0][0])


async def recount(world: World) -> list[str]:
    return await world.read(turn_differences, lambda done, total: None)


async def test_a_digit_is_kept_and_opens_nothing(world: World) -> None:
    conversation_id = await resolved(world)
    assert (await said(world, "outgoing"))[-1].startswith("Как мы справились?")
    await world.client_writes("5")
    row = await world.conversation(conversation_id)
    assert (row.status, row.rating, row.rating_comment, row.waiting_since) == ("resolved", 5, None, None)
    assert (await said(world, "incoming"))[-1] == "5"
    assert await counted(world, Turn) == 1
    assert await recount(world) == []
    card = await world.read(contact_card, world.actor("Анна"), conversation_id)
    assert card.rating == 5
    # Another digit is a message like any other.
    await world.client_writes("4")
    row = await world.conversation(conversation_id)
    assert (row.status, row.rating) == ("open", 5)


async def test_praise_wakes_nobody(world: World) -> None:
    conversation_id = await resolved(world)
    await world.client_writes("5, спасибо, всё быстро")
    row = await world.conversation(conversation_id)
    assert (row.status, row.rating, row.rating_comment) == ("resolved", 5, "спасибо, всё быстро")
    assert (await said(world, "incoming"))[-1] == "5, спасибо, всё быстро"
    assert await counted(world, Turn) == 1
    assert await recount(world) == []


async def test_a_complaint_is_kept_and_answered_too(world: World) -> None:
    conversation_id = await resolved(world)
    await world.client_writes("2, долго отвечали. А стулья есть?")
    row = await world.conversation(conversation_id)
    assert (row.status, row.rating, row.rating_comment) == ("open", 2, "долго отвечали. А стулья есть?")
    assert await counted(world, Turn) == 2
    assert await recount(world) == []


async def test_it_is_asked_once(world: World) -> None:
    conversation_id = await resolved(world)
    await world.write(reopen, world.actor("Анна"), conversation_id)
    await world.write(resolve, world.actor("Анна"), conversation_id)
    assert len(await said(world, "outgoing")) == 2


@pytest.mark.parametrize("reason", ["off", "ignored", "stopped", "window"])
async def test_it_is_not_asked_when_out_of_place(world: World, reason: str) -> None:
    if reason in ("stopped", "window"):
        await world.write(change_company, world.actor("Вера"), {"asks_rating": True})
        conversation_id = await world.conversation_of(await world.client_writes("Есть столы?"))
        await world.agent_replies(conversation_id)
        moment = world.clock.now()
        values = {"stopped_at": moment} if reason == "stopped" else {"reply_until": moment - timedelta(seconds=1)}
        await world.write(lambda tx: tx.execute(update(Address).values(**values)) and None)
        await world.write(resolve, world.actor("Анна"), conversation_id)
    else:
        conversation_id = await resolved(world, asks=reason != "off", answered=reason != "ignored")
    assert (await world.conversation(conversation_id)).rating_asked_at is None
    assert len(await said(world, "outgoing")) == (0 if reason == "ignored" else 1)


async def test_a_digit_days_later_is_a_message(world: World) -> None:
    conversation_id = await resolved(world)
    world.clock.advance(days=3)
    await world.client_writes("5")
    assert (await world.conversation(conversation_id)).rating is None
    assert await counted(world, Conversation) == 2
    assert await counted(world, Delivery) == 2
    assert Actor.system().agent_id is None
