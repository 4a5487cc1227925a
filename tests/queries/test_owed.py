"""The look that saves the writer: it must see every message and every change that is not decided yet."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update
from sqlalchemy.dialects import sqlite

from inbox.actions.deliver import claim_deliveries
from inbox.models import Amendment, Delivery
from inbox.queries.owed import ANYTHING, anything_owed
from inbox.rules.permissions import Actor
from tests.world import World


async def test_nothing_is_owed_before_somebody_answers(world: World) -> None:
    conversation_id = await world.conversation_of(await world.client_writes())
    assert await world.read(anything_owed) is False
    await world.agent_replies(conversation_id, "Да")
    assert await world.read(anything_owed) is True


@pytest.mark.parametrize(("state", "owed"), {"sending": True, "sent": False, "failed": False, "unknown": False}.items())
async def test_a_message_is_owed_until_it_is_decided(world: World, state: str, owed: bool) -> None:
    await world.agent_replies(await world.conversation_of(await world.client_writes()), "Да")
    await world.write(claim_deliveries, Actor.system())
    await world.write(lambda tx: tx.execute(update(Delivery).values(state=state)))
    assert await world.read(anything_owed) is owed


@pytest.mark.parametrize(("state", "owed"), {"queued": True, "sending": True, "sent": False, "failed": False}.items())
async def test_a_change_is_owed_like_a_message(world: World, state: str, owed: bool) -> None:
    message_id = await world.agent_replies(await world.conversation_of(await world.client_writes()), "Да")
    await world.write(lambda tx: tx.execute(update(Delivery).values(state="sent")))
    address_id = (await world.rows(select(Delivery.address_id)))[0].address_id
    now = world.clock.now()
    change = {"message_id": message_id, "channel_id": world.channel_id, "address_id": address_id, "kind": "edit"}
    row = {**change, "text": "Нет", "state": state, "created_at": now, "next_attempt_at": now}
    await world.write(lambda tx: tx.execute(Amendment.__table__.insert(), row))
    assert await world.read(anything_owed) is owed


async def test_only_the_small_indexes_are_read(world: World) -> None:
    text = str(ANYTHING.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    plan = await world.read(lambda tx: tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}").all())
    scans = sorted(step[3] for step in plan if step[3].startswith(("SCAN", "SEARCH")))
    assert [scan.rpartition(" ")[2] for scan in scans if "CONSTANT" not in scan] == [
        "ix_amendment_owed",
        "ix_delivery_owed",
    ]
