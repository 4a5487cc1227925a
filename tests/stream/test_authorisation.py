"""Who hears what: nobody without a session, news to the right person only, a note to no visitor."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest

from inbox.actions.assign import assign
from inbox.actions.reply import Draft, note
from inbox.runtime.bus import Bus
from inbox.web.live.region import Page
from inbox.web.visit import RESOURCES
from tests.desk import Desk
from tests.site import Site
from tests.stream.tab import AT_ONCE, Tab, open_tab


def shows(text: str) -> Callable[[dict[str, Any]], bool]:
    """Whether a frame has this in a row of the queue."""
    return lambda frame: text in frame.get("html", "")


async def hear(desk: Desk, conversation_id: int, *tabs: Tab) -> list[list[str]]:
    """Let every tab hear of what is no news, twice; the texts of the news that each was told until then.

    After the first a tab has caught up, and by the second it was told the news of all that came before.
    """
    for number in (1, 2):
        text = f"Ответ {desk.world.received}.{number}"
        await desk.world.agent_replies(conversation_id, text)
        for tab in tabs:
            await tab.until(shows(text))
    return [[frame["news"]["text"] for frame in tab.frames if "news" in frame] for tab in tabs]


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


async def annas_dialog(desk: Desk) -> int:
    """A dialog that Анна holds."""
    conversation_id = await desk.world.conversation_of(await desk.world.client_writes("Первое"))
    await desk.world.write(assign, desk.world.actor("Анна"), conversation_id, desk.world.agents["Анна"])
    return conversation_id


async def test_a_client_of_mine_is_news_to_me_only(desk: Desk) -> None:
    conversation_id = await annas_dialog(desk)
    async with (
        open_tab(await desk.browser("Анна"), "/inbox/all") as mine,
        open_tab(await desk.browser("Глеб"), "/inbox/all") as other,
    ):
        await hear(desk, conversation_id, mine, other)
        await desk.world.client_writes("Второе")
        assert await hear(desk, conversation_id, mine, other) == [["Второе"], []]


async def test_a_mention_is_news_to_who_is_mentioned(desk: Desk) -> None:
    conversation_id = await annas_dialog(desk)
    async with (
        open_tab(await desk.browser("Анна"), "/inbox/all") as author,
        open_tab(await desk.browser("Глеб"), "/inbox/all") as named,
        open_tab(await desk.browser("Борис"), "/inbox/all") as other,
    ):
        await hear(desk, conversation_id, author, named, other)
        draft = Draft("mention", "посмотри, пожалуйста")
        await desk.world.write(note, desk.world.actor("Анна"), conversation_id, draft, [desk.world.agents["Глеб"]])
        heard = await hear(desk, conversation_id, author, named, other)
        assert heard == [[], ["Анна упоминает вас: посмотри, пожалуйста"], []]


async def test_seven_tabs_make_one_sound(desk: Desk) -> None:
    conversation_id = await annas_dialog(desk)
    browser = await desk.browser("Анна")
    async with open_tab(browser, "/inbox/all") as first, open_tab(browser, "/inbox/waiting") as second:
        await hear(desk, conversation_id, first, second)
        await desk.world.client_writes("Один раз")
        # The newest speaks: the line of an older one may be dead.
        assert await hear(desk, conversation_id, first, second) == [[], ["Один раз"]]


async def test_what_the_log_told_a_tab_is_not_told_again_when_it_moves(desk: Desk) -> None:
    conversation_id = await annas_dialog(desk)
    async with open_tab(await desk.browser("Анна"), "/inbox/all") as tab:
        await hear(desk, conversation_id, tab)
        hub = desk.app[RESOURCES].hub
        (moving,) = hub.subscribers()
        moving.show(Page.parse(tab.address))
        await desk.world.client_writes("Один раз")
        await tab.until(lambda frame: "news" in frame)
        await hub.catch_up(moving, tab.cursor)
        assert await hear(desk, conversation_id, tab) == [["Один раз"]]


async def test_what_a_tab_that_moves_was_told_is_not_told_again_by_the_log(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversation_id = await annas_dialog(desk)
    async with open_tab(await desk.browser("Анна"), "/inbox/all") as tab:
        await hear(desk, conversation_id, tab)
        hub = desk.app[RESOURCES].hub
        (moving,) = hub.subscribers()
        moving.show(Page.parse(tab.address))
        with monkeypatch.context() as deaf:
            deaf.setattr(Bus, "publish", lambda bus, event_id: None)
            await desk.world.client_writes("Один раз")
            await hub.catch_up(moving, tab.cursor)
        assert await hear(desk, conversation_id, tab) == [["Один раз"]]


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
