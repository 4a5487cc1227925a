"""A client asks about a listing at Avito, an agent answers, and everything arrives once, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from inbox.models import LeadSource, MessageCard
from tests.connectors.company import PUBLIC, open_company
from tests.platforms.avito import ACCOUNT, CLIENT_ID, CLIENT_SECRET, LISTING, Avito
from tests.platforms.loopback import running
from tests.world import World

KEYS = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}


async def test_avito_calls_us_and_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Avito()) as platform, open_company(world, tmp_path) as company:
        platform.reach, platform.repeat = company.reach, 2
        page = await company.connect("avito", base_url=platform.url, **KEYS)
        (url,) = platform.hooks
        assert url.startswith(f"{PUBLIC}/hooks/avito/")
        key = url.partition("key=")[2]
        shown = await company.vera.get(page)
        assert "Дубрава" in shown.words(".facts-list dd")
        assert key not in shown.text

        platform.files["photo"] = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
        platform.writes("Стол ещё продаёте?")
        platform.writes(kind="image", image={"sizes": {"640x480": f"{platform.url}/files/photo"}})
        await platform.call_back()
        await company.care()
        assert await company.messages() == [("incoming", "Стол ещё продаёте?", False), ("incoming", "", False)]
        assert await company.files() == [("image", "ready")]
        assert (await company.contact()).name == "Марина"
        sources = await world.rows(select(LeadSource.kind, LeadSource.source, LeadSource.content))
        assert ("listing", "avito", str(LISTING["id"])) in [tuple(row) for row in sources]
        cards = await world.rows(select(MessageCard.title, MessageCard.text, MessageCard.url))
        assert [tuple(row) for row in cards] == [(LISTING["title"], LISTING["price_string"], LISTING["url"])]
        assert all(key not in f"{row.body!r} {row.headers}" for row in await company.journal())

        # Our own answer is told by the webhook before our request is answered, and changes nothing.
        platform.echo = True
        conversation = await company.conversation_id()
        await world.agent_replies(conversation, "Да, продаём")
        await world.agent_replies(conversation, "ы" * 1500)
        assert await company.hand_over() == ["sent", "sent"]
        assert platform.dialog().texts() == ["Да, продаём", "ы" * 1000, "ы" * 500]
        assert len(await company.messages()) == 4

        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert platform.hooks == []


async def test_an_answer_typed_in_avito_ends_the_wait(world: World, tmp_path: Path) -> None:
    async with running(Avito()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("avito", base_url=platform.url, **KEYS)
        platform.writes("Стол ещё продаёте?")
        await platform.call_back()
        assert await company.waiting() == 1
        platform.writes("Да", author=ACCOUNT)
        await platform.call_back()
        assert await company.waiting() == 0
        assert (await company.messages())[-1] == ("outgoing", "Да", True)


async def test_an_answer_whose_confirmation_was_lost_is_proved_by_its_echo(world: World, tmp_path: Path) -> None:
    async with running(Avito()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("avito", base_url=platform.url, **KEYS)
        platform.writes("Здравствуйте")
        await platform.call_back()
        platform.lose_the_answer("/messages")
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["unknown"]
        await platform.call_back()
        assert await company.states() == ["sent"]
        assert [text for _, text, _ in await company.messages()] == ["Здравствуйте", "Добрый день"]


async def test_we_ask_avito_where_nobody_can_call_us(world: World, tmp_path: Path) -> None:
    async with running(Avito()) as platform, open_company(world, tmp_path, "") as company:
        platform.writes("Это было до нас")
        await company.connect("avito", base_url=platform.url, **KEYS)
        platform.writes("Вы ещё работаете?")
        said = await company.poll_until(lambda said: len(said) == 1)
        assert said == [("incoming", "Вы ещё работаете?", False)]
        await world.agent_replies(await company.conversation_id(), "Да, до восьми")
        assert await company.hand_over() == ["sent"]
        platform.writes("Спасибо")
        # The answer is among the news too, and is known.
        assert len(await company.poll_until(lambda said: len(said) == 3)) == 3
        assert await company.waiting() == 1
