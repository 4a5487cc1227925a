"""Changing what was sent: who may, what the channel must be able to, and the order in which it goes out."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from connectors.contract import Rejected, Throttled
from inbox.actions.amend import delete_reply, edit_reply, react
from inbox.actions.deliver import claim_deliveries, mark_sent
from inbox.actions.deliver_amendments import claim_amendments, settle_amendment
from inbox.models import Amendment, Delivery, Message
from inbox.rules.errors import Conflict, Invalid, NotAllowed
from inbox.rules.permissions import Actor
from tests.world import World

_SYSTEM = Actor.system()


async def answered(world: World, text: str = "Завтра привезём") -> int:
    return await world.agent_replies(await world.conversation_of(await world.client_writes()), text)


async def owe(world: World, message_id: int, kind: str, text: str = "") -> None:
    """A change as a channel with that ability would owe it; the world's own channel has none."""

    def put(tx: object) -> None:
        tx.execute(  # type: ignore[attr-defined]
            Amendment.__table__.insert().values(
                message_id=message_id, channel_id=world.channel_id, address_id=1, kind=kind, text=text, state="queued",
                created_at=world.clock.now(), next_attempt_at=world.clock.now(),
            )
        )  # fmt: skip

    await world.write(put)


async def test_what_has_not_gone_out_is_changed_in_place(world: World) -> None:
    message_id = await answered(world)
    await world.write(edit_reply, world.actor("Анна"), message_id, "  Послезавтра привезём ")
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    assert owed.text == "Послезавтра привезём"
    assert await world.rows(select(Amendment.id)) == []


async def test_what_has_not_gone_out_is_taken_back_whole(world: World) -> None:
    message_id = await answered(world)
    await world.write(delete_reply, world.actor("Анна"), message_id)
    assert await world.write(claim_deliveries, _SYSTEM) == []
    assert await world.rows(select(Delivery.id)) == []
    gone = await world.rows(select(Message.deleted_at).where(Message.id == message_id))
    assert gone[0].deleted_at == world.clock.now()


async def test_nobody_changes_the_answer_of_another(world: World) -> None:
    message_id = await answered(world)
    for action in (edit_reply, delete_reply):
        more = ("чужое",) if action is edit_reply else ()
        with pytest.raises(NotAllowed):
            await world.write(action, world.actor("Глеб"), message_id, *more)


async def test_a_message_on_its_way_is_left_alone(world: World) -> None:
    message_id = await answered(world)
    await world.write(claim_deliveries, _SYSTEM)
    with pytest.raises(Conflict):
        await world.write(edit_reply, world.actor("Анна"), message_id, "иначе")


async def test_a_channel_that_cannot_says_so(world: World) -> None:
    message_id = await answered(world)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await world.write(mark_sent, _SYSTEM, owed, ("out",))
    with pytest.raises(Invalid, match="cannot change"):
        await world.write(edit_reply, world.actor("Анна"), message_id, "иначе")
    with pytest.raises(Invalid, match="cannot take"):
        await world.write(delete_reply, world.actor("Анна"), message_id)
    incoming = await world.client_writes("спасибо")
    with pytest.raises(Invalid, match="cannot be reacted"):
        await world.write(react, world.actor("Анна"), incoming, "👍")


async def test_changes_wait_for_their_message_and_for_each_other(world: World) -> None:
    message_id = await answered(world)
    await owe(world, message_id, "edit", "раз")
    await owe(world, message_id, "edit", "два")
    assert await world.write(claim_amendments, _SYSTEM) == []
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await world.write(mark_sent, _SYSTEM, owed, ("out-1", "out-2"))
    (first,) = await world.write(claim_amendments, _SYSTEM)
    assert (first.text, first.external_ids, first.address) == ("раз", ("out-1", "out-2"), "marina")
    assert await world.write(claim_amendments, _SYSTEM) == []
    await world.write(settle_amendment, _SYSTEM, first, None, 0.0)
    (second,) = await world.write(claim_amendments, _SYSTEM)
    assert second.text == "два"


async def test_a_change_is_tried_again_and_its_failure_is_kept_in_words(world: World) -> None:
    message_id = await answered(world)
    (owed,) = await world.write(claim_deliveries, _SYSTEM)
    await world.write(mark_sent, _SYSTEM, owed, ("out",))
    await owe(world, message_id, "delete")
    (change,) = await world.write(claim_amendments, _SYSTEM)
    await world.write(settle_amendment, _SYSTEM, change, Throttled("подождите", 30), 0.0)
    world.clock.advance(seconds=20)
    assert await world.write(claim_amendments, _SYSTEM) == []
    world.clock.advance(seconds=11)
    (again,) = await world.write(claim_amendments, _SYSTEM)
    await world.write(settle_amendment, _SYSTEM, again, Rejected("слишком поздно"), 0.0)
    assert (await world.rows(select(Amendment.state, Amendment.error)))[0] == ("failed", "слишком поздно")
