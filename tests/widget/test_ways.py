"""From the chat on a site into a messenger: the form's answer, who may use it, and the dialog that goes on."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import insert, select

from connectors.contract import MessageReceived, Referral, Started
from inbox.actions.receive import receive
from inbox.actions.receive_changes import receive_event
from inbox.models import Channel, Click, Conversation
from inbox.rules.permissions import Actor
from tests.site import KEY, Site
from tests.visitor import visit as open_page

TOKEN = "7000001:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"
PHONE = "Mozilla/5.0 (Linux; Android 15) Mobile Safari/537.36"


async def bot(site: Site) -> int:
    """A connected bot beside the site chat."""
    values = {
        "kind": "telegram", "name": "Бот", "token": "bot", "config": {"token": TOKEN, "username": "dubrava_bot"},
        "created_at": site.world.clock.now(),
    }  # fmt: skip
    return await site.world.write(lambda tx: int(tx.execute(insert(Channel), values).inserted_primary_key[0]))


async def follow(site: Site, way: int, token: str, key: str = KEY, **headers: str) -> tuple[int, str, str]:
    """Post the form as the frame does; the status, where it leads, and the page."""
    form = {"key": key, "token": token}
    address = f"{site.chat_url}/widget/v1/ways/{way}"
    async with site.http.post(address, data=form, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


def start(location: str) -> str:
    """The token of a link into the bot."""
    return parse_qs(urlsplit(html.unescape(location)).query)["start"][0]


async def starts(site: Site, channel_id: int, token: str) -> None:
    """The person presses Start in the messenger."""
    event = Started("555", None, Referral(token=token))
    await site.world.write(receive_event, Actor.channel(channel_id), channel_id, event)


async def dialogs(site: Site) -> list[Any]:
    """Every dialog with where its answers go."""
    return await site.world.rows(select(Conversation.id, Conversation.channel_id).order_by(Conversation.id))


async def test_a_phone_goes_straight_into_the_messenger_and_the_dialog_with_it(site: Site) -> None:
    channel_id = await bot(site)
    visit = await site.join()
    await visit.write("message-1", "Есть стол?")
    status, location, _ = await follow(site, channel_id, visit.welcome["token"], **{"User-Agent": PHONE})
    assert status == 303
    assert location.startswith("https://t.me/dubrava_bot?start=")
    await starts(site, channel_id, start(location))
    assert [row.channel_id for row in await dialogs(site)] == [channel_id]
    written = MessageReceived("555", "tg-1", "Это снова я")
    await site.world.write(receive, Actor.channel(channel_id), channel_id, written)
    assert len(await dialogs(site)) == 1
    # The chat on the site shows the whole of it, and writing there brings the dialog back.
    back = await site.join(visit.welcome["token"])
    assert [item["text"] for item in back.welcome["messages"]] == ["Есть стол?", "Это снова я"]
    await back.write("message-2", "и на сайте")
    assert [row.channel_id for row in await dialogs(site)] == [site.channel_id]
    await back.socket.close()
    await visit.socket.close()


async def test_a_computer_is_shown_a_code_and_a_link(site: Site) -> None:
    channel_id = await bot(site)
    visit = await site.join()
    await visit.write("message-1", "Есть стол?")
    status, _, page = await follow(site, channel_id, visit.welcome["token"], **{"Accept-Language": "ru"})
    assert status == 200
    assert 'src="data:image/svg+xml' in page
    assert "Продолжить в Telegram" in page
    link = re.search(r'href="(https://t\.me/[^"]+)"', page)
    assert link is not None
    await starts(site, channel_id, start(link[1]))
    assert [row.channel_id for row in await dialogs(site)] == [channel_id]
    await visit.socket.close()


async def test_a_stranger_without_a_dialog_comes_as_a_new_client(site: Site) -> None:
    channel_id = await bot(site)
    _, location, _ = await follow(site, channel_id, "x" * 43, **{"User-Agent": PHONE})
    assert (await site.world.rows(select(Click.address_id)))[0].address_id is None
    await starts(site, channel_id, start(location))
    assert await dialogs(site) == []


async def test_what_is_wrong_is_said_in_words(site: Site) -> None:
    channel_id = await bot(site)
    status, _, page = await follow(site, channel_id, "x" * 43, key="nobody")
    assert status == 404
    assert "</html>" in page
    assert (await follow(site, 999, "x" * 43))[0] == 404
    answers = [(await follow(site, channel_id, "x" * 43, **{"User-Agent": PHONE}))[0] for _ in range(25)]
    assert answers.count(303) + answers.count(429) == 25
    assert answers[-1] == 429


@pytest.mark.browser
async def test_the_chat_offers_the_way_once_there_is_a_dialog(site: Site, chromium: Browser) -> None:
    await bot(site)
    await site.set_up(ask_name="off")
    context = await chromium.new_context(locale="ru-RU", viewport={"width": 1024, "height": 760})
    tab = await open_page(context, site.shop_url)
    await tab.open()
    way = tab.chat.locator("#ways button")
    await expect(way).to_be_hidden()
    await tab.write("Здравствуйте 👋")
    await tab.sent()
    await expect(way).to_have_text("Telegram")
    async with context.expect_page() as opened:
        await way.click()
    shown = await opened.value
    await expect(shown.locator("h1")).to_contain_text("Telegram")
    await expect(shown.locator("img")).to_be_visible()
    assert start(await shown.locator("a").get_attribute("href") or "")
    assert (await site.world.rows(select(Click.address_id)))[0].address_id is not None
    assert tab.problems == []
