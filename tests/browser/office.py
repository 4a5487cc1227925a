"""The people of the browser tests: an administrator who sets up, agents at their screens, visitors of the demo site."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.async_api import Browser, BrowserContext, FrameLocator, Locator, Page, ViewportSize, expect

from tests.server import Server

PASSWORD = "дуб-и-ясень-2026"
DESK = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)


@dataclass
class Office:
    """One installation with the browser in which everybody of a test works."""

    server: Server
    browser: Browser
    problems: list[str] = field(default_factory=list)

    async def context(self, viewport: ViewportSize = DESK, **options: object) -> BrowserContext:
        """A browser of somebody's own."""
        settings = {"viewport": viewport, "locale": "ru-RU", "timezone_id": "Europe/Moscow", **options}
        context = await self.browser.new_context(base_url=self.server.url, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        context.on(
            "console",
            lambda told: self.problems.append(told.text) if "Content Security" in told.text else None,
        )
        return context

    def setup_code(self) -> str:
        """The code that the terminal shows."""
        log = (self.server.data_dir.parent / "server.log").read_text()
        found = re.search(r"Code for the first run: (\S+)", log)
        assert found is not None, log
        return found[1]

    async def set_up(self, viewport: ViewportSize = DESK) -> AgentScreen:
        """Fill in the first-run page as its administrator, Анна; she lands in the inbox."""
        page = await (await self.context(viewport)).new_page()
        await page.goto("/setup")
        answers = {"token": self.setup_code(), "name": "Анна Орлова", "email": "anna@example.com", "password": PASSWORD}
        for name, value in {**answers, "company": "Дубрава", "channel": "Дубрава"}.items():
            await page.locator(f"[name={name}]").fill(value)
        await page.locator("[name=time_zone]").select_option("Europe/Moscow")
        await page.locator("[name=hours]").select_option("always")
        await page.locator("button.primary").click()
        await page.wait_for_url("**/setup/done?*")
        await page.locator("a[href='/inbox/waiting']").click()
        await page.wait_for_url("**/inbox/waiting")
        return AgentScreen(page)

    async def invite(self, admin: AgentScreen, name: str, email: str, viewport: ViewportSize = DESK) -> AgentScreen:
        """Invite somebody on the staff page; they take the link in a browser of their own."""
        page = await admin.page.context.new_page()
        await page.goto("/settings/agents")
        form = page.locator("form[action='/settings/agents']")
        await form.locator("[name=name]").fill(name)
        await form.locator("[name=email]").fill(email)
        await form.locator("button").click()
        link = await page.locator("#link").inner_text()
        await page.close()
        theirs = await (await self.context(viewport)).new_page()
        await theirs.goto(link.strip())
        await theirs.locator("[name=password]").fill(PASSWORD)
        await theirs.locator("button.primary").click()
        await theirs.wait_for_url("**/inbox/*")
        return AgentScreen(theirs)

    async def visit(self, address: str = "/demo", viewport: ViewportSize = DESK) -> Visitor:
        """A stranger opens the demo site."""
        page = await (await self.context(viewport)).new_page()
        await page.goto(address)
        visitor = Visitor(page)
        await visitor.launcher.wait_for()
        return visitor


@dataclass
class AgentScreen:
    """The inbox of one agent."""

    page: Page

    @property
    def row(self) -> Locator:
        """The rows of the queue."""
        return self.page.locator("#rows .row")

    @property
    def timeline(self) -> Locator:
        """Everything in the open dialog."""
        return self.page.locator("#timeline")

    @property
    def bubble(self) -> Locator:
        """The bubbles of the open dialog."""
        return self.page.locator("#timeline .msg")

    @property
    def text(self) -> Locator:
        """Where the agent writes."""
        return self.page.locator("#composer textarea")

    @property
    def head(self) -> Locator:
        """The head of the dialog."""
        return self.page.locator("#dialog-head")

    async def show(self, view: str) -> None:
        """Open a view of the queue."""
        await self.page.goto(f"/inbox/{view}")

    async def open(self, name: str) -> None:
        """Open the dialog of a client from the queue."""
        await self.row.filter(has_text=name).first.click()
        await expect(self.head).to_contain_text(name)

    async def back(self) -> None:
        """From the dialog to the queue on a phone."""
        if self.phone:
            await self.page.locator("[data-back]").click()

    async def reply(self, text: str) -> None:
        """Write and send."""
        await self.text.fill(text)
        await self.text.press("Enter")

    @property
    def phone(self) -> bool:
        """Whether the screen shows one pane at a time."""
        size = self.page.viewport_size
        return size is not None and size["width"] < 720

    async def choose_status(self, status: str) -> None:
        """Say whether new dialogs may be given."""
        await self.page.locator("#self > button").click()
        await self.page.locator(f"#self-menu [name=status][value={status}]").click()
        await self.page.locator(f"#self .presence.{status}").first.wait_for()

    async def resolve(self) -> None:
        """Resolve the open dialog, by the button or by the menu of a phone."""
        if self.phone:
            await self.page.locator("[data-dialog=more-dialog]").click()
            await self.page.locator("#more-dialog [data-value=resolved]").click()
        else:
            await self.head.locator("[data-value=resolved]").click()
        await expect(self.head).to_have_attribute("data-status", "resolved")

    async def card(self) -> Locator:
        """The client's card, opened where it is a drawer."""
        opener = self.page.locator("[popovertarget=card].only-narrow")
        if await opener.is_visible():
            await opener.click()
        return self.page.locator("#card-body")

    async def note(self, text: str) -> None:
        """Write a note for colleagues."""
        await self.page.locator("#composer [data-kind=note]").click()
        await self.reply(text)
        await self.page.locator("#composer [data-kind=outgoing]").click()


@dataclass
class Visitor:
    """A stranger on the demo site."""

    page: Page

    @property
    def launcher(self) -> Locator:
        """The button of the chat."""
        return self.page.locator("inbox-chat button")

    @property
    def chat(self) -> FrameLocator:
        """The inside of the chat."""
        return self.page.frame_locator("inbox-chat iframe")

    @property
    def bubble(self) -> Locator:
        """The bubbles of the chat."""
        return self.chat.locator("#log .m")

    async def open(self) -> None:
        """Press the button and wait for the chat."""
        await self.launcher.click()
        await expect(self.chat.locator("#panel")).to_have_attribute("aria-busy", "false")

    async def begin(self, text: str, **answers: str) -> None:
        """Answer what the chat asks first, and write the first message."""
        await self.open()
        for name, value in answers.items():
            await self.chat.locator(f"#form [name={name}]").fill(value)
        await self.chat.locator("#in-text").fill(text)
        await self.chat.locator("#go").click()
        await expect(self.bubble.last).to_have_text(text)

    async def write(self, text: str) -> None:
        """Write one more message."""
        await self.chat.locator("#text").fill(text)
        await self.chat.locator("#text").press("Enter")
