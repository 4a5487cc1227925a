"""Who looks at the same dialog and who types in it: told at once, also that they have gone elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from inbox.actions.presence import be_present
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx
from inbox.runtime.unavailable import Unavailable
from inbox.web import stream
from tests.desk import Desk
from tests.stream.tab import Tab, open_tab


@asynccontextmanager
async def at_one_dialog(desk: Desk) -> AsyncIterator[tuple[Tab, Tab]]:
    """The tabs of Анна and Глеб; she knows that he is there."""
    conversation_id = await desk.world.conversation_of(await desk.world.client_writes())
    address = f"/conversations/{conversation_id}"
    async with (
        open_tab(await desk.browser("Анна"), address) as anna,
        open_tab(await desk.browser("Глеб"), address) as gleb,
    ):
        await company(anna, "Глеб смотрит")
        yield anna, gleb


async def company(tab: Tab, words: str) -> None:
    """Hear until the page says exactly this of the others."""
    while tab.text("#company") != words:
        await tab.frame()


async def test_who_goes_elsewhere_looks_no_more(desk: Desk) -> None:
    async with at_one_dialog(desk) as (anna, gleb):
        await gleb.say(path="/inbox/waiting", since=gleb.cursor)
        await company(anna, "")
        await gleb.say(path=anna.address, since=gleb.cursor)
        await company(anna, "Глеб смотрит")
        await gleb.close()
        await company(anna, "")


async def test_a_page_that_is_read_anew_ends_no_typing(desk: Desk) -> None:
    async with at_one_dialog(desk) as (anna, gleb):
        await gleb.say(typing=True)
        await company(anna, "Глеб отвечает")
        heard = len(anna.frames)
        await gleb.say(path=anna.address, since=gleb.cursor)
        await gleb.say(typing=False)
        await company(anna, "Глеб смотрит")
        told = [frame["html"] for frame in anna.frames[heard:] if "company" in frame.get("html", "")]
        assert "отвечает" in told[0]
        assert "смотрит" in told[-1]


async def test_who_types_and_goes_elsewhere_types_no_more(desk: Desk) -> None:
    async with at_one_dialog(desk) as (anna, gleb):
        await gleb.say(typing=True)
        await company(anna, "Глеб отвечает")
        await gleb.say(path="/inbox/waiting", since=gleb.cursor)
        await company(anna, "")


async def test_a_beat_that_could_not_be_stored_is_not_the_last(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[Actor] = []

    def beat(tx: Tx, actor: Actor) -> None:
        beats.append(actor)
        if len(beats) == 1:
            raise Unavailable("locked")
        be_present(tx, actor)

    monkeypatch.setattr(stream, "be_present", beat)
    monkeypatch.setattr(stream, "PRESENT_EVERY_SECONDS", 0.01)
    async with open_tab(await desk.browser("Борис"), "/wallboard") as tab:
        await tab.until(lambda frame: "Борис" in frame.get("html", ""))
        assert await tab.settled() is None
