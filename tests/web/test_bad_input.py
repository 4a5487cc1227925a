"""Whatever comes in, the answer is clear, nothing is stored twice or lost, and it is never a 500."""

from __future__ import annotations

import json

import aiohttp
import pytest
from sqlalchemy import func, select

from connectors.contract import Profile
from inbox.models import Message
from tests.desk import Desk
from tests.web.test_conversation_pages import a_dialog, write

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def messages(desk: Desk) -> int:
    return int((await desk.world.rows(select(func.count()).select_from(Message)))[0][0])


async def test_markup_in_names_and_messages_stays_text(desk: Desk) -> None:
    trick = '"><b hx-get="/logout" hx-trigger="load">'
    conversation_id = await a_dialog(desk, SCRIPT + trick, profile=Profile(name=SCRIPT))
    page = await (await desk.browser("Анна")).get(f"/conversations/{conversation_id}")
    assert page.one("#timeline .text").text() == SCRIPT + trick
    assert not page.tree.css("#timeline script, #timeline [onerror], #timeline b[hx-get], .row script")
    assert "hx-ignore" in page.one("#timeline .item:has(.text)").attributes
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]


async def test_a_link_leads_away_without_telling_where_from(desk: Desk) -> None:
    conversation_id = await a_dialog(desk, "смотрите https://example.com/a?b=1, и javascript:alert(1)")
    page = await (await desk.browser("Анна")).get(f"/conversations/{conversation_id}")
    link = page.one("#timeline .text a")
    assert link.attributes["href"] == "https://example.com/a?b=1"
    assert "noopener" in link.attributes["rel"]


async def test_a_message_of_100000_characters_is_refused_in_words(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    before = await messages(desk)
    answer = await write(await desk.browser("Анна"), conversation_id, "я" * 100_000, "long")
    assert answer.status == 413
    assert "слишком длинное" in answer.text
    assert await messages(desk) == before


async def test_a_file_beyond_the_limit_is_refused_before_it_is_read(desk: Desk) -> None:
    anna = await desk.browser("Анна")
    form = aiohttp.FormData()
    form.add_field("file", b"x" * 300_000, filename="big.bin")
    answer = await anna.post("/files", form, Accept="application/json")
    assert answer.status == 413
    assert "КБ" in json.loads(answer.text)["error"]


@pytest.mark.parametrize("body", [b"", b"not multipart", b"--x\r\nbroken"])
async def test_a_broken_upload_is_a_clear_refusal(desk: Desk, body: bytes) -> None:
    anna = await desk.browser("Анна")
    answer = await anna.post(
        "/files", body, **{"Content-Type": "multipart/form-data; boundary=x", "Accept": "application/json"}
    )
    assert answer.status in (400, 413, 422)


@pytest.mark.parametrize("path", ["/login", "/setup", "/profile", "/templates/new", "/settings"])
async def test_a_broken_form_is_a_clear_refusal(desk: Desk, path: str) -> None:
    vera = await desk.browser("Вера")
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for token in ("", None):
        answer = await vera.post(path, b"--x\r\nbroken", csrf=token, **headers)
        assert 400 <= answer.status < 500, answer.text[:300]


@pytest.mark.parametrize(
    "path",
    [
        "/conversations/999999999999999999999",
        "/conversations/abc",
        "/conversations/-1",
        "/conversations/1%00",
        "/inbox/nothing-like-this",
        "/inbox/all?after=1.2.3.4&channel=x&order=sideways",
        "/inbox/all?after=9.999999999999999.1",
        "/search?q=%22%20OR%20(%27*%27",
        "/search?q=" + "а" * 3000,
        "/reports/response?from=9999-99-99",
        "/reports/response?from=2026-11-24&to=2020-01-01",
        "/files/../../etc/passwd",
        "/files/nothing",
        "/static/../inbox/settings.py",
        "/contacts/1e9/form",
        "/templates/zzz",
        "/settings/channels/new/nothing",
    ],
)
async def test_odd_addresses_are_never_a_500(desk: Desk, path: str) -> None:
    answer = await (await desk.browser("Вера")).get(path)
    assert answer.status < 500, answer.text[:500]


async def test_a_session_that_is_over_asks_to_sign_in(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    desk.world.clock.advance(days=31)
    page = await anna.get(f"/conversations/{conversation_id}")
    assert (page.status, page.location) == (303, f"/login?next=/conversations/{conversation_id}")
    script = await write(anna, conversation_id, "потеряется?", "x-1")
    assert script.status == 401
    machine = await anna.get("/inbox/all", Accept="application/json")
    assert machine.status == 401
    assert "error" in machine.text


async def test_forms_of_other_sites_are_refused(desk: Desk) -> None:
    conversation_id = await a_dialog(desk)
    anna = await desk.browser("Анна")
    path = f"/conversations/{conversation_id}/resolution"
    forged = await anna.post(path, {"status": "resolved"}, Origin="https://evil.example")
    assert forged.status == 403
    for wrong in ("wrong", "неверный-токен".encode().decode("latin-1")):
        assert (await anna.post(path, {"status": "resolved"}, csrf=wrong)).status == 403
    assert (await anna.post(path, {"status": "resolved"}, csrf="")).status == 403
    assert (await desk.world.conversation(conversation_id)).status == "open"


async def test_an_error_is_a_page_in_the_persons_language_with_a_number(desk: Desk) -> None:
    page = await (await desk.browser("Анна")).get("/nothing-here")
    assert page.status == 404
    assert "ничего нет" in page.text
    assert page.headers["X-Request-Id"]
