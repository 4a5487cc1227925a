"""A visitor's tab in a real browser, on the customer's site of tests/site.py."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import BrowserContext, FrameLocator, Locator, Page, expect

from tests.site import Site


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

    async def sent_to(self, count: int, site: Site) -> None:
        """Wait until that many messages of the visitor are stored; a bad line may need some goes."""
        async with asyncio.timeout(30):
            while len(await site.texts()) < count:
                await self.page.evaluate("new Promise((done) => setTimeout(done, 20))")

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
