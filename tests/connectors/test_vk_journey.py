"""A client of a VK community writes, an agent answers, and everything arrives once, whatever fails on the way."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from inbox.actions.entry_links import LinkDraft, add_link, note_click
from inbox.models import Channel, LeadSource
from inbox.rules.attribution import touch_from_visit
from inbox.rules.permissions import Actor
from tests.connectors.company import PUBLIC, open_company
from tests.platforms.loopback import Answer, Fault, running
from tests.platforms.vk import TOKEN, Vk, failure
from tests.world import World


async def test_vk_calls_us_and_everything_arrives_once(world: World, tmp_path: Path) -> None:
    async with running(Vk(trouble=0.4)) as vk, open_company(world, tmp_path) as company:
        vk.reach, vk.repeat = company.reach, 2
        page = await company.connect("vk", token=TOKEN, base_url=vk.url)
        (server,) = vk.servers.values()
        assert (server.status, server.title) == ("ok", "Inbox")
        assert server.url.startswith(f"{PUBLIC}/hooks/vk/")
        assert server.settings["api_version"] == "5.199"
        assert "Дубрава" in (await company.vera.get(page)).words(".facts-list dd")

        mark = await marked_click(world)
        vk.writes("Стол 220 есть в дубе?", ref=mark, attachments=[photo(vk)])
        vk.writes("И сколько стоит?")
        await vk.call_back()
        await company.care()
        assert await company.messages() == [
            ("incoming", "Стол 220 есть в дубе?", False),
            ("incoming", "И сколько стоит?", False),
        ]
        assert await company.files() == [("image", "ready")]
        client = await company.contact()
        assert (client.name, client.external_id) == ("Марина Ким", "700100200")
        assert [row.source for row in await world.rows(select(LeadSource.source))] == ["flyer"]
        assert all(server.secret_key not in f"{row.body!r} {row.headers}" for row in await company.journal())

        conversation = await company.conversation_id()
        texts = [f"Ответ {number}" for number in range(8)]
        ids = [await world.agent_replies(conversation, text) for text in texts]
        assert await company.hand_over() == ["sent"] * 8
        assert vk.dialog().texts() == texts
        await vk.call_back()
        assert len(await company.messages()) == 10
        last = vk.dialog().messages[-1]["conversation_message_id"]
        vk.tell("message_read", {"from_id": 700100200, "peer_id": 700100200, "conversation_message_id": last})
        await vk.call_back()
        assert await company.states() == ["read"] * 8
        await company.edit(ids[-1], "Ответ с правкой")
        await company.take_back(ids[0])
        await company.hand_over()
        assert vk.dialog().texts() == [*texts[1:-1], "Ответ с правкой"]

        assert (await company.vera.post(f"{page}/removal")).status == 303
        assert vk.servers == {}


async def marked_click(world: World) -> str:
    """Somebody clicks a link of the company's that leads to the channel."""
    draft = LinkDraft("Листовка", "flyer", world.channel_id, source="flyer")
    link_id = await world.write(add_link, world.actor("Борис"), draft)
    arrival = touch_from_visit("", "")
    return await world.write(note_click, Actor.system(), world.channel_id, arrival, link_id=link_id)


def photo(vk: Vk) -> dict[str, object]:
    """A photo that the platform has."""
    vk.files["stol"] = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    sizes = [{"type": "x", "width": 604, "height": 453, "url": f"{vk.url}/files/stol"}]
    return {"type": "photo", "photo": {"id": 1, "owner_id": 700100200, "sizes": sizes}}


