"""The chat in a real browser: a visitor on a customer's site, agents on the other end."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, expect
from sqlalchemy import select

from inbox.models import Delivery
from tests.site import KEY, Site
from tests.widget.test_http import PIXEL, close_the_shop
from widget.identity import sign_identity

pytestmark = pytest.mark.browser


@dataclass
class Tab:
    """A tab of the visitor on the customer's site."""

    page: Page
    problems: list[str]

    @property
    def chat(self) -> FrameLocator:
        """The inside of the frame."""
        return self.page.frame_locator("inbox-chat iframe")

    @property
    def launcher(self) -> Locator:
        """The button on the page."""
        return self.page.locator("inbox-chat button")

    @property
    def log(self) -> Locator:
        """All bubbles of the dialog."""
        return self.chat.locator("#log .m")

    async def open(self) -> None:
        """Press the button and wait for the frame."""
        await self.launcher.click()
        await expect(self.chat.locator("#panel")).to_have_attribute("aria-busy", "false")

    async def write(self, text: str) -> None:
        """Type and press Enter, in the chat or in the form before it."""
        if await self.chat.locator("#form").is_visible():
            await self.chat.locator("#in-text").fill(text)
            await self.chat.locator("#go").click()
        else:
            await self.chat.locator("#text").fill(text)
            await self.chat.locator("#text").press("Enter")

    async def sent(self) -> None:
        """Wait until the last message is with the server."""
        await expect(self.chat.locator(".st:visible").last).to_contain_text("отправлено")

    async def shows(self, texts: Sequence[str]) -> None:
        """Wait until the bubbles are exactly these."""
        await expect(self.log).to_have_text(list(texts))


async def visit(context: BrowserContext, url: str) -> Tab:
    """Open a page of the customer's site; what the browser complains of is kept."""
    page = await context.new_page()
    tab = Tab(page, [])
    page.on("pageerror", lambda error: tab.problems.append(str(error)))
    page.on(
        "console", lambda message: tab.problems.append(message.text) if "Content Security" in message.text else None
    )
    await page.goto(url)
    await tab.launcher.wait_for()
    return tab


async def test_a_dialog_on_a_site_with_the_strictest_policy(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="optional", ask_phone="required", ask_consent="required", greeting="Добрый день")
    await site.world.online("Анна")
    context = await chromium.new_context(viewport={"width": 1440, "height": 900})
    tab = await visit(context, f"{site.shop_url}/?strict&script&utm_source=yandex&utm_medium=cpc&utm_campaign=столы")
    # Nothing but the loader was asked for before the visitor acts.
    assert site.requests == ["/widget/loader.js"]
    await tab.open()
    form = tab.chat.locator("#form")
    await tab.chat.locator("#go").click()
    await expect(tab.chat.locator("#e-phone")).to_have_text("Заполните это поле.")
    await expect(tab.chat.locator("#in-phone")).to_be_focused()
    await form.locator("[name=phone]").fill("8 917 123-45-67")
    await form.locator("[name=name]").fill("Марина")
    await form.locator("[name=consent]").check()
    await tab.write("А стол 220 пройдёт в лифт? 😊 https://example.com/стол.")
    await tab.shows(["А стол 220 пройдёт в лифт? 😊 https://example.com/стол."])
    link = tab.log.locator("a")
    assert await link.get_attribute("href") == "https://example.com/стол"
    assert "noopener" in (await link.get_attribute("rel") or "")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("доставлено")
    await site.answer("<b>Нет</b>, но поднимем")
    await tab.shows(["А стол 220 пройдёт в лифт? 😊 https://example.com/стол.", "<b>Нет</b>, но поднимем"])
    await expect(tab.chat.locator(".who:visible").last).to_have_text("ААнна")
    await expect(tab.chat.locator(".st:visible").first).to_contain_text("прочитано")
    await expect(tab.chat.locator("#sub")).to_have_text("Анна на связи")
    site.surface.push.agent_typing(await site.world.conversation_of(1), "Анна")
    await expect(tab.chat.locator("#typing")).to_have_text("Анна печатает…")
    contact = await site.contact()
    assert (contact.name, contact.phone, contact.time_zone) == ("Марина", "+79171234567", "UTC")
    assert await site.world.rows(select(Delivery.state)) == [("read",)]
    heard = [name for name, _ in await tab.page.evaluate("heard")]
    assert heard == ["open", "ready", "sent", "message"]
    assert tab.problems == []


