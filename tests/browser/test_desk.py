"""What an agent relies on all day: texts stay texts, drafts stay, keys work, files pass, a lost session loses nothing."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import FilePayload, expect

from tests.browser.office import PASSWORD, PHONE, AgentScreen, Office, Visitor
from tests.widget.test_http import PIXEL

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

PICTURE = FilePayload(name="стол.png", mimeType="image/png", buffer=PIXEL)
ESTIMATE = FilePayload(name="смета 🌳.txt", mimeType="text/plain", buffer="Итого 68 400 ₽".encode())


async def _greeted(office: Office, text: str = "Здравствуйте!", name: str = "Марина") -> tuple[AgentScreen, Visitor]:
    """Анна with the open dialog of one visitor."""
    anna = await office.set_up()
    visitor = await office.visit()
    await visitor.begin(text, name=name)
    await anna.open(name)
    return anna, visitor


async def test_markup_of_a_stranger_stays_text(office: Office) -> None:
    name = "<img src=x onerror=document.body.dataset.taken=1>"
    text = (
        '<script>document.body.dataset.taken=1</script><b hx-get="/logout" hx-trigger="load">жирно</b> {{contact.name}}'
    )
    anna, visitor = await _greeted(office, text, name)
    await expect(anna.bubble.first.locator(".text")).to_have_text(text)
    await expect(anna.head.locator("h2 .clip")).to_have_text(name)
    await expect(
        anna.page.locator("#timeline img, #timeline b, #timeline script, #card-body img, #rows img")
    ).to_have_count(0)
    await anna.reply(text)
    await expect(visitor.bubble.last).to_have_text(text)
    await anna.page.reload()
    await expect(anna.bubble.last.locator(".text")).to_have_text(text)
    assert await anna.page.evaluate("document.body.dataset.taken") is None
    assert await visitor.page.evaluate("document.body.dataset.taken") is None


async def test_a_draft_survives_a_reload_and_another_dialog(office: Office) -> None:
    anna, _ = await _greeted(office)
    second = await office.visit()
    await second.begin("Второй вопрос", name="Пётр")
    await anna.text.fill("Недописанный ответ 🖊")
    await anna.page.reload()
    await expect(anna.text).to_have_value("Недописанный ответ 🖊")
    await anna.open("Пётр")
    await expect(anna.text).to_have_value("")
    await anna.open("Марина")
    await expect(anna.text).to_have_value("Недописанный ответ 🖊")


async def test_what_could_not_be_sent_goes_later_and_once(office: Office) -> None:
    anna, visitor = await _greeted(office)
    second = await office.visit()
    await second.begin("Второй вопрос", name="Пётр")
    await anna.page.route("**/messages", lambda route: route.abort())
    await anna.reply("Не ушло с первого раза")
    await expect(anna.bubble.last).to_have_class(re.compile("failed"))
    await anna.open("Пётр")
    await expect(anna.bubble.filter(has_text="Не ушло")).to_have_count(0)
    await anna.page.unroute("**/messages")
    await anna.page.reload()
    await expect(visitor.bubble.last).to_have_text("Не ушло с первого раза")
    await anna.show("all")
    await anna.open("Марина")
    await expect(anna.bubble.filter(has_text="Не ушло")).to_have_count(1)
    await expect(anna.bubble.last.locator(".tick")).to_have_attribute("title", "Прочитано")
    await anna.page.reload()
    await expect(anna.bubble.filter(has_text="Не ушло")).to_have_count(1)
    await expect(visitor.bubble.filter(has_text="Не ушло")).to_have_count(1)


async def test_a_day_without_a_mouse(office: Office) -> None:
    anna = await office.set_up()
    visitor = await office.visit()
    await visitor.begin("Есть кто?", name="Марина")
    await anna.row.first.wait_for()
    press = anna.page.keyboard.press
    await press("j")
    await expect(anna.head).to_contain_text("Марина")
    await press("r")
    await expect(anna.text).to_be_focused()
    await anna.page.keyboard.type("Есть")
    await press("Shift+Enter")
    await anna.page.keyboard.type("Слушаю вас")
    await press("Enter")
    await expect(visitor.bubble.last).to_have_text("Есть\nСлушаю вас", use_inner_text=True)
    await press("Escape")
    await press("n")
    await anna.page.keyboard.type("проверить склад")
    await press("Enter")
    await expect(anna.bubble.last).to_have_class(re.compile("note"))
    await press("Escape")
    await press("?")
    await expect(anna.page.locator("#help")).to_be_visible()
    await press("Escape")
    await expect(anna.page.locator("#help")).to_be_hidden()
    await press("Control+k")
    await expect(anna.page.locator("#search input")).to_be_focused()
    await press("Escape")
    await expect(anna.page.locator("#search")).to_be_hidden()
    await expect(anna.page.locator("#search input")).not_to_be_focused()
    await press("a")
    await press("ArrowDown")
    await expect(anna.page.locator("#assign-dialog .item").last).to_be_focused()
    await press("Escape")
    # Behind an open dialog no key acts: were it so, the next one would open again what this one resolved.
    await press("s")
    await press("e")
    await press("Escape")
    await expect(anna.page.locator("#snooze-dialog")).to_be_hidden()
    await press("e")
    await expect(anna.head).to_have_attribute("data-status", "resolved")
    await anna.page.locator("#toasts [data-value=open]").click()
    await expect(anna.head).to_have_attribute("data-status", "open")


async def test_files_pass_both_ways(office: Office) -> None:
    anna, visitor = await _greeted(office)
    await visitor.chat.locator("#pick").set_input_files(PICTURE)
    await visitor.chat.locator("#send").click()
    picture = anna.timeline.locator("img")
    await expect(picture).to_have_attribute("alt", "стол.png")
    await expect(picture).to_have_js_property("naturalWidth", 1)
    await anna.page.locator("#composer input[type=file]").set_input_files(ESTIMATE)
    await expect(anna.page.locator("#pending-files [data-token]")).to_contain_text("смета 🌳.txt")
    await anna.reply("Смета")
    link = visitor.chat.locator("#log a.file")
    await expect(link).to_contain_text("смета 🌳.txt")
    async with visitor.page.expect_download() as told:
        await link.click()
    path = await (await told.value).path()
    assert path.read_bytes() == ESTIMATE["buffer"]


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["1440", "390"])
async def test_theme_and_language_are_kept(office: Office, viewport: None) -> None:
    anna = await (office.set_up(viewport) if viewport else office.set_up())
    await anna.page.locator("#self > button").click()
    await anna.page.locator("#self-menu [value=dark]").click()
    await expect(anna.page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(anna.page.locator("body")).to_have_css("color-scheme", "dark")
    await anna.page.locator("#self > button").click()
    await anna.page.locator("#self-menu [value=en]").click()
    await expect(anna.page.locator("html")).to_have_attribute("lang", "en")
    await expect(anna.page.locator("h1")).to_have_text("Inbox")
    await anna.page.goto("/contacts")
    await expect(anna.page.locator("h1")).to_have_text("Clients")
    await expect(anna.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_a_session_that_ended_takes_no_text_along(office: Office) -> None:
    anna, visitor = await _greeted(office)
    elsewhere = await anna.page.context.new_page()
    await elsewhere.goto("/contacts")
    await elsewhere.locator("#self > button").click()
    await elsewhere.locator("form[action='/logout'] button").click()
    await elsewhere.wait_for_url("**/login*")
    await elsewhere.close()
    banner = anna.page.locator(".signed-out")
    await anna.reply("Написано после конца сеанса")
    await expect(banner).to_be_visible()
    await expect(anna.bubble.last).to_have_class(re.compile("failed"))
    await expect(anna.bubble.last).to_contain_text("Написано после конца сеанса")
    await banner.locator("a").click()
    await anna.page.locator("[name=email]").fill("anna@example.com")
    await anna.page.locator("[name=password]").fill(PASSWORD)
    await anna.page.locator("button.primary").click()
    await expect(anna.head).to_contain_text("Марина")
    await expect(visitor.bubble.last).to_have_text("Написано после конца сеанса")
    await expect(anna.bubble.filter(has_text="после конца")).to_have_count(1)