async def test_we_ask_vk_where_nobody_can_call_us(world: World, tmp_path: Path) -> None:
    async with running(Vk()) as vk, open_company(world, tmp_path, "") as company:
        await company.connect("vk", token=TOKEN, base_url=vk.url)
        assert vk.servers == {}
        assert vk.long_poll["enabled"] == "1"
        vk.writes("Добрый день")
        # What was said before the first poll is not told by VK; from then on nothing is lost.
        await company.poll_until(lambda _said: any(asked.path == "/lp" for asked in vk.asked))
        vk.writes("Вы ещё работаете?")
        vk.refuse("groups.getLongPollServer", Answer(fault=Fault.RESET))
        said = await company.poll_until(lambda said: len(said) == 1)
        assert said == [("incoming", "Вы ещё работаете?", False)]
        assert await company.waiting() == 1

        vk.administrator_answers("Да, до восьми")
        await company.poll_until(lambda said: len(said) == 2)
        assert await company.waiting() == 0
        await world.agent_replies(await company.conversation_id(), "Ждём вас")
        assert await company.hand_over() == ["sent"]
        vk.writes("Спасибо")
        said = await company.poll_until(lambda said: len(said) == 4)
        assert said[1:] == [
            ("outgoing", "Да, до восьми", True),
            ("outgoing", "Ждём вас", False),
            ("incoming", "Спасибо", False),
        ]


async def test_a_client_who_does_not_want_us_and_a_key_that_is_gone_are_told(world: World, tmp_path: Path) -> None:
    async with running(Vk()) as vk, open_company(world, tmp_path) as company:
        vk.reach = company.reach
        page = await company.connect("vk", token=TOKEN, base_url=vk.url)
        vk.writes("Здравствуйте")
        await vk.call_back()
        vk.dialog().refusal = 901
        await world.agent_replies(await company.conversation_id(), "Добрый день")
        assert await company.hand_over() == ["failed"]
        assert (await company.contact()).stopped_at is not None
        vk.tell("message_allow", {"user_id": 700100200, "key": ""})
        await vk.call_back()
        assert (await company.contact()).stopped_at is None

        # VK hears its "ok" also for what cannot be read, or it would say it again and again.
        vk.tell("message_new", {"message": {"text": "?"}})
        await vk.call_back()
        assert [row.error for row in await company.journal() if row.error] == [
            "the body is not as the platform documents it: message.conversation_message_id: Field required"
        ]

        vk.refuse("groups.getById", failure(5))
        await company.vera.post(f"{page}/check")
        shown = await company.vera.get(page)
        assert "VK больше не принимает ключ" in shown.text


async def test_a_server_that_vk_cannot_reach_is_named_again_when_the_channel_is_saved(
    world: World, tmp_path: Path
) -> None:
    async with running(Vk()) as vk, open_company(world, tmp_path) as company:
        page = await company.connect("vk", token=TOKEN, base_url=vk.url)
        (server,) = vk.servers.values()
        assert server.status == "failed"
        assert "VK не может достучаться" in (await company.vera.get(page)).text
        # Meanwhile VK wants another code, which only a saved channel learns.
        vk.reach, vk.code = company.reach, "c0f1rm01"
        await company.vera.post(f"{page}/check")
        assert server.status == "failed"
        saved = await company.vera.post(page, {"name": "Дубрава", "token": "", "way": "auto", "base_url": vk.url})
        assert saved.status == 303
        assert server.status == "ok"
        states = await world.rows(select(Channel.state).where(Channel.id == world.channel_id))
        assert [row.state for row in states] == ["ok"]


async def test_one_community_is_connected_once(world: World, tmp_path: Path) -> None:
    async with running(Vk()) as vk, open_company(world, tmp_path) as company:
        vk.reach = company.reach
        await company.connect("vk", token=TOKEN, base_url=vk.url)
        again = await company.vera.post(
            "/settings/channels/new/vk", {"name": "Ещё", "token": TOKEN, "base_url": vk.url}
        )
        assert again.status == 422
        assert "уже подключ" in again.text
        vk.rights.discard("manage")
        poor = await company.vera.post("/settings/channels/new/vk", {"name": "Ещё", "token": TOKEN, "base_url": vk.url})
        assert "не хватает права" in poor.text