async def test_the_dialog_is_there_after_a_reload_and_on_the_next_page(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Вопрос")
    await tab.sent()
    await tab.chat.locator("#text").fill("недописанное")
    await tab.page.reload()
    await site.answer("Ответ, пока чат закрыт")
    await expect(tab.launcher).to_have_attribute("aria-label", "Открыть чат, новых сообщений: 1")
    await expect(tab.page.locator("inbox-chat b")).to_have_text("1")
    await tab.open()
    await tab.shows(["Вопрос", "Ответ, пока чат закрыт"])
    await expect(tab.chat.locator("#text")).to_have_value("недописанное")
    await expect(tab.page.locator("inbox-chat b")).to_have_text("")
    await tab.page.click("#next")
    await expect(tab.launcher).to_have_attribute("aria-label", "Открыть чат")
    await tab.page.evaluate("history.pushState({}, '', '/delivery')")
    while not ((await site.contact()).page_url or "").endswith("/delivery"):
        await tab.page.wait_for_load_state()


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
    await site.answer("Обеим")
    for tab in (one, two):
        await expect(tab.page.locator("inbox-chat b")).to_have_text("1")
    await one.page.bring_to_front()
    await one.launcher.click()
    await expect(two.page.locator("inbox-chat b")).to_have_text("")
    await one.chat.locator("#sound").click()
    await expect(two.chat.locator("#sound")).to_have_attribute("aria-pressed", "false")
    assert await site.texts() == ["Из первой", "Из второй"]


async def test_where_sockets_do_not_pass_it_polls(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    await context.add_init_script("window.WebSocket = class { constructor() { setTimeout(() => this.onclose(), 0); } }")
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Без сокета")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    await site.answer("Ответ")
    await tab.shows(["Без сокета", "Ответ"])
    assert "/widget/v1/poll" in site.requests
    assert await site.texts() == ["Без сокета"]
    assert tab.problems == []


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


async def test_files_and_pasted_pictures(site: Site, chromium: Browser, tmp_path: Path) -> None:
    await site.set_up(ask_name="off", max_file_bytes=1024)
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Вот")
    big, small = tmp_path / "большой.bin", tmp_path / "план.txt"
    big.write_bytes(b"x" * 2000)
    small.write_text("план")
    await tab.chat.locator("#pick").set_input_files([big, small])
    await expect(tab.chat.locator("#notice")).to_contain_text("большой.bin больше, чем 1")
    await expect(tab.chat.locator("#files li")).to_have_count(1)
    await tab.chat.locator("#text").focus()
    await tab.chat.locator("#text").evaluate(
        """(field, bytes) => {
          const files = new DataTransfer();
          files.items.add(new File([Uint8Array.from(atob(bytes), (sign) => sign.charCodeAt(0))], "image.png", { type: "image/png" }));
          field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files, bubbles: true }));
        }""",
        base64.b64encode(PIXEL).decode(),
    )
    await expect(tab.chat.locator("#files li")).to_have_count(2)
    await expect(tab.chat.locator("#send")).to_be_enabled()
    await tab.chat.locator("#send").click()
    await expect(tab.log.last.locator("img")).to_be_visible()
    await expect(tab.log.last.locator("a.file")).to_contain_text("план.txt")
    await expect(tab.chat.locator("#files li")).to_have_count(0)
    assert (
        await tab.log.last.locator("img").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)")
        == 1
    )


async def test_the_keyboard_alone_is_enough(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off", ask_consent="optional")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.launcher.focus()
    await tab.page.keyboard.press("Enter")
    await expect(tab.chat.locator("#in-text")).to_be_focused()
    await tab.page.keyboard.type("С клавиатуры")
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Tab")
    await tab.page.keyboard.press("Enter")
    await expect(tab.chat.locator("#text")).to_be_focused()
    await tab.shows(["С клавиатуры"])
    # The focus goes round inside the chat.
    for _ in range(12):
        await tab.page.keyboard.press("Tab")
        assert await tab.page.evaluate("document.activeElement.tagName") == "INBOX-CHAT"
    await tab.chat.locator("#smile").press("Enter")
    await tab.page.keyboard.press("Enter")
    await expect(tab.chat.locator("#text")).to_have_value("😊")
    await tab.page.keyboard.press("Escape")
    await expect(tab.launcher).to_have_attribute("aria-expanded", "false")
    await expect(tab.launcher).to_be_focused()


async def test_a_phone_gives_the_chat_the_whole_screen(site: Site, chromium: Browser) -> None:
    context = await chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    tab = await visit(context, site.shop_url + "/?lang=en")
    await tab.open()
    box = await tab.page.locator("inbox-chat iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    await expect(tab.launcher).to_be_hidden()
    await expect(tab.chat.locator("#go")).to_have_text("Start the chat")
    await tab.chat.locator("#close").click()
    await expect(tab.launcher).to_be_visible()


async def test_outside_working_hours(site: Site, chromium: Browser) -> None:
    await close_the_shop(site)
    context = await chromium.new_context(timezone_id="Europe/Moscow")
    tab = await visit(context, site.shop_url)
    await tab.open()
    await expect(tab.chat.locator("#form-title")).to_have_text("Сейчас никого нет")
    await expect(tab.chat.locator("#sub")).to_contain_text("в 09:00")
    await tab.write("Есть кто?")
    await expect(tab.chat.locator("#e-reach")).to_have_text("Заполните это поле.")
    await tab.chat.locator("#in-reach").fill("marina@example.com")
    await tab.chat.locator("#go").click()
    await tab.shows(["Есть кто?"])
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    assert (await site.contact()).email == "marina@example.com"


async def test_the_site_introduces_its_customer(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off", identity_secret="s3cret")
    person = {"id": "42", "hash": sign_identity("s3cret", "42"), "name": "Марина"}
    context = await chromium.new_context()
    tab = await visit(context, f"{site.shop_url}/?script&person={orjson.dumps(person).decode()}")
    await tab.page.evaluate("InboxChat.open()")
    await tab.write("Это я")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    contact = await site.contact()
    assert (contact.external_id, contact.name, contact.verified) == ("u:42", "Марина", True)
    other = await chromium.new_context()
    elsewhere = await visit(other, site.shop_url)
    await elsewhere.open()
    await elsewhere.page.evaluate("(person) => InboxChat.identify(person)", person)
    await elsewhere.shows(["Это я"])


async def test_another_site_cannot_show_the_chat(site: Site, chromium: Browser) -> None:
    await site.set_up(allowed_origins="https://shop.example")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.launcher.click()
    await expect(tab.chat.locator("#notice")).to_contain_text("Этому сайту чат не разрешён")
    # A page that lies about its origin is stopped by the browser.
    page = await context.new_page()
    await page.goto(site.shop_url)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    await page.evaluate(
        "(url) => new Promise((done) => { const frame = document.createElement('iframe'); frame.src = url; frame.onload = done; document.body.append(frame); })",
        f"{site.chat_url}/widget/v1/frame?key={KEY}&site=https://shop.example",
    )
    assert any("frame-ancestors" in text for text in refused)


async def test_strangers_cannot_talk_to_the_frame_or_to_the_page(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url + "/?script")
    await tab.open()
    forged: dict[str, Any] = {"inbox": 1, "type": "event", "name": "message", "detail": "forged"}
    await tab.page.evaluate("(data) => window.postMessage(data, '*')", forged)
    await tab.page.evaluate(
        """() => new Promise((done) => {
          const stranger = document.createElement("iframe");
          stranger.srcdoc = "<p>x</p>";
          stranger.onload = () => {
            stranger.contentWindow.eval(
              "parent.document.querySelector('inbox-chat').shadowRoot.querySelector('iframe')"
              + ".contentWindow.postMessage({ inbox: 1, type: 'shown', open: false }, '*')");
            setTimeout(done, 50);
          };
          document.body.append(stranger);
        })"""
    )
    await tab.write("Я здесь")
    await tab.sent()
    assert ["message", "forged"] not in await tab.page.evaluate("heard")
    await site.answer("Вижу")
    # The frame still knows that it is open: the answer was read at once.
    await expect(tab.log).to_have_count(2)
    await expect(tab.page.locator("inbox-chat b")).to_have_text("")
    while await site.world.rows(select(Delivery.state)) != [("read",)]:
        await tab.page.wait_for_load_state()
