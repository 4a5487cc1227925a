"""The reports in a real browser: figures open their dialogs, the heat map comes by itself, a verdict is one click."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


async def test_figures_lead_to_their_dialogs_in_both_languages(office: Office) -> None:
    anna = await office.set_up()
    visitor = await office.visit("/demo?utm_source=yandex&utm_medium=cpc")
    await visitor.begin("Сколько стоит стол?", name="Марина")
    await anna.show("waiting")
    await anna.open("Марина")
    await anna.reply("Двенадцать тысяч.")
    await anna.bubble.nth(1).wait_for()
    page = anna.page
    await page.locator(".verdict button", has_text="Целевой").first.click()
    await expect(page.locator(".verdict [aria-pressed=true]")).to_have_text("Целевой")

    await page.goto("/reports/response?period=today")
    await expect(page.locator("#hours .heat td a")).to_have_count(1)
    await page.locator("#hours .heat td a").click()
    await expect(page.locator("tbody tr")).to_contain_text(["Марина"])
    await page.goto("/reports/sales?period=today")
    await page.locator(".big .fig").first.click()
    await expect(page.locator("tbody tr")).to_contain_text(["Марина"])

    await page.goto("/profile")
    await page.locator("#language").select_option("en")
    await page.locator("form[action='/profile'] button.primary").click()
    await page.locator("html[lang=en]").wait_for()
    await page.goto("/reports/crossed?period=today&down=source&across=agent")
    await expect(page.locator("h1")).to_have_text("Crossed")
    await page.locator(".crossed tbody .fig").last.click()
    await expect(page.locator("tbody tr")).to_contain_text(["Марина"])
    await page.goto("/reports/people?period=today")
    await expect(page.locator("tbody tr")).to_contain_text(["Анна Орлова"])
