"""What the site's own scripts, and strangers, may do with the chat."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import insert, select

from inbox.models import ContactField, ContactFieldValue, Delivery
from tests.site import KEY, Site
from tests.visitor import visit
from widget.identity import sign_identity

pytestmark = pytest.mark.browser


async def test_the_site_introduces_its_customer(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off", identity_secret="s3cret")
    person = {"id": "42", "hash": sign_identity("s3cret", "42"), "name": "Марина"}
    context = await chromium.new_context()
    tab = await visit(context, f"{site.shop_url}/?script&person={orjson.dumps(person).decode()}")
    await tab.page.evaluate("InboxChat.open()")
    await tab.write("Это я")
    await expect(tab.chat.locator(".st:visible")).to_contain_text("отправлено")
    contact = await site.contact()
    assert (contact.external_id, contact.name, contact.verified) == ("u:42", "Марина", True)
    other = await chromium.new_context()
    elsewhere = await visit(other, site.shop_url)
    await elsewhere.open()
    await elsewhere.page.evaluate("(person) => InboxChat.identify(person)", person)
    await elsewhere.shows(["Это я"])


async def test_another_site_cannot_show_the_chat(site: Site, chromium: Browser) -> None:
    await site.set_up(allowed_origins="https://shop.example")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url)
    await tab.launcher.click()
    await expect(tab.chat.locator("#notice")).to_contain_text("Этому сайту чат не разрешён")
    # A page that lies about its origin is stopped by the browser.
    page = await context.new_page()
    await page.goto(site.shop_url)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    await page.evaluate(
        "(url) => new Promise((done) => { const frame = document.createElement('iframe'); frame.src = url; frame.onload = done; document.body.append(frame); })",
        f"{site.chat_url}/widget/v1/frame?key={KEY}&site=https://shop.example",
    )
    assert any("frame-ancestors" in text for text in refused)


async def test_strangers_cannot_talk_to_the_frame_or_to_the_page(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    context = await chromium.new_context()
    tab = await visit(context, site.shop_url + "/?script")
    await tab.open()
    forged: dict[str, Any] = {"inbox": 1, "type": "event", "name": "message", "detail": "forged"}
    await tab.page.evaluate("(data) => window.postMessage(data, '*')", forged)
    await tab.page.evaluate(
        """() => new Promise((done) => {
          const stranger = document.createElement("iframe");
          stranger.srcdoc = "<p>x</p>";
          stranger.onload = () => {
            stranger.contentWindow.eval(
              "parent.document.querySelector('inbox-chat').shadowRoot.querySelector('iframe')"
              + ".contentWindow.postMessage({ inbox: 1, type: 'shown', open: false }, '*')");
            setTimeout(done, 50);
          };
          document.body.append(stranger);
        })"""
    )
    await tab.write("Я здесь")
    await tab.sent()
    assert ["message", "forged"] not in await tab.page.evaluate("heard")
    await site.answer("Вижу")
    # The frame still knows that it is open: the answer was read at once.
    await expect(tab.log).to_have_count(2)
    await expect(tab.page.locator("inbox-chat b")).to_have_text("")
    while await site.world.rows(select(Delivery.state)) != [("read",)]:
        await tab.page.wait_for_load_state()


async def test_a_router_that_draws_the_page_anew_keeps_the_chat(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    tab = await visit(await chromium.new_context(), site.shop_url)
    await tab.open()
    await tab.write("Вопрос")
    await tab.sent()
    await tab.chat.locator("#text").fill("пишу")
    replaced = """() => {
      history.pushState({}, "", "/pricing");
      document.title = "Цены";
      document.documentElement.replaceChild(document.createElement("body"), document.body);
    }"""
    await tab.page.evaluate(replaced)
    while not ((await site.contact()).page_url or "").endswith("/pricing"):
        await tab.page.wait_for_load_state()
    await expect(tab.chat.locator("#text")).to_have_value("пишу")
    assert site.requests.count("/widget/v1/frame") == 1
    # One that clears everything finds the button put back.
    await tab.page.evaluate("document.documentElement.replaceChildren(document.createElement('body'))")
    await tab.shows(["Вопрос"])


async def test_a_chat_that_does_not_load_leaves_a_phone_its_page(site: Site, chromium: Browser) -> None:
    context = await chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    tab = await visit(context, site.shop_url)
    await context.set_offline(True)
    await tab.launcher.click()
    await expect(tab.launcher).to_have_attribute("aria-expanded", "true")
    await tab.launcher.click()
    await expect(tab.launcher).to_have_attribute("aria-expanded", "false")
    await expect(tab.page.locator("inbox-chat iframe")).to_be_hidden()


async def test_the_keyboard_of_a_phone_leaves_the_chat_in_sight(site: Site, chromium: Browser) -> None:
    context = await chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    # A browser in a test has no such keyboard: the viewport tells of one.
    await context.add_init_script(
        "if (window === parent) visualViewport = Object.assign(new EventTarget(), { height: 844, scale: 1 });"
    )
    tab = await visit(context, site.shop_url)
    await tab.open()
    await tab.page.evaluate("visualViewport.height = 500; visualViewport.onresize()")
    assert await tab.page.locator("inbox-chat iframe").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 500}
    # Zooming in is no keyboard.
    await tab.page.evaluate("visualViewport.height = 422; visualViewport.scale = 2; visualViewport.onresize()")
    assert await tab.page.locator("inbox-chat iframe").bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 844}


async def test_what_the_site_tells_during_a_dialog_is_in_the_card_at_once(site: Site, chromium: Browser) -> None:
    await site.set_up(ask_name="off")
    field = {"key": "plan", "label": "Тариф", "kind": "text", "position": 1}
    await site.world.write(lambda tx: tx.execute(insert(ContactField), field))
    tab = await visit(await chromium.new_context(), site.shop_url)
    await tab.open()
    await tab.write("Вопрос")
    await tab.sent()
    await tab.page.evaluate("InboxChat.setAttributes({ plan: 'pro' }); InboxChat.identify({ name: 'Марина' })")
    while (await site.contact()).name != "Марина":
        await tab.page.wait_for_load_state()
    assert await site.world.rows(select(ContactFieldValue.value)) == [("pro",)]
