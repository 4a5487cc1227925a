"""Short links, the links of the site's pages, and the page where links are made."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sqlalchemy import insert, select, update

from connectors.contract import Referral, Started
from inbox.actions.receive_changes import receive_event
from inbox.models import Channel, Click, EntryLink, LeadSource, Touch
from inbox.rules.permissions import Actor
from tests.desk import Desk

TOKEN = "7000001:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"


async def bot(desk: Desk, name: str = "dubrava_bot") -> int:
    """A connected bot whose name is known."""
    values = {
        "kind": "telegram", "name": "Бот", "token": "bot-channel", "config": {"token": TOKEN, "username": name},
        "created_at": desk.world.clock.now(),
    }  # fmt: skip
    return await desk.world.write(lambda tx: int(tx.execute(insert(Channel), values).inserted_primary_key[0]))


async def chat_key(desk: Desk) -> str:
    """A connected site chat."""
    values = {
        "kind": "widget",
        "name": "Сайт",
        "token": "site-chat",
        "config": {},
        "created_at": desk.world.clock.now(),
    }
    await desk.world.write(lambda tx: tx.execute(insert(Channel), values))
    return "site-chat"


def form(channel_id: int, **fields: str) -> dict[str, str]:
    return {"name": "Листовка, осень", "channel_id": str(channel_id), "slug": "", **fields}


def start(location: str) -> str:
    return parse_qs(urlsplit(location).query)["start"][0]


async def sources(desk: Desk) -> list[tuple[Any, ...]]:
    statement = select(LeadSource.kind, LeadSource.source, LeadSource.campaign, Touch.click_id, Touch.confidence)
    return [tuple(row) for row in await desk.world.rows(statement.join(Touch, Touch.lead_source_id == LeadSource.id))]


async def test_a_client_of_a_link_has_its_source(desk: Desk) -> None:
    channel_id = await bot(desk)
    manager, client = await desk.browser("Борис"), await desk.stranger()
    made = await manager.post("/settings/links", form(channel_id, source="leaflet"))
    assert made.status == 303
    page = await manager.get("/settings/links")
    short = page.words("code.copyable")[0]
    assert short.endswith("/l/listovka-osen")
    followed = await client.get("/l/listovka-osen?yclid=77", Referer="https://ya.ru/")
    assert followed.status == 302
    assert followed.location.startswith("https://t.me/dubrava_bot?start=")
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", start(followed.location))
    started = Started("555", None, Referral(token=start(followed.location)))
    await desk.world.write(receive_event, Actor.channel(channel_id), channel_id, started)
    assert await sources(desk) == [("ad", "leaflet", "Листовка, осень", "77", "exact")]
    assert (await manager.get("/settings/links")).words("td.number") == ["1", "1"]


async def test_what_is_prefetched_or_hammered_is_sent_on_without_a_line(desk: Desk) -> None:
    channel_id = await bot(desk)
    manager, client = await desk.browser("Борис"), await desk.stranger()
    await manager.post("/settings/links", form(channel_id, slug="autumn"))
    quiet = await client.get("/l/autumn", **{"Sec-Purpose": "prefetch;prerender"})
    assert quiet.location == "https://t.me/dubrava_bot?start=autumn"
    assert await desk.world.rows(select(Click.id)) == []
    answers = [await client.get("/l/AUTUMN") for _ in range(40)]
    assert {answer.status for answer in answers} == {302}
    assert len(await desk.world.rows(select(Click.id))) == 30


async def test_mistakes_stand_at_their_fields(desk: Desk) -> None:
    channel_id = await bot(desk)
    manager = await desk.browser("Борис")
    await manager.post("/settings/links", form(channel_id, slug="taken"))
    refused = await manager.post("/settings/links", form(999, name=" ", slug="Осень!"))
    assert refused.status == 422
    assert refused.tree.css_first("#slug-error") is not None
    assert refused.tree.css_first("#name-error") is not None
    assert (await manager.post("/settings/links", form(channel_id, slug="taken"))).status == 422
    # The world's own channel is a system, which nobody can be led into.
    assert (await manager.post("/settings/links", form(desk.world.channel_id))).status == 422


async def test_a_removed_link_or_channel_leads_nowhere_in_words(desk: Desk) -> None:
    channel_id = await bot(desk)
    manager, client = await desk.browser("Борис"), await desk.stranger()
    for slug in ("one", "two"):
        await manager.post("/settings/links", form(channel_id, slug=slug))
    link = (await desk.world.rows(select(EntryLink.id).where(EntryLink.slug == "one")))[0].id
    assert (await manager.post(f"/settings/links/{link}/removal")).status == 303
    assert (await client.get("/l/one")).status == 404
    await desk.world.write(lambda tx: tx.execute(update(Channel).values(removed_at=tx.now)))
    gone = await client.get("/l/two")
    assert gone.status == 404
    assert "</html>" in gone.text
    assert (await client.get("/l/nobody")).status == 404


async def test_the_code_of_a_link_is_a_picture(desk: Desk) -> None:
    channel_id = await bot(desk)
    manager = await desk.browser("Борис")
    await manager.post("/settings/links", form(channel_id, slug="autumn"))
    link = (await desk.world.rows(select(EntryLink.id)))[0].id
    svg = await manager.get(f"/settings/links/{link}/code.svg")
    assert "<svg" in svg.text
    assert svg.headers["Content-Type"] == "image/svg+xml"
    assert (await manager.get(f"/settings/links/{link}/code.png")).headers["Content-Type"] == "image/png"
    assert (await manager.get(f"/settings/links/{link}/code.gif")).status == 404


async def test_a_messengers_link_on_the_site_is_attributed(desk: Desk) -> None:
    channel_id, key = await bot(desk), await chat_key(desk)
    client = await desk.stranger()
    there = f"/go/{key}?to=https%3A%2F%2Ft.me%2FDubrava_Bot&page=https%3A%2F%2Fshop.example%2Fprice"
    there += "&land=https%3A%2F%2Fshop.example%2F%3Futm_source%3Dvk%26utm_campaign%3Dstoly&ym=169"
    followed = await client.get(there)
    assert followed.location.startswith("https://t.me/dubrava_bot?start=")
    started = Started("555", None, Referral(token=start(followed.location)))
    await desk.world.write(receive_event, Actor.channel(channel_id), channel_id, started)
    assert await sources(desk) == [("utm", "vk", "stoly", None, "exact")]


async def test_the_way_of_the_site_leads_nowhere_else(desk: Desk) -> None:
    await bot(desk)
    key = await chat_key(desk)
    client = await desk.stranger()
    for to in ("https://evil.example/", "https://t.me/other_bot", "javascript:alert(1)", "//[", ""):
        assert (await client.get(f"/go/{key}")).status == 404
        assert (await client.get(f"/go/{key}?to={to}")).status == 404, to
    assert (await client.get("/go/nobody?to=https://t.me/dubrava_bot")).status == 404


async def test_the_loader_marks_links_only_when_it_is_asked_to(desk: Desk) -> None:
    await bot(desk)
    key = await chat_key(desk)
    client = await desk.stranger()
    assert "t.me/dubrava_bot" not in (await client.get(f"/widget/loader.js?key={key}")).text
    marked = update(Channel).where(Channel.token == key).values(config={"mark_links": True})
    await desk.world.write(lambda tx: tx.execute(marked))
    assert '"t.me/dubrava_bot"' in (await client.get(f"/widget/loader.js?key={key}")).text
