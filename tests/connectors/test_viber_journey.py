"""A client writes to a bot of Viber, an agent answers, and everything arrives once, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from inbox.models import LeadSource
from inbox.rules.errors import Invalid
from tests.connectors.company import PUBLIC, open_company
from tests.platforms.loopback import running
from tests.platforms.viber import TOKEN, Viber
from tests.world import World


async def test_viber_calls_us_and_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Viber(trouble=0.4)) as platform, open_company(world, tmp_path) as company:
        platform.reach, platform.repeat = company.reach, 2
        page = await company.connect("viber", token=TOKEN, base_url=platform.url, welcome="Чем помочь?")
        assert platform.webhook.startswith(f"{PUBLIC}/hooks/viber/"), "set while the channel was saved"
        assert "Дубрава" in (await company.vera.get(page)).words(".facts-list dd")

        await platform.opens("autumn_sale")
        assert [words["text"] for words in platform.welcomes] == ["Чем помочь?"] * 2
        assert await company.waiting() == 0
        platform.files |= {"photo": b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "face": b"\x89PNG\r\n\x1a\n" + b"\1" * 64}
        await platform.writes("Стол 220 есть в дубе?")
        await platform.writes("Вот такой", type="picture", media=f"{platform.url}/files/photo")
        await company.care()
        assert await company.messages() == [
            ("incoming", "Стол 220 есть в дубе?", False),
            ("incoming", "Вот такой", False),
        ]
        assert await company.files() == [("image", "ready")]
        client = await company.contact()
        assert (client.name, client.external_id, client.picture_key is not None) == (
            "Марина Ким",
            "01234567890A=",
            True,
        )
        assert [row.content for row in await world.rows(select(LeadSource.content))] == ["autumn_sale"]
        assert all(TOKEN not in f"{row.body!r} {row.headers}" for row in await company.journal())

        conversation = await company.conversation_id()
        texts = [f"Ответ {number}" for number in range(4)]
        for text in texts:
            await world.agent_replies(conversation, text)
        assert await company.hand_over() == ["sent"] * 4
        assert platform.client.texts() == texts
        first, second, third, _ = platform.client.messages
        await platform.reached("seen", first)
        await platform.reached("delivered", first)
        await platform.reached("delivered", second)
        await platform.reached("failed", third, desc="The client has left")
        assert await company.states() == ["read", "delivered", "failed", "sent"]

        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert platform.webhook == ""


async def test_a_client_who_leaves_is_told_and_comes_back(world: World, tmp_path: Path) -> None:
    async with running(Viber()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("viber", token=TOKEN, base_url=platform.url)
        await platform.writes("Здравствуйте")
        assert platform.welcomes == []
        await platform.leaves()
        assert (await company.contact()).stopped_at is not None
        await platform.writes("Я снова тут")
        assert (await company.contact()).stopped_at is None
        platform.client.subscribed = False
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["failed"]
        assert (await company.contact()).stopped_at is not None


async def test_an_answer_whose_confirmation_was_lost_is_for_the_agent_to_decide(world: World, tmp_path: Path) -> None:
    async with running(Viber()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("viber", token=TOKEN, base_url=platform.url)
        await platform.writes("Здравствуйте")
        platform.refuse("send_message", platform.lose_the_answer())
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["unknown"]
        assert platform.client.texts() == []


async def test_the_session_ends_a_day_after_the_last_message(world: World, tmp_path: Path) -> None:
    async with running(Viber()) as platform, open_company(world, tmp_path) as company:
        platform.reach = company.reach
        await company.connect("viber", token=TOKEN, base_url=platform.url)
        await platform.writes("Здравствуйте")
        conversation = await company.conversation_id()
        world.clock.advance(hours=23, minutes=58)
        await world.agent_replies(conversation, "Добрый день")
        world.clock.advance(minutes=2)
        with pytest.raises(Invalid):
            await world.agent_replies(conversation, "Вы ещё здесь?")
        assert await company.hand_over() == ["sent"]
