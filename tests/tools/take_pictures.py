"""Take the pictures of the README from a database that `inbox demo` filled: python -m tests.tools.take_pictures."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from tests.chromium_fixtures import ARGUMENTS
from tests.server import ROOT, Server
from tests.tools.get_browser import NAMES

PICTURES = ROOT / "docs" / "pictures"
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


async def main() -> None:
    """Fill a folder, serve it, and write every picture."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "data")
        server.data_dir.mkdir()
        told = server.run("demo")
        found = re.search(r"Sign in as (\S+) with the password (\S+)", told)
        assert found is not None, told
        await server.start()
        try:
            async with async_playwright() as playwright:
                path = next((path for path in map(shutil.which, NAMES) if path), None)
                browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
                await take_all(browser, server.url, found[1], found[2])
                await browser.close()
        finally:
            server.stop()


async def take_all(browser: Browser, url: str, email: str, password: str) -> None:
    """The five pictures, signed in as the demo's administrator."""
    await take_widget(browser, url)
    desk = await signed_in(browser, url, email, password, DESK)
    await open_dialog(desk)
    await take(desk, "inbox-dark", color_scheme="dark")
    await desk.keyboard.press("/")
    await desk.keyboard.type("при")
    await desk.locator("#picker .preview:visible .var").first.wait_for()
    await take(desk, "inbox-light")
    await desk.goto("/reports/response")
    await take(desk, "report")
    phone = await signed_in(browser, url, email, password, PHONE)
    await take(phone, "phone")


async def signed_in(browser: Browser, url: str, email: str, password: str, viewport: ViewportSize) -> Page:
    """A page of the inbox."""
    context = await browser.new_context(
        base_url=url, viewport=viewport, locale="ru-RU", timezone_id="Europe/Moscow", color_scheme="light"
    )
    page = await context.new_page()
    await page.goto("/login")
    await page.fill("[name=email]", email)
    await page.fill("[name=password]", password)
    await page.click("button.primary")
    await page.locator("#rows .row").first.wait_for()
    return page


async def open_dialog(page: Page) -> None:
    """The dialog with the most to see among the first that wait."""
    rows = page.locator("#rows > li")
    numbers = [str(await rows.nth(place).get_attribute("data-conversation")) for place in range(await rows.count())]
    seen = {number: await show(page, number) for number in numbers[:8]}
    await show(page, max(seen, key=lambda number: seen[number]))


async def show(page: Page, conversation: str) -> int:
    """Open a dialog by its row; returns how many bubbles, tags and lines of the source it has."""
    await page.locator(f"#row-{conversation} .row").click()
    await page.locator(f"#panes[data-conversation='{conversation}']:not(.loading) #timeline").wait_for()
    return await page.locator("#timeline .msg, #card .tag, #card .facts-list dd").count()


async def take_widget(browser: Browser, url: str) -> None:
    """A visitor who has just written."""
    context = await browser.new_context(base_url=url, viewport=DESK, locale="ru-RU", timezone_id="Europe/Moscow")
    page = await context.new_page()
    await page.goto("/demo")
    await page.locator("inbox-chat button").click()
    chat = page.frame_locator("inbox-chat iframe")
    await chat.locator("#form, #text").first.wait_for()
    for name, words in {"name": "Марина", "phone": "+7 917 123-45-67", "email": "marina@example.com"}.items():
        field = chat.locator(f"#form [name={name}]")
        if await field.is_visible():
            await field.fill(words)
    if await chat.locator("#in-text").is_visible():
        await chat.locator("#in-text").fill("Здравствуйте! Стол 220 пройдёт в лифт?")
        await chat.locator("#go").click()
    await chat.locator("#log .m").last.wait_for()
    await take(page, "widget")


async def take(page: Page, name: str, color_scheme: Literal["light", "dark"] = "light") -> None:
    """Write one picture when everything on the page is drawn."""
    await page.emulate_media(color_scheme=color_scheme)
    await page.wait_for_load_state("networkidle")
    await page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")


if __name__ == "__main__":
    asyncio.run(main())
