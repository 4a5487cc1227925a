"""The site chat over plain requests: polling, sending, files, pages and scripts."""

from __future__ import annotations

import asyncio
import base64
import secrets
from typing import Any

import orjson
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from sqlalchemy import insert, select, update

from inbox.models import Attachment, BusinessHours, BusinessInterval, Company
from tests.site import KEY, Site
from widget import sockets

HELLO = {"type": "hello", "v": 1, "key": KEY}
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def close_the_shop(site: Site) -> None:
    """Working hours that begin tomorrow (Wednesday) at nine in Moscow."""
    await site.world.write(
        lambda tx: (
            tx.execute(insert(BusinessHours), {"id": 1, "name": "Часы", "time_zone": "Europe/Moscow"}),
            tx.execute(
                insert(BusinessInterval),
                {"business_hours_id": 1, "weekday": 2, "opens_minute": 540, "closes_minute": 1080},
            ),
            tx.execute(update(Company).values(business_hours_id=1)),
        )
    )


async def test_polling_brings_the_same_as_a_socket(site: Site) -> None:
    status, told = await site.post("poll", HELLO)
    assert status == 200
    welcome = told["frames"][0]
    assert welcome["type"] == "welcome"
    token = welcome["token"]
    frame = {"type": "send", "client_id": "client-1", "text": "Без сокета"}
    status, told = await site.post("send", {**HELLO, "frame": frame}, **bearer(token))
    accepted = told["frames"][0]["messages"]
    assert [(message["client_id"], message["text"]) for message in accepted] == [("client-1", "Без сокета")]
    await site.post("send", {**HELLO, "frame": frame}, **bearer(token))
    assert await site.texts() == ["Без сокета"]
    status, told = await site.post("poll", {**HELLO, "since": accepted[-1]["id"]}, **bearer(token))
    rev = told["frames"][0]["rev"]
    waiting = asyncio.create_task(
        site.post("poll", {**HELLO, "since": accepted[-1]["id"], "rev": rev}, **bearer(token))
    )
    while not site.surface.push.open_lines:
        await site.http.get(site.chat_url + "/widget/chat.css")
    assert not waiting.done()
    await site.answer("Ответ")
    async with asyncio.timeout(10):
        _, told = await waiting
    texts = [frame["message"]["text"] for frame in told["frames"] if frame["type"] == "message"]
    assert texts == ["Ответ"]


async def test_a_poll_without_news_ends_by_itself(site: Site, monkeypatch: Any) -> None:
    monkeypatch.setattr(sockets, "POLL_SECONDS", 0.01)
    _, told = await site.post("poll", HELLO)
    welcome = told["frames"][0]
    status, told = await site.post("poll", {**HELLO, "rev": welcome["rev"]}, **bearer(welcome["token"]))
    assert (status, told) == (200, {"frames": []})
    assert site.surface.push.open_lines == 0


async def test_requests_that_cannot_be_read_get_a_clear_answer(site: Site) -> None:
    for body, status, code in (
        (b"", 400, "invalid"),
        (b"{", 400, "invalid"),
        (b'{"type":"typing"}', 400, "invalid"),
        ({**HELLO, "v": 9}, 409, "broken"),
        ({**HELLO, "key": "nobody"}, 404, "channel"),
        (b'{"x":"' + b"y" * 70_000 + b'"}', 413, "large"),
    ):
        for path in ("poll", "send"):
            got, told = await site.post(path, body)
            assert (got, told["code"]) == (status, code), (path, body)
            assert told["text"]
    for frame in (None, 5, {"type": "fly"}, {"type": "send", "client_id": 1}):
        status, told = await site.post("send", {**HELLO, "frame": frame})
        assert (status, told["frames"][0]["code"]) == (400, "invalid")
    assert (await site.http.get(site.chat_url + "/widget/v1/socket")).status == 400


async def test_files_go_both_ways(site: Site) -> None:
    visit = await site.join()
    token = visit.welcome["token"]
    status, told = await site.post(f"files?key={KEY}&name=стол.png", PIXEL, **bearer(token))
    assert (status, told["kind"], told["name"]) == (200, "image", "стол.png")
    message = await visit.write("client-1", "", files=[told["token"]])
    assert [(file["name"], file["kind"], file["state"]) for file in message["files"]] == [
        ("стол.png", "image", "ready")
    ]
    answer = await site.http.get(site.chat_url + message["files"][0]["url"])
    assert await answer.read() == PIXEL
    # The same upload cannot be put into a second message, nor into somebody else's.
    stranger = await site.join()
    for other, client_id in ((visit, "client-2"), (stranger, "client-3")):
        await other.say("send", client_id=client_id, text="", files=[told["token"]])
        assert (await other.socket.receive_json(timeout=10))["type"] in ("error", "state")
    assert len(await site.texts()) == 1


