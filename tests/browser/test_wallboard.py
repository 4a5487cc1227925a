"""The wallboard in a real browser: it fills by itself, sounds when a wait passes its target, and speaks both languages."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from playwright.async_api import expect

from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

# Every wait is late, so that nobody has to wait for minutes.
NO_TIME = "UPDATE company SET first_response_target_seconds = 0"


async def test_the_wallboard_is_live_and_sounds_on_a_breach(office: Office) -> None:
    anna = await office.set_up()
    page = await anna.page.context.new_page()
    await page.goto("/wallboard")
    await expect(page.locator(".wall-waits")).to_contain_text("Сейчас никто не ждёт")
    await expect(page.locator(".wall-people .available .name")).to_have_text("Анна Орлова")
    await page.locator("[data-wall-sound]").click()
    await expect(page.locator("[data-wall-sound]")).to_have_attribute("aria-pressed", "true")

    visitor = await office.visit()
    await visitor.begin("Сколько стоит стол?", name="Марина")
    await expect(page.locator(".wall-waits li")).to_contain_text("Марина")
    await expect(page.locator(".tiles > div:first-child dd").first).to_have_text("1")
    await expect(page.locator(".wall-people .owes")).to_have_text("ждёт 1")
    with contextlib.closing(sqlite3.connect(office.server.data_dir / "inbox.db", timeout=10)) as connection:
        connection.execute(NO_TIME)
        connection.commit()
    await visitor.write("И два стула.")
    await expect(page.locator("body")).to_have_attribute("data-sounded", "1")
    await page.locator(".tiles .late .fig").click()
    await expect(page.locator("tbody tr")).to_contain_text("Марина")
    await page.go_back()

    await anna.show("waiting")
    await anna.open("Марина")
    await anna.reply("Двенадцать тысяч.")
    await expect(page.locator(".wall-waits")).to_contain_text("Сейчас никто не ждёт")
    await expect(page.locator(".tiles > div:first-child dd").first).to_have_text("0")
    await page.reload()
    # What the button said is kept on this screen.
    await expect(page.locator("[data-wall-sound]")).to_have_attribute("aria-pressed", "true")


async def test_the_wallboard_and_working_hours_in_english(office: Office) -> None:
    anna = await office.set_up()
    await anna.page.goto("/profile")
    await anna.page.locator("#language").select_option("en")
    await anna.page.locator("form[action='/profile'] button.primary").click()
    await anna.page.locator("html[lang=en]").wait_for()
    await anna.page.goto("/wallboard")
    await expect(anna.page.locator("h1")).to_have_text("Wallboard")
    await expect(anna.page.locator(".wall-waits")).to_contain_text("Nobody waits now")
    await expect(anna.page.locator(".wall-people")).to_contain_text("Who is here")
    # Whoever writes hours means them, whatever was chosen before.
    await anna.page.goto("/settings/hours")
    await anna.page.get_by_label("Around the clock").check()
    await anna.page.get_by_label("Friday").fill("18:00-2:00")
    await anna.page.get_by_role("button", name="Save").click()
    await expect(anna.page.get_by_label("Friday")).to_have_value("18:00-2:00")
    await expect(anna.page.locator("#mode-week")).to_be_checked()
