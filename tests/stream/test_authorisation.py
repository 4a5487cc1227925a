"""Who hears what: nobody without a session, news to the right person only, a note to no visitor."""

from __future__ import annotations

import contextlib

import aiohttp
import pytest

from inbox.actions.assign import assign
from inbox.actions.reply import Draft, note
from tests.desk import Desk
from tests.site import Site
from tests.stream.tab import AT_ONCE, Tab, open_tab


async def news_of(tab: Tab) -> list[str]:
    """The texts of the news that a tab was told, once its page is right."""
    assert await tab.settled() is None
    assert await tab.still_settled() is None
    return [frame["news"]["text"] for frame in tab.frames if "news" in frame]


async def test_a_stranger_gets_no_socket(desk: Desk) -> None:
    stranger = await desk.stranger()
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await stranger.http.ws_connect(f"{stranger.base}/stream")


async def test_a_dialog_that_is_not_there_is_no_company(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        await tab.say(path="/conversations/999", since=tab.cursor)
        await tab.say(typing=True)
        await tab.say(path=tab.address, since=tab.cursor)
        await desk.world.client_writes()
        assert await tab.settled() is None


async def test_a_client_of_mine_is_news_to_me_only(desk: Desk) -> None:
    conversation_id = await desk.world.conversation_of(await desk.world.client_writes("Первое"))
    await desk.world.write(assign, desk.world.actor("Анна"), conversation_id, desk.world.agents["Анна"])
    async with (
        open_tab(await desk.browser("Анна"), "/inbox/all") as mine,
        open_tab(await desk.browser("Глеб"), "/inbox/all") as other,
    ):
        await desk.world.client_writes("Второе")
        assert await news_of(mine) == ["Второе"]
        assert await news_of(other) == []


async def test_a_mention_is_news_to_who_is_mentioned(desk: Desk) -> None:
    conversation_id = await desk.world.conversation_of(await desk.world.client_writes("Первое"))
    await desk.world.write(assign, desk.world.actor("Анна"), conversation_id, desk.world.agents["Анна"])
    async with (
        open_tab(await desk.browser("Анна"), "/inbox/all") as author,
        open_tab(await desk.browser("Глеб"), "/inbox/all") as named,
        open_tab(await desk.browser("Борис"), "/inbox/all") as other,
    ):
        draft = Draft("mention", "посмотри, пожалуйста")
        await desk.world.write(note, desk.world.actor("Анна"), conversation_id, draft, [desk.world.agents["Глеб"]])
        assert await news_of(named) == ["Анна упоминает вас: посмотри, пожалуйста"]
        assert await news_of(author) == await news_of(other) == []


async def test_seven_tabs_make_one_sound(desk: Desk) -> None:
    browser = await desk.browser("Анна")
    async with open_tab(browser, "/inbox/all") as first, open_tab(browser, "/inbox/waiting") as second:
        await desk.world.client_writes("Один раз")
        assert len(await news_of(first) + await news_of(second)) == 1


async def test_a_note_never_reaches_the_visitor(site: Site) -> None:
    visit = await site.join()
    written = await visit.write("question-1", "Сколько стоит?")
    conversation_id = await site.world.conversation_of(written["id"])
    await site.world.write(note, site.world.actor("Анна"), conversation_id, Draft("secret", "Секрет: скидка 50%"))
    await site.answer("Тысячу рублей.")
    frame = await visit.next("message")
    assert frame["message"]["text"] == "Тысячу рублей."
    with contextlib.suppress(TimeoutError):
        while True:
            assert "Секрет" not in (await visit.socket.receive(timeout=AT_ONCE)).data