async def test_files_that_cannot_be_taken_are_told_why(site: Site) -> None:
    await site.set_up(max_file_mb=1)
    token = (await site.join()).welcome["token"]
    russian = {**bearer(token), "Accept-Language": "ru"}
    status, told = await site.post(f"files?key={KEY}&name=big.bin", secrets.token_bytes((1 << 20) + 1), **russian)
    assert (status, told["code"]) == (413, "large")
    assert told["text"].startswith("Файл больше, чем 1")

    async def endless() -> Any:
        for _ in range(1100):
            yield secrets.token_bytes(1000)

    url = f"{site.chat_url}/widget/v1/files?key={KEY}&name=stream.bin"
    async with site.http.post(url, data=endless(), headers=russian) as answer:
        assert answer.status == 413
    for status, code, key, headers in (
        (404, "channel", "nobody", russian),
        (401, "session", KEY, {}),
        (403, "origin", KEY, {**russian, "Origin": "https://evil.example"}),
    ):
        got, told = await site.post(f"files?key={key}&name=a", b"x", **headers)
        assert (got, told["code"]) == (status, code)
    await site.set_up(files=False)
    assert (await site.post(f"files?key={KEY}&name=a", b"x", **russian))[0] == 403
    assert await site.world.rows(select(Attachment.id)) == []


async def test_uploads_are_limited_in_number(site: Site) -> None:
    token = (await site.join()).welcome["token"]
    answers = [await site.post(f"files?key={KEY}&name=a", b"x", **bearer(token)) for _ in range(22)]
    assert [status for status, _ in answers] == [200] * 20 + [429] * 2
    assert answers[-1][1]["retry_after"] > 0


async def test_outside_working_hours_any_way_back_is_enough(site: Site) -> None:
    await close_the_shop(site)
    await site.set_up(ask_phone="required", ask_name="required")
    visit = await site.join(language="ru")
    state = visit.welcome["state"]
    # 24 November 2026 is a Tuesday; nine in Moscow is six in UTC.
    assert (state["open"], state["opens_at"]) == (False, 1_795_586_400_000)
    await visit.say("send", client_id="client-1", text="Есть кто?", prechat={"name": "Марина"})
    told = await visit.socket.receive_json(timeout=10)
    assert told["fields"] == {"reach": "Оставьте телефон или почту, чтобы мы могли ответить."}
    await visit.write("client-1", "Есть кто?", prechat={"email": "marina@example.com"})
    assert (await site.contact()).email == "marina@example.com"


async def test_the_loader_brings_its_settings(site: Site) -> None:
    await site.set_up(colour="#ffdd2d", side="left", language="ru")
    answer = await site.http.get(f"{site.chat_url}/widget/loader.js?key={KEY}")
    script = await answer.text()
    settings = orjson.loads(script[script.index('({"') + 1 : script.rindex(")")])
    assert (settings["key"], settings["language"], list(settings["words"])) == (KEY, "ru", ["ru"])
    assert "left:20px" in settings["sheet"]
    assert "background:#ffdd2d" in settings["sheet"]
    assert "BRAND" not in settings["sheet"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    same = await site.http.get(answer.url, headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status == 304
    assert (await site.http.get(f"{site.chat_url}/widget/loader.js?key=nobody")).status == 404


async def test_the_frame_is_shown_where_it_may_be(site: Site) -> None:
    await site.set_up(allowed_origins="https://shop.example", title="Дубрава", policy_url="https://shop.example/p")
    url = f"{site.chat_url}/widget/v1/frame?key={KEY}&lang=ru&site="
    allowed = await site.http.get(url + "https://shop.example")
    assert allowed.status == 200
    policy = allowed.headers["Content-Security-Policy"]
    assert "frame-ancestors 'self' " in policy
    assert "https://shop.example" in policy
    page = HTMLParser(await allowed.text())
    boot = orjson.loads(page.css_first("body").attributes["data-boot"] or "")
    assert (boot["site"], boot["look"]["title"], boot["texts"]["sent"]) == (
        "https://shop.example",
        "Дубрава",
        "отправлено",
    )
    assert page.css_first("[style], script:not([src])") is None
    assert page.css_first("#f-consent a").attributes["href"] == "https://shop.example/p"
    refused = await site.http.get(url + "https://evil.example")
    assert refused.status == 403
    assert "Этому сайту чат не разрешён" in await refused.text()
    assert (await site.http.get(f"{site.chat_url}/widget/v1/frame?key=nobody&lang=ru")).status == 404


async def test_settings_cannot_break_out_of_the_page(site: Site) -> None:
    await site.set_up(title='</b><script>alert(1)</script>"', greeting='"><img src=x onerror=alert(1)>')
    answer = await site.http.get(f"{site.chat_url}/widget/v1/frame?key={KEY}&lang=ru")
    page = HTMLParser(await answer.text())
    assert page.css_first("#title").text() == '</b><script>alert(1)</script>"'
    assert len(page.css("script")) == 1
    assert page.css_first("img") is None


async def test_the_demo_shop(site: Site) -> None:
    for path in ("/demo", "/demo/pricing", "/demo/delivery"):
        answer = await site.http.get(f"{site.chat_url}{path}?lang=ru")
        assert answer.status == 200
        page = HTMLParser(await answer.text())
        assert page.css_first("script").attributes["src"] == f"/widget/loader.js?key={KEY}"
        assert page.css_first("h1") is not None
        assert page.css_first("nav [aria-current]").attributes["href"] == f"{path}?key={KEY}"
    assert (await site.http.get(f"{site.chat_url}/demo/nowhere")).status == 404
