"""An agent's day on the keyboard, in another tab and with files that are dropped: what the screens offer beside the answer."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.office import PASSWORD, Office

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]

# A tab behind another one, in a browser that may notify; what the page shows and plays is written down.
BEHIND = """
Object.defineProperty(document, "hidden", { get: () => true, configurable: true });
window.tones = 0;
window.Notification = class {
  static permission = "granted";
  constructor(title, options) { document.documentElement.dataset.told = `${title} ${options.body}`; }
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...given) { window.tones += 1; return start.apply(this, given); };
"""
DROP = """async ([name, text, way]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: "text/plain" }));
  const event = way === "drop" ? new DragEvent("drop", { dataTransfer: files, bubbles: true, cancelable: true })
    : new ClipboardEvent("paste", { clipboardData: files, bubbles: true, cancelable: true });
  document.querySelector("#composer textarea").dispatchEvent(event);
}"""


async def focused(page: Page) -> str:
    """The name of what has the focus."""
    found = await page.evaluate("document.activeElement.ariaLabel || document.activeElement.textContent || ''")
    return str(found).strip()


async def test_from_signing_in_to_the_answer_without_a_mouse(office: Office) -> None:
    await office.set_up()
    visitor = await office.visit()
    await visitor.begin("Сколько стоит берёзовый стол?", name="Марина")
    page = await (await office.context()).new_page()
    await page.goto("/login")
    await expect(page.locator("[name=email]")).to_be_focused()
    press, write = page.keyboard.press, page.keyboard.type
    await write("anna@example.com")
    await press("Tab")
    await write(PASSWORD)
    await press("Enter")
    await page.wait_for_url("**/inbox/waiting")
    await page.locator("#rows .row").first.wait_for()
    await press("j")
    await expect(page.locator("#dialog-head")).to_contain_text("Марина")
    await press("a")
    await expect(page.locator("#assign-dialog")).to_be_visible()
    assert "Я" in await focused(page)
    await press("Tab")
    assert "вернуть в очередь" in await focused(page)
    await press("Enter")
    await expect(page.locator("#dialog-head")).to_have_attribute("data-assignee", "")
    # The stream may tell it before the form is answered, and behind an open dialog no key acts.
    await expect(page.locator("#assign-dialog")).to_be_hidden()
    await press("t")
    await expect(page.locator("#dialog-head")).to_have_attribute("data-assignee", "1")
    await press("/")
    await expect(page.locator("#picker [role=option]").first).to_be_visible()
    await press("ArrowDown")
    await press("Enter")
    await press("Enter")
    await expect(visitor.bubble).to_have_count(2)
    await press("Escape")
    await press("Control+k")
    # At once: results that came while it is typed would be replaced under the arrow.
    await page.keyboard.insert_text("БЕРЕЗОВЫЕ СТОЛЫ")
    await expect(page.locator("#search-results mark").first).to_have_text("берёзовый")
    await press("ArrowDown")
    assert "Марина" in await focused(page)
    await press("Enter")
    await page.wait_for_url(re.compile(r"/conversations/1\?.*#m-"))
    await press("s")
    await press("Enter")
    await expect(page.locator("#dialog-head")).to_have_attribute("data-status", "snoozed")
    await expect(page.locator("#snooze-dialog")).to_be_hidden()
    await press("g")
    await press("t")
    await page.wait_for_url("**/templates")


async def test_a_colleague_is_found_by_the_at_sign_and_hears_of_it_behind_another_tab(office: Office) -> None:
    anna = await office.set_up()
    gleb = await office.invite(anna, "Глеб Ёлкин", "gleb@example.com")
    await gleb.page.add_init_script(BEHIND)
    await gleb.page.reload()
    await gleb.page.mouse.click(700, 500)
    visitor = await office.visit()
    await visitor.begin("Есть кто?", name="Марина")
    await anna.show("all")
    await anna.open("Марина")
    await anna.page.locator("#composer [data-kind=note]").click()
    await anna.text.press_sequentially("@елк")
    await expect(anna.page.locator("#mentions [role=option]")).to_have_text(["Глеб Ёлкин"])
    await anna.text.press("Enter")
    await expect(anna.text).to_have_value("@Глеб Ёлкин ")
    await anna.text.press_sequentially("хватит доски?")
    await anna.text.press("Enter")
    await expect(anna.bubble.last.locator(".mention")).to_have_text("@Глеб Ёлкин")
    await expect(gleb.page).to_have_title(re.compile(r"^\(1\) "))
    await expect(gleb.page.locator("html")).to_have_attribute("data-told", re.compile("хватит доски"))
    assert await gleb.page.evaluate("window.tones") > 0
    await expect(visitor.chat.locator("body")).not_to_contain_text("хватит доски")
    # Behind another tab the mention waits; it is seen when the dialog is in front of him.
    mentions = gleb.page.locator("#queue-list a[href='/inbox/mentions']")
    await expect(mentions).to_contain_text("1")
    await gleb.page.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
    await gleb.open("Марина")
    await expect(mentions).to_have_count(0)


@pytest.mark.parametrize("way", ["drop", "paste"])
async def test_a_begun_answer_keeps_its_files(office: Office, way: str) -> None:
    anna = await office.set_up()
    visitor, other = await office.visit(), await office.visit()
    await visitor.begin("Пришлите смету", name="Марина")
    await other.begin("Другой вопрос", name="Пётр")
    await anna.open("Марина")
    await anna.page.evaluate(DROP, ["смета.txt", "Итого 68 400 ₽", way])
    await expect(anna.page.locator("#pending-files [data-token]")).to_contain_text("смета.txt")
    await anna.text.fill("Вот смета")
    await anna.open("Пётр")
    await expect(anna.page.locator("#pending-files li")).to_have_count(0)
    begun = anna.row.filter(has_text="Марина").locator(".begun")
    await expect(begun).to_have_text("Черновик: Вот смета")
    await anna.page.reload()
    await expect(begun).to_be_visible()
    await anna.open("Марина")
    await expect(anna.page.locator("#pending-files [data-token]")).to_contain_text("смета.txt")
    await anna.text.press("Enter")
    await expect(visitor.chat.locator("#log a.file")).to_contain_text("смета.txt")
    await expect(visitor.bubble.last).to_contain_text("Вот смета")
    await expect(anna.page.locator("#pending-files li")).to_have_count(0)
    await anna.page.reload()
    await expect(anna.text).to_have_value("")


async def test_back_and_forth_between_dialogs_loads_no_page(office: Office) -> None:
    anna = await office.set_up()
    first, second = await office.visit(), await office.visit()
    await first.begin("Первый вопрос", name="Марина")
    await second.begin("Второй вопрос", name="Пётр")
    await anna.open("Марина")
    await anna.page.evaluate("window.kept = true")
    await anna.open("Пётр")
    await anna.page.go_back()
    await expect(anna.head).to_contain_text("Марина")
    await anna.page.go_back()
    await anna.page.wait_for_url("**/inbox/waiting")
    await expect(anna.page.locator("#main.blank")).to_be_visible()
    await anna.page.go_forward()
    await expect(anna.head).to_contain_text("Марина")
    await first.write("Ещё слово")
    await expect(anna.bubble.last).to_contain_text("Ещё слово")
    assert await anna.page.evaluate("window.kept")
