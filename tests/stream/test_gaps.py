"""What a tab does not hear: lost announcements, lost connections, overflow, ended sessions, another page."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiohttp.web import BaseRequest, WebSocketResponse
from sqlalchemy import select

from inbox.actions.agents import change_role
from inbox.actions.sessions import revoke_all, revoke_session
from inbox.models import AgentSession
from inbox.runtime.bus import Bus
from inbox.web.live.hub import COME_AGAIN, MAX_REPLAY, SIGNED_OUT
from inbox.web.live.region import Page
from inbox.web.live.subscriber import MAX_FRAMES
from inbox.web.visit import RESOURCES
from tests.desk import Desk, open_desk
from tests.stream.tab import Tab, open_tab
from tests.world import World


async def test_a_small_gap_is_replayed(desk: Desk) -> None:
    tab = Tab(await desk.browser("Анна"), "/inbox/waiting")
    await tab.read()
    await desk.world.client_writes("Пока связи не было")
    await tab.connect()
    assert await tab.settled() is None
    assert tab.refreshes == 0
    await tab.close()


async def test_a_large_gap_is_a_refresh(desk: Desk) -> None:
    tab = Tab(await desk.browser("Анна"), "/inbox/waiting")
    await tab.read()
    for number in range(MAX_REPLAY // 2 + 1):
        await desk.world.client_writes(f"Сообщение {number}", address=f"client-{number}")
    await tab.connect()
    await tab.until(lambda frame: bool(frame.get("refresh")))
    assert await tab.settled() is None
    await tab.close()


async def test_the_log_is_read_although_the_bus_lost_an_announcement(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        assert await tab.settled() is None
        monkeypatch.setattr(Bus, "publish", lambda bus, event_id: None)
        await desk.world.client_writes("Никто не позвал")
        assert await tab.settled() is None


@pytest.mark.parametrize("since", [10**6, 10**17, -1])
async def test_a_mark_that_cannot_be_is_a_refresh(desk: Desk, since: int) -> None:
    await desk.world.client_writes()
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        await tab.say(path=tab.address, since=since)
        await tab.until(lambda frame: bool(frame.get("refresh")))
        assert await tab.settled() is None


async def test_a_tab_too_slow_for_its_queue_reads_its_page_anew(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        assert await tab.settled() is None
        subscriber = next(iter(desk.app[RESOURCES].hub.subscribers()))
        # Nothing runs between these: the socket's task cannot empty the queue.
        for _ in range(MAX_FRAMES + 1):
            subscriber.send('{"id":0,"html":""}')
        await tab.until(lambda frame: bool(frame.get("refresh")))
        await desk.world.client_writes("Уже после")
        assert await tab.settled() is None
        assert tab.refreshes == 1


async def test_a_revoked_session_closes_its_tabs(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        sessions = await desk.world.rows(select(AgentSession.id))
        await desk.world.write(revoke_session, desk.world.actor("Вера"), sessions[0][0])
        assert await tab.closed() == SIGNED_OUT


@pytest.mark.parametrize("ends", [True, False], ids=["session", "role"])
async def test_what_happens_to_a_session_while_its_socket_opens_is_heeded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, ends: bool
) -> None:
    anna, by = desk.world.agents["Анна"], desk.world.actor("Вера")
    tab = Tab(await desk.browser("Анна"), "/inbox/waiting")
    await tab.read()
    read = asyncio.Event()
    desk.app[RESOURCES].hub.follow(lambda facts: read.set())
    prepare = WebSocketResponse.prepare

    async def prepare_late(socket: WebSocketResponse, request: BaseRequest) -> object:
        """The guard has let the request in, and the hub does not know of the tab yet."""
        monkeypatch.undo()
        if ends:
            await desk.world.write(revoke_all, by, anna)
        else:
            await desk.world.write(change_role, by, anna, "manager", None)
        await read.wait()
        return await prepare(socket, request)

    monkeypatch.setattr(WebSocketResponse, "prepare", prepare_late)
    await tab.connect()
    assert await tab.closed() == (SIGNED_OUT if ends else COME_AGAIN)
    await tab.close()


async def test_a_server_that_stops_says_come_again(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        assert await tab.settled() is None
        desk.app[RESOURCES].hub.close(COME_AGAIN)
        assert await tab.closed() == COME_AGAIN


async def test_another_role_is_another_socket(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        assert await tab.settled() is None
        await desk.world.write(change_role, desk.world.actor("Вера"), desk.world.agents["Анна"], "manager", None)
        assert await tab.settled() is None
        assert tab.page.css_first('#rail a[href="/reports/response"]') is not None


async def test_a_tab_that_moves_hears_of_its_new_page(desk: Desk) -> None:
    conversation_id = await desk.world.conversation_of(await desk.world.client_writes())
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        tab.address = f"/conversations/{conversation_id}"
        await tab.read()
        await tab.say(path=tab.address, since=tab.cursor)
        await desk.world.client_writes("И ещё")
        assert await tab.settled() is None
        assert "И ещё" in tab.text("#timeline")


async def test_no_frame_overtakes_what_a_tab_that_moves_has_not_heard(world: World, tmp_path: Path) -> None:
    # Time stands still: what is drawn a second time is held back, and a frame's mark with it.
    async with (
        open_desk(world, tmp_path, idle=True, monotonic=lambda: 0.0) as desk,
        open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab,
        open_tab(await desk.browser("Борис"), "/inbox/waiting") as witness,
    ):
        message_id = await desk.world.client_writes("Первое")
        for listening in (tab, witness):
            await listening.until(lambda frame: "Первое" in frame.get("html", ""))
        tab.address = f"/conversations/{await desk.world.conversation_of(message_id)}"
        await tab.read()
        hub = desk.app[RESOURCES].hub
        moving = next(one for one in hub.subscribers() if one.signed_in.name == "Анна")
        # What the server does when a tab says where it is, with the tail of the log in between.
        moving.show(Page.parse(tab.address))
        await desk.world.client_writes("И ещё")
        await witness.until(lambda frame: "И ещё" in frame.get("html", ""))
        await hub.catch_up(moving, tab.cursor)
        await tab.until(lambda frame: "И ещё" in frame.get("items", ""))
        assert "И ещё" in tab.text("#timeline")
        assert await tab.settled() is None


async def test_a_frame_older_than_the_page_is_dropped(desk: Desk) -> None:
    async with open_tab(await desk.browser("Анна"), "/inbox/waiting") as tab:
        assert await tab.settled() is None
        await desk.world.client_writes("Первое")
        await desk.world.client_writes("Второе")
        # The page is read anew while frames for less than it shows are on their way.
        await tab.read()
        await tab.say(path=tab.address, since=tab.cursor)
        assert await tab.settled() is None
        assert await tab.still_settled() is None
