"""The main job, seen by the three who do it: a visitor writes, the right agent answers, the report tells how long."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Route, ViewportSize, expect

from tests.browser.office import DESK, PHONE, AgentScreen, Office, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

ADVERTISEMENT = "/demo?utm_source=yandex&utm_medium=cpc&utm_campaign=столы&utm_term=дубовый+стол"
QUESTION = "А стол 220 пройдёт в лифт? 😊"


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["1440", "390"])
async def test_from_the_first_message_to_the_report(office: Office, viewport: ViewportSize) -> None:
    anna = await office.set_up(viewport)
    gleb = await office.invite(anna, "Глеб Смирнов", "gleb@example.com", viewport)
    await _ask_for_the_phone(anna)
    await anna.choose_status("busy")
    visitor = await office.visit(ADVERTISEMENT, viewport)
    await visitor.begin(QUESTION, name="Марина", phone="8 917 123-45-67")
    await _given_to_gleb_without_a_reload(anna, gleb)
    await _answered_by_a_template(gleb, visitor)
    await _note_stays_inside(gleb, visitor)
    await _offline_and_back(gleb, visitor)
    await _two_answer_at_once(anna, gleb, visitor)
    await gleb.resolve()
    await expect(visitor.chat.locator("#ended")).to_be_visible()
    await _report_tells(anna)


async def _ask_for_the_phone(anna: AgentScreen) -> None:
    await anna.page.goto("/settings/channels")
    await anna.page.locator("main a[href^='/settings/channels/']:not([href*=new])").first.click()
    await anna.page.locator("[name=ask_phone]").select_option("required")
    async with anna.page.expect_event("load"):
        await anna.page.locator("form.form button.primary").click()
    await expect(anna.page.locator("[name=ask_phone]")).to_have_value("required")
    await anna.show("all")


async def _given_to_gleb_without_a_reload(anna: AgentScreen, gleb: AgentScreen) -> None:
    row = gleb.row.filter(has_text="Марина")
    await expect(row).to_contain_text(QUESTION)
    await expect(row).to_contain_text("столы")
    await expect(row.locator(".who")).to_have_attribute("title", "Глеб Смирнов")
    await expect(gleb.page.locator("#rail-count")).to_have_attribute("data-count", "1")
    await expect(gleb.page).to_have_title("(1) Входящие · Входящие")
    await expect(anna.row.filter(has_text="Марина").locator(".who")).to_have_attribute("title", "Глеб Смирнов")
    await gleb.open("Марина")
    card = await gleb.card()
    await expect(card).to_contain_text("+7 917 123-45-67")
    await expect(card).to_contain_text("дубовый стол")
    await card.locator("#why summary").click()
    await expect(card.locator("#why")).to_contain_text("Глеб")
    await expect(card.locator("#why")).to_contain_text("Анна")
    await gleb.page.keyboard.press("Escape")


async def _answered_by_a_template(gleb: AgentScreen, visitor: Visitor) -> None:
    await gleb.text.press_sequentially("/при")
    # What came for the first letters offers another one.
    await expect(gleb.page.locator("#picker [aria-selected=true] b")).to_have_text("Приветствие")
    preview = gleb.page.locator("#picker .preview:visible")
    await expect(preview.locator(".var").first).to_have_text("Марина")
    await gleb.text.press("Enter")
    await expect(gleb.page.locator("#picker")).to_be_hidden()
    await expect(gleb.text).to_have_value(re.compile("Марина"))
    answer = await gleb.text.input_value()
    assert "{{" not in answer
    assert "Глеб" in answer
    await gleb.text.press("Enter")
    await expect(visitor.bubble.last).to_have_text(answer)
    await expect(gleb.bubble.last.locator(".tick")).to_have_attribute("title", "Прочитано")
    await expect(gleb.text).to_have_value("")
    await expect(gleb.page.locator("#rail-count")).to_be_hidden()


async def _note_stays_inside(gleb: AgentScreen, visitor: Visitor) -> None:
    await gleb.note("@Анна хватит доски 45 мм? 🌳")
    await expect(gleb.bubble.last).to_contain_text("хватит доски")
    await gleb.reply("Пройдёт: столешница снимается 👍")
    await expect(visitor.bubble).to_have_count(3)
    await expect(visitor.bubble.last).to_have_text("Пройдёт: столешница снимается 👍")
    await expect(visitor.chat.locator("body")).not_to_contain_text("хватит доски")


async def _offline_and_back(gleb: AgentScreen, visitor: Visitor) -> None:
    await visitor.page.context.set_offline(True)
    await visitor.write("Написано без связи ёжику 🦔")
    await expect(visitor.chat.locator("#line")).to_be_visible()
    await gleb.reply("Отправлено, пока вас не было")
    await expect(gleb.bubble.last.locator(".tick")).to_have_attribute("title", "Отправлено")
    await expect(gleb.bubble.filter(has_text="без связи ёжику")).to_have_count(0)
    await expect(visitor.bubble.filter(has_text="пока вас не было")).to_have_count(0)
    await visitor.page.context.set_offline(False)
    await expect(visitor.chat.locator("#line")).to_be_hidden()
    await expect(visitor.bubble).to_have_count(5)
    await expect(gleb.bubble.filter(has_text="без связи ёжику")).to_have_count(1)
    await expect(visitor.bubble.filter(has_text="пока вас не было")).to_have_count(1)


async def _two_answer_at_once(anna: AgentScreen, gleb: AgentScreen, visitor: Visitor) -> None:
    await anna.open("Марина")
    text = "Анна отвечает о том же"

    async def overtaken(route: Route) -> None:
        # Her answer is on its way while his is stored.
        await gleb.reply("Первым ответил Глеб")
        await expect(visitor.bubble.last).to_have_text("Первым ответил Глеб")
        await route.continue_()

    await anna.page.route("**/messages", overtaken, times=1)
    await anna.reply(text)
    conflict = anna.page.locator("#conflict")
    await expect(conflict).to_contain_text("Глеб Смирнов")
    await expect(conflict).to_contain_text("Первым ответил Глеб")
    await expect(anna.text).to_have_value(text)
    await expect(visitor.bubble.filter(has_text="о том же")).to_have_count(0)
    await conflict.locator("[data-force]").click()
    await expect(visitor.bubble.last).to_have_text(text)
    await expect(visitor.bubble.filter(has_text="о том же")).to_have_count(1)
    await expect(anna.bubble.filter(has_text="о том же")).to_have_count(1)


async def _report_tells(anna: AgentScreen) -> None:
    await anna.page.goto("/reports/response")
    people = anna.page.locator("tr", has_text="Глеб Смирнов")
    await expect(people).to_contain_text("100")
    source = anna.page.locator("tr", has_text="Яндекс")
    await source.locator("a").nth(1).click()
    line = anna.page.locator("tbody tr")
    await expect(line).to_have_count(1)
    await expect(line).to_contain_text("Марина")
    await expect(line).to_contain_text("столы")
    await line.locator("a").first.click()
    await expect(anna.head).to_contain_text("Марина")
