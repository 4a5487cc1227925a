"""No screen is wider than the window, in either language, also with the longest names."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, ViewportSize

from tests.browser.office import DESK, PHONE, Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

PAGES = (
    "/inbox/waiting",
    "/inbox/snoozed",
    "/inbox/resolved?tag=1",
    "/conversations/1?view=all",
    "/contacts",
    "/search?q=example.com",
    "/templates",
    "/templates/1",
    "/templates/new",
    "/settings",
    "/settings/hours",
    "/settings/agents",
    "/settings/agents/1",
    "/settings/tags",
    "/settings/fields",
    "/settings/channels",
    "/settings/channels/1",
    "/settings/channels/new/api",
    "/profile",
    "/reports/response",
    "/reports/response/turns",
    "/reports/crossed",
    "/reports/sales",
    "/reports/people",
    "/reports/workload",
    "/reports/workload?by=agent",
    "/reports/workload/dialogs",
    "/wallboard",
    "/nowhere",
)
BEFORE_SIGNING_IN = ("/login", "/links/none", "/demo")
LONG_NAME = "Константин Константинопольский-Задунайский-Сухомлинский"
LONG_WORD = "https://example.com/" + "Рентгеноэлектрокардиографического" * 6
# Whatever may only scroll down. What is meant to scroll sideways (tabs, wide tables) has a box of its own inside.
TOO_WIDE = """() => [document.documentElement, ...document.querySelectorAll("main, .queue, .dialog, #log, #card .scroll, dialog[open]")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1)
    .map((box) => `${box.id || box.tagName}: ${box.scrollWidth} in ${box.clientWidth}`)
    .concat([...document.querySelectorAll(".desk > .queue")].filter((box) => innerWidth > 767 && box.offsetHeight < innerHeight)
    .map((box) => `the queue is ${box.offsetHeight} high in ${innerHeight}`))"""


async def too_wide(page: Page, addresses: tuple[str, ...]) -> list[str]:
    """The pages with a box whose content does not fit, and by how much."""
    found = []
    for address in addresses:
        await page.goto(address)
        found += [f"{address} {told}" for told in await page.evaluate(TOO_WIDE)]
    return found


async def add_named(page: Page, address: str, **values: str) -> None:
    """Fill in and send the form that adds something to a settings page."""
    await page.goto(address)
    form = page.locator("form.block").last
    for name, value in values.items():
        await form.locator(f"[name={name}]").fill(value)
    async with page.expect_event("load"):
        await form.locator("button.primary").click()


@pytest.mark.parametrize("viewport", [DESK, ViewportSize(width=1024, height=768), PHONE], ids=["1440", "1024", "390"])
async def test_nothing_is_wider_than_the_window(office: Office, viewport: ViewportSize) -> None:
    anna = await office.set_up(viewport)
    page = anna.page
    await add_named(page, "/settings/tags", name="Требует согласования с руководителем")
    await add_named(page, "/settings/fields", label="Номер и дата договора поставки", key="contract_number_and_date")
    await add_named(page, "/settings/agents", name=LONG_NAME, email="konstantin.konstantinopolsky@example.com")
    visitor = await office.visit("/demo?utm_source=yandex&utm_campaign=" + "осенняя-распродажа-" * 5, viewport)
    await visitor.begin(LONG_WORD, name=LONG_NAME)
    await anna.show("waiting")
    await anna.open(LONG_NAME)
    await anna.reply(LONG_WORD)
    await anna.bubble.nth(1).wait_for()
    for language in ("ru", "en"):
        await page.goto("/profile")
        await page.locator("#language").select_option(language)
        await page.locator("form[action='/profile'] button.primary").click()
        await page.locator(f"html[lang={language}]").wait_for()
        assert await too_wide(page, PAGES) == []
    stranger = await (await office.context(viewport)).new_page()
    assert await too_wide(stranger, BEFORE_SIGNING_IN) == []
