"""A client writes to a bot of MAX, an agent answers, and everything arrives once, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from inbox.models import LeadSource
from tests.connectors.company import PUBLIC, open_company
from tests.platforms.loopback import running
from tests.platforms.max import TOKEN, Max
from tests.world import World


async def test_max_calls_us_and_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Max(trouble=0.5)) as platform, open_company(world, tmp_path) as company:
        platform.reach, platform.repeat = company.reach, 2
        page = await company.connect("max", token=TOKEN, base_url=platform.url)
        (url,) = platform.subscriptions
        assert url.startswith(f"{PUBLIC}/hooks/max/")
        secret = platform.subscriptions[url]["secret"]
        assert "Дубрава" in (await company.vera.get(page)).words(".facts-list dd")

        platform.starts("autumn_sale")
        platform.files["photo"] = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
        platform.writes("Стол 220 есть в дубе?", [{"type": "image", "payload": {"url": f"{platform.url}/files/photo"}}])
        edited = platform.writes("И сколько стоит?")
        platform.tell(
            "message_edited",
            message={
                "sender": platform.dialog().user,
                "recipient": {"chat_id": 182182182, "chat_type": "dialog"},
                "body": {"mid": edited, "text": "Сколько стоит?"},
            },
        )
        await platform.call_back()
        await company.care()
        assert await company.messages() == [
            ("incoming", "Стол 220 есть в дубе?", False),
            ("incoming", "Сколько стоит?", False),
        ]
        assert await company.files() == [("image", "ready")]
        client = await company.contact()
        assert (client.name, client.external_id, client.stopped_at) == ("Марина Ким", "182182182", None)
        assert [row.content for row in await world.rows(select(LeadSource.content))] == ["autumn_sale"]
        assert all(secret not in f"{row.body!r} {row.headers}" for row in await company.journal())

        conversation = await company.conversation_id()
        texts = [f"Ответ {number}" for number in range(6)]
        ids = [await world.agent_replies(conversation, text) for text in texts]
        assert await company.hand_over() == ["sent"] * 6
        assert platform.dialog().texts() == texts
        await company.edit(ids[-1], "Ответ с правкой")
        await company.take_back(ids[0])
        await company.hand_over()
        assert platform.dialog().texts() == [*texts[1:-1], "Ответ с правкой"]

        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert platform.subscriptions == {}


async def test_an_answer_whose_confirmation_was_lost_is_for_the_agent_to_decide(world: World, tmp_path: Path) -> None:
    async with running(Max()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("max", token=TOKEN, base_url=platform.url)
        platform.writes("Здравствуйте")
        await platform.call_back()
        platform.refuse("/messages", platform.lose_the_answer())
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["unknown"]
        assert platform.dialog().texts() == []


async def test_we_ask_max_where_nobody_can_call_us(world: World, tmp_path: Path) -> None:
    async with running(Max()) as platform, open_company(world, tmp_path, "") as company:
        await company.connect("max", token=TOKEN, base_url=platform.url)
        platform.writes("Вы ещё работаете?")
        said = await company.poll_until(lambda said: len(said) == 1)
        assert said == [("incoming", "Вы ещё работаете?", False)]
        await world.agent_replies(await company.conversation_id(), "Да, до восьми")
        assert await company.hand_over() == ["sent"]
        platform.writes("Спасибо")
        assert len(await company.poll_until(lambda said: len(said) == 3)) == 3
        assert await company.waiting() == 1


async def test_a_client_who_stops_the_bot_is_told_and_comes_back(world: World, tmp_path: Path) -> None:
    async with running(Max()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("max", token=TOKEN, base_url=platform.url)
        platform.writes("Здравствуйте")
        await platform.call_back()
        platform.dialog().suspended = True
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["failed"]
        assert (await company.contact()).stopped_at is not None
        platform.starts()
        await platform.call_back()
        assert (await company.contact()).stopped_at is None
        platform.tell("bot_stopped", chat_id=182182182, user=platform.dialog().user)
        await platform.call_back()
        assert (await company.contact()).stopped_at is not None
        platform.starts()
        await platform.call_back()
        assert (await company.contact()).stopped_at is None
