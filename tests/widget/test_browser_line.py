"""A bad line, several tabs, a browser that keeps nothing: no message is lost, none is there twice."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select, update

from inbox.models import Delivery, Message
from tests.faulty_proxy import faulty_proxy
from tests.site import Site
from tests.visitor import Tab, visit

pytestmark = pytest.mark.browser


async def test_what_is_written_without_a_line_goes_when_it_is_back(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Раз")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    await context.set_offline(True)
    await tab.write("Два")
    await tab.write("Три")
    await expect(tab.chat.locator("#line")).to_be_visible()
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправляется")
    assert await site.texts() == ["Раз"]
    await site.answer("Ответ, пока нет связи")
    await context.set_offline(False)
    await expect(tab.log).to_have_count(4)
    await expect(tab.chat.locator("#line")).to_be_hidden()
    await expect(tab.chat.locator(".st:visible").last).to_contain_text("отправлено")
    assert await site.texts() == ["Раз", "Два", "Три"]
    await tab.shows(["Раз", "Ответ, пока нет связи", "Два", "Три"])


async def test_what_is_written_without_a_line_survives_closing_the_page(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Раз")
    await tab.shows(["Раз"])
    await context.set_offline(True)
    await tab.write("Два")
    await expect(tab.log).to_have_count(2)
    await tab.page.close()
    await context.set_offline(False)
    back = await visit(context, site.shop_url)
    await back.open()
    await expect(back.chat.locator(".st:visible")).to_contain_text("отправлено")
    await back.shows(["Раз", "Два"])
    assert await site.texts() == ["Раз", "Два"]


async def test_two_tabs_keep_in_step(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    one = await visit(context, site.shop_url)
    await one.open()
    two = await visit(context, site.shop_url + "/pricing")
    await two.open()
    await one.write("Из первой")
    await two.shows(["Из первой"])
    await two.write("Из второй")
    await one.shows(["Из первой", "Из второй"])
    await one.page.keyboard.press("Escape")
    await two.page.keyboard.press("Escape")
    for tab in (one, two):
        await expect(tab.launcher).to_have_attribute("aria-expanded", "false")
    await site.answer("Обеим")
    for tab in (one, two):
        await expect(tab.page.locator("inbox-chat b")).to_have_text("1")
    await one.page.bring_to_front()
    await one.launcher.click()
    await expect(two.page.locator("inbox-chat b")).to_have_text("")
    await one.chat.locator("#sound").click()
    await expect(two.chat.locator("#sound")).to_have_attribute("aria-pressed", "false")
    assert await site.texts() == ["Из первой", "Из второй"]


async def until_polls_wait(site: Site, tab: Tab) -> None:
    """Returns after a quarter of a second with at most one poll in it; polls that run round never leave one."""
    for _ in range(40):
        polls = site.requests.count("/widget/v1/poll")
        await tab.page.evaluate("new Promise((done) => setTimeout(done, 250))")
        if site.requests.count("/widget/v1/poll") - polls <= 1:
            return
    raise AssertionError(site.requests[-20:])


async def test_where_sockets_do_not_pass_it_polls(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    async with faulty_proxy(site.chat_url) as proxy:
        proxy.sockets_pass = False
        context = await chromium.new_context()
        await context.clock.install()
        tab = await visit(context, f"{site.shop_url}/?chat={proxy.url}")
        await tab.open()
        for text in ("Без сокета", "по", "порядку"):
            await tab.write(text)
        await tab.sent()
        await site.world.write(lambda tx: tx.execute(update(Message).values(edited_at=tx.now)))
        await site.answer("Ответ")
        await tab.shows(["Без сокета изменено", "по изменено", "порядку изменено", "Ответ"])
        assert await site.texts() == ["Без сокета", "по", "порядку"]
        # What was changed long ago is no news: once all is told the polls wait instead of running round.
        await until_polls_wait(site, tab)
        # Where the network lets sockets through later, the chat goes back to them.
        proxy.sockets_pass = True
        assert "/widget/v1/socket" not in site.requests
        await context.clock.fast_forward(301_000)
        await site.answer("Ещё")
        await expect(tab.log).to_have_count(5)
        await tab.write("Уже по сокету")
        await tab.sent()
        assert "/widget/v1/socket" in site.requests
        assert tab.problems == []


async def test_a_line_that_breaks_in_the_middle_of_frames(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off", visitor_per_minute=1000)
    async with faulty_proxy(site.chat_url) as proxy:
        tab = await visit(await chromium.new_context(), f"{site.shop_url}/?chat={proxy.url}")
        await tab.open()
        proxy.delay_seconds, proxy.cut_after = 0.02, 2500
        proxy.reset()
        for number in range(12):
            await tab.write(f"Вопрос {number} 😊 " + "ё" * 120)
            if number % 4 == 3:
                await expect(tab.log).to_have_count(number + 1 + number // 4)
                await tab.sent_to(number + 1, site)
                await site.answer(f"Ответ {number}")
                await expect(tab.log).to_have_count(number + 2 + number // 4, timeout=20_000)
        proxy.cut_after = None
        proxy.reset()
        await tab.sent_to(12, site)
        await expect(tab.chat.locator("#line")).to_be_hidden(timeout=20_000)
        written = [text[:9].strip() for text in await site.texts()]
        assert written == [f"Вопрос {number}" for number in range(12)]
        shown = [text[:9].strip() for text in await tab.log.all_text_contents()]
        assert sorted(shown) == sorted([*written, "Ответ 3", "Ответ 7", "Ответ 11"])
        assert proxy.cuts > 0
        assert tab.problems == []


async def test_a_line_that_died_without_a_word_is_noticed(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    async with faulty_proxy(site.chat_url) as proxy:
        context = await chromium.new_context()
        await context.clock.install()
        tab = await visit(context, f"{site.shop_url}/?chat={proxy.url}")
        await tab.open()
        await tab.write("Раз")
        await tab.sent()
        proxy.hole = True
        await site.answer("В пустоту")
        # Nothing is sent, nothing closes: only asking tells that nobody is there.
        await tab.page.clock.fast_forward(41_000)
        await tab.page.clock.fast_forward(11_000)
        await tab.page.clock.fast_forward(3_000)
        await expect(tab.chat.locator("#line")).to_be_visible()
        await tab.write("Два")
        proxy.hole = False
        proxy.reset()
        await tab.page.clock.fast_forward(31_000)
        await tab.shows(["Раз", "В пустоту", "Два"])
        await tab.sent()
        await expect(tab.chat.locator("#line")).to_be_hidden()
        assert await site.texts() == ["Раз", "Два"]


async def test_blocked_storage_costs_only_the_memory_of_the_frame(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    # What a browser does that keeps frames of other sites from storing anything.
    await context.add_init_script(
        "if (window !== parent) Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('', 'SecurityError'); } });"
    )
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Раз")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    await tab.page.reload()
    await tab.open()
    await tab.shows(["Раз"])
    await tab.write("Два")
    await tab.shows(["Раз", "Два"])
    assert len({row[0] for row in await site.world.rows(select(Delivery.address_id))}) <= 1
    assert tab.problems == []
