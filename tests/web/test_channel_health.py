"""The page of a channel tells how it does, and its journal can be searched; the rail says that somebody is needed."""

from __future__ import annotations

import json

from sqlalchemy import insert, select

from inbox.actions.channels import remove_channel, set_channel_state
from inbox.actions.ingest import RawRequest, ingest
from inbox.models import Address, Channel, ChannelLog, Delivery
from inbox.rules.permissions import Actor
from tests.desk import Desk

_SYSTEM = Actor.system()


async def body(desk: Desk, channel_id: int, key: str, text: bytes, error: str | None = None) -> None:
    raw = RawRequest(key, {}, text, desk.world.clock.now())
    await desk.world.write(ingest, Actor.channel(channel_id), channel_id, raw, (), error)


async def other_channel(desk: Desk) -> int:
    """A channel that the worker leaves alone: checked a moment ago, and nothing is owed on it."""
    now = desk.world.clock.now()
    values = {"kind": "api", "name": "Склад", "token": "stock", "config": {}, "created_at": now, "checked_at": now}
    return await desk.world.write(lambda tx: int(tx.execute(insert(Channel), values).inserted_primary_key[0]))


async def test_the_page_tells_how_the_channel_does(desk: Desk) -> None:
    world = desk.world
    message_id = await world.client_writes()
    address = (await world.rows(select(Address.id)))[0].id
    channel_id = await other_channel(desk)
    delivery = {"message_id": message_id, "channel_id": channel_id, "address_id": address, "state": "failed"}
    log = {
        "channel_id": channel_id, "at": world.clock.now(), "summary": "send", "error": "адрес отказал",
        "request": "Первый ответ", "response": "", "duration_ms": 42,
    }  # fmt: skip
    await world.write(lambda tx: tx.execute(insert(Delivery), {**delivery, "created_at": tx.now}))
    await world.write(lambda tx: tx.execute(insert(ChannelLog), log))
    await body(desk, channel_id, "bad", b"{", "the body is not JSON")
    admin = await desk.browser("Вера")
    page = await admin.get(f"/settings/channels/{channel_id}")
    told = dict(zip(page.words("#channel-health dt"), page.words("#channel-health dd"), strict=True))
    assert told["Не доставлено за сутки"] == "1"
    assert told["Запросов не удалось прочитать"] == "1"
    assert told["Ждут отправки"] == "0"
    unread, sent = page.words("#journal summary")
    assert "тело не в формате JSON" in unread
    assert "адрес отказал" in sent


async def test_the_journal_is_searched_also_in_escaped_letters(desk: Desk) -> None:
    channel_id = await other_channel(desk)
    await body(desk, channel_id, "a", json.dumps({"text": "Стол дубовый"}).encode())
    await body(desk, channel_id, "b", json.dumps({"text": "Стул"}, ensure_ascii=False).encode())
    await body(desk, channel_id, "c", b"\xff\xfe", "the body is not JSON")
    admin = await desk.browser("Вера")
    where = f"/settings/channels/{channel_id}"
    assert len((await admin.get(f"{where}?q=дубовый")).tree.css("#journal details")) == 1
    assert len((await admin.get(f"{where}?q=СТУЛ")).tree.css("#journal details")) == 1
    assert len((await admin.get(f"{where}?q=шкаф")).tree.css("#journal details")) == 0
    assert len((await admin.get(f"{where}?only=failed")).tree.css("#journal details")) == 1
    assert len((await admin.get(where)).tree.css("#journal details")) == 3


async def test_a_broken_channel_is_on_every_page_of_those_who_may_mend_it(desk: Desk) -> None:
    world = desk.world
    admin, agent = await desk.browser("Вера"), await desk.browser("Анна")
    # The world's own channel has no settings, which the first check finds out.
    await world.write(remove_channel, _SYSTEM, world.channel_id)
    channel_id = await other_channel(desk)
    quiet = await admin.get("/inbox/waiting")
    assert "hidden" in quiet.one("#rail-channels").attributes
    await world.write(set_channel_state, _SYSTEM, channel_id, "reconnect", "The token is wrong.")
    for path in ("/inbox/waiting", "/contacts", "/templates"):
        shown = (await admin.get(path)).one("#rail-channels")
        assert "hidden" not in shown.attributes
        assert shown.text() == "1"
    assert (await agent.get("/inbox/waiting")).tree.css_first("#rail-channels") is None
