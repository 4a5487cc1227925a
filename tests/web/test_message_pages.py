"""Changing one message over HTTP, a shared phone, and the client's picture."""

from __future__ import annotations

from collections.abc import AsyncIterator

from sqlalchemy import select, update

from connectors.contract import Card, CardKind
from inbox.actions.profiles import keep_picture
from inbox.models import Contact, Delivery, Message
from inbox.rules.permissions import Actor
from inbox.web.visit import RESOURCES
from tests.desk import Desk

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


async def test_ones_own_answer_is_edited_and_taken_back(desk: Desk) -> None:
    world = desk.world
    message_id = await world.agent_replies(await world.conversation_of(await world.client_writes()))
    await world.write(lambda tx: tx.execute(update(Delivery).values(state="failed")))
    anna, gleb = await desk.browser("Анна"), await desk.browser("Глеб")
    partial = {"HX-Request": "true"}
    assert (await gleb.post(f"/messages/{message_id}/deletion", **partial)).status == 403
    refused = await anna.post(f"/messages/{message_id}", {"text": "  "}, **partial)
    assert refused.status == 422
    assert "Напишите" in refused.text
    gone = await anna.post(f"/messages/{message_id}/deletion", **partial)
    assert gone.status == 200
    assert "Сообщение удалено" in gone.text
    assert (await anna.post("/messages/999999/deletion", **partial)).status == 404
    assert (await anna.post("/messages/x/reaction", {"emoji": "👍"}, **partial)).status == 404


async def test_a_shared_phone_goes_into_the_card(desk: Desk) -> None:
    world = desk.world
    shared = await world.client_writes("", cards=(Card(CardKind.PERSON, "Олег", phone="8 917 123-45-67"),))
    plain = await world.client_writes("без телефона")
    anna = await desk.browser("Анна")
    assert (await anna.post(f"/messages/{plain}/phone", **{"HX-Request": "true"})).status == 404
    assert (await anna.post(f"/messages/{shared}/phone", **{"HX-Request": "true"})).status == 204
    assert (await world.rows(select(Contact.phone)))[0].phone == "+79171234567"


async def test_an_answer_quotes_only_its_own_dialog(desk: Desk) -> None:
    world = desk.world
    quoted = await world.client_writes("Сколько стоит?")
    other = await world.client_writes("Другой", address="oleg")
    conversation = await world.conversation_of(quoted)
    anna = await desk.browser("Анна")
    for client_id, answered in (("a-1", quoted), ("a-2", other)):
        form = {"client_id": client_id, "text": "48 000", "seen_message_id": "999", "reply_to_id": str(answered)}
        assert (await anna.post(f"/conversations/{conversation}/messages", form)).status == 303
    rows = await world.rows(select(Message.reply_to_id).where(Message.kind == "outgoing").order_by(Message.id))
    assert [row.reply_to_id for row in rows] == [quoted, None]


async def test_the_picture_of_a_client_is_shown_to_staff(desk: Desk) -> None:
    world = desk.world
    conversation = await world.conversation_of(await world.client_writes())
    anna, stranger = await desk.browser("Анна"), await desk.stranger()
    assert (await anna.get("/contacts/1/picture")).status == 404

    async def bytes_of_it() -> AsyncIterator[bytes]:
        yield PNG

    blob = await desk.app[RESOURCES].blobs.store(bytes_of_it(), 10_000)
    await world.write(keep_picture, Actor.system(), 1, blob.key)
    page = await anna.get(f"/conversations/{conversation}")
    address = str(page.tree.css_first("#dialog-head .avatar img").attributes["src"])
    assert (await anna.get(address)).status == 200
    assert (await stranger.get(address)).status == 303
