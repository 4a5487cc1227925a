"""The chat in a real browser: a visitor on a customer's site, agents on the other end."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select

from inbox.actions.company import change_company
from inbox.actions.resolve import resolve
from inbox.models import Conversation, Delivery
from tests.site import Site
from tests.visitor import visit
from tests.widget.test_http import PIXEL, close_the_shop

pytestmark = pytest.mark.browser


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
    # Asked how it was, the visitor chooses a number, adds a word, and is not asked again.
    await expect(tab.chat.locator("#rate")).to_be_hidden()
    await site.world.write(change_company, site.world.actor("Вера"), {"asks_rating": True})
    await site.world.write(resolve, site.world.actor("Анна"), 1)
    await tab.chat.locator("#rate button").nth(1).click()
    await tab.chat.locator("#rate button").nth(4).click()
    await expect(tab.chat.locator("#text")).to_be_focused()
    await tab.page.keyboard.type("Спасибо!")
    await tab.page.keyboard.press("Enter")
    await expect(tab.log.last).to_have_text("5 Спасибо!")
    await expect(tab.chat.locator("#rate")).to_be_hidden()
    assert await site.world.rows(select(Conversation.rating, Conversation.rating_comment)) == [(5, "Спасибо!")]
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


async def test_files_and_pasted_pictures(site: Site, chromium: Browser, tmp_path: Path) -> None:
    await site.set_up(ask_name="off", max_file_mb=1)
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.write("Вот")
    big, small = tmp_path / "большой.bin", tmp_path / "план.txt"
    big.write_bytes(b"x" * (2 << 20))
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


async def test_outside_working_hours_in_a_dialog_begun_by_day(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    tab = await visit(await chromium.new_context(timezone_id="Europe/Moscow"), site.shop_url)
    await tab.open()
    await tab.write("Вопрос")
    await tab.sent()
    await expect(tab.chat.locator("#away")).to_be_hidden()
    await close_the_shop(site)
    await tab.page.reload()
    await tab.open()
    await expect(tab.chat.locator("#sub")).to_contain_text("в 09:00")
    await tab.chat.locator("#away-in").fill("12")
    await tab.chat.locator("#away-in").press("Enter")
    await expect(tab.chat.locator("#e-away")).to_have_text("Оставьте телефон или почту, чтобы мы могли ответить.")
    await tab.chat.locator("#away-in").fill("8 917 123-45-67")
    await tab.chat.locator("#away-in").press("Enter")
    await expect(tab.chat.locator("#away")).to_be_hidden()
    assert (await site.contact()).phone == "+79171234567"
