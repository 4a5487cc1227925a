"""The site chat through real sockets: messages, ticks, typing, pages, limits, refusals."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import WSMsgType
from sqlalchemy import select

from inbox.models import Delivery, Event, LeadSource, Touch
from tests.servers_fixtures import both_databases
from tests.site import KEY, Site, Visit
from widget.limits import Limits

HELLO = {"type": "hello", "v": 1, "key": KEY}


async def refusal(visit: Visit) -> Any:
    """The next frame, which must be an error."""
    told = await visit.socket.receive_json(timeout=10)
    while told["type"] == "state":
        told = await visit.socket.receive_json(timeout=10)
    assert told["type"] == "error", told
    return told


async def test_a_message_is_stored_and_answered(site: Site) -> None:
    visit = await site.join()
    assert visit.welcome["state"]["status"] == "none"
    message = await visit.write("client-1", "Здравствуйте! 👋")
    assert message["own"] is True
    assert await site.texts() == ["Здравствуйте! 👋"]
    await site.answer("Добрый день!")
    told = (await visit.next("message"))["message"]
    assert (told["own"], told["text"], told["author"]) == (False, "Добрый день!", "Анна")


async def test_nothing_is_stored_before_the_visitor_writes(site: Site) -> None:
    visit = await site.join(page={"url": "https://shop.example/", "title": "Столы"})
    await visit.say("page", url="https://shop.example/pricing", title="Цены")
    await visit.say("typing", on=True)
    await visit.say("history", before=10)
    await visit.next("history")
    assert await site.world.rows(select(Event.id)) == []
    assert site.typed == []


async def test_a_message_sent_again_is_stored_once(site: Site) -> None:
    visit = await site.join()
    first = await visit.write("client-1", "Один раз")
    again = await visit.write("client-1", "Один раз")
    assert again["id"] == first["id"]
    other = await site.join(visit.welcome["token"])
    assert [message["id"] for message in other.welcome["messages"]] == [first["id"]]
    assert (await other.write("client-1", "Один раз"))["id"] == first["id"]
    assert await site.texts() == ["Один раз"]


async def test_one_visitors_ids_do_not_meet_anothers(site: Site) -> None:
    one, two = await site.join(), await site.join()
    await one.write("client-1", "Первый")
    await two.write("client-1", "Второй")
    assert await site.texts() == ["Первый", "Второй"]
    assert [message["text"] for message in (await site.join(one.welcome["token"])).welcome["messages"]] == ["Первый"]


async def test_every_tab_of_a_visitor_hears_everything(site: Site) -> None:
    one = await site.join()
    two = await site.join(one.welcome["token"])
    await one.write("client-1", "Из первой вкладки")
    assert (await two.next("message"))["message"]["text"] == "Из первой вкладки"
    await two.write("client-2", "Из второй")
    assert (await one.next("message"))["message"]["text"] == "Из второй"
    await site.answer("Обеим")
    for tab in (one, two):
        assert (await tab.next("message"))["message"]["text"] == "Обеим"


async def test_what_came_while_the_visitor_was_away_is_told_once(site: Site) -> None:
    visit = await site.join()
    sent = await visit.write("client-1", "Вопрос")
    await visit.socket.close()
    answer_id = await site.answer("Ответ")
    back = await site.join(visit.welcome["token"], since=sent["id"])
    assert [(message["id"], message["text"]) for message in back.welcome["messages"]] == [(answer_id, "Ответ")]
    again = await site.join(visit.welcome["token"], since=answer_id)
    assert again.welcome["messages"] == []


async def test_long_histories_come_in_pages(site: Site) -> None:
    await site.set_up(visitor_per_minute=1000)
    visit = await site.join()
    for number in range(45):
        await visit.write(f"client-{number}", f"Сообщение {number}")
    back = await site.join(visit.welcome["token"])
    assert (len(back.welcome["messages"]), back.welcome["more"]) == (40, True)
    await back.say("history", before=back.welcome["messages"][0]["id"])
    page = await back.next("history")
    assert [message["text"] for message in page["messages"]] == [f"Сообщение {number}" for number in range(5)]
    assert page["more"] is False


async def test_notes_and_activities_stay_inside(site: Site) -> None:
    from inbox.actions.reply import Draft, note
    from inbox.actions.resolve import resolve

    visit = await site.join()
    await visit.write("client-1", "Вопрос")
    await site.answer("Ответ")
    conversation_id = await site.world.conversation_of(1)
    await site.world.write(note, site.world.actor("Анна"), conversation_id, Draft("n1", "Скандалист"))
    await site.world.write(resolve, site.world.actor("Анна"), conversation_id)
    while (await visit.next("state"))["state"]["status"] != "resolved":
        pass
    back = await site.join(visit.welcome["token"])
    assert [message["text"] for message in back.welcome["messages"]] == ["Вопрос", "Ответ"]


async def test_the_ticks_of_the_visitor(site: Site) -> None:
    visit = await site.join()
    sent = await visit.write("client-1", "Кто здесь?")
    state = (await visit.next("state"))["state"]
    assert (state["status"], state["delivered"], state["read"]) == ("open", 0, 0)
    await site.world.online("Анна")
    back = await site.join(visit.welcome["token"])
    assert (back.welcome["state"]["delivered"], back.welcome["state"]["read"]) == (sent["id"], 0)
    await site.answer("Я")
    while (await visit.next("state"))["state"]["read"] < sent["id"]:
        pass


async def test_the_ticks_of_the_agent(site: Site) -> None:
    visit = await site.join()
    await visit.write("client-1", "Вопрос")
    first, second = await site.answer("Раз"), await site.answer("Два")

    async def states() -> list[str]:
        rows = await site.world.rows(select(Delivery.state).order_by(Delivery.message_id))
        return [row[0] for row in rows]

    assert await states() == ["sent", "sent"]
    await visit.say("received", message=second)
    await visit.say("read", message=first)
    while (await visit.next("state"))["state"]["seen"] != first:
        pass
    assert await states() == ["read", "delivered"]
    await visit.say("received", message=second)
    await visit.say("read", message=second)
    while (await visit.next("state"))["state"]["seen"] != second:
        pass
    assert await states() == ["read", "read"]
    changed = await site.world.rows(select(Event.message_id).where(Event.kind == "delivery.changed"))
    assert sorted(row[0] for row in changed) == [first, first, second, second]


async def test_nobody_marks_the_messages_of_another_visitor(site: Site) -> None:
    visit, stranger = await site.join(), await site.join()
    await visit.write("client-1", "Вопрос")
    answer_id = await site.answer("Ответ")
    await stranger.write("client-1", "Чужой")
    await stranger.say("read", message=answer_id + 100)
    await stranger.write("client-2", "Ещё")
    assert await site.world.rows(select(Delivery.state)) == [("sent",)]


async def test_typing_goes_both_ways(site: Site) -> None:
    visit = await site.join()
    await visit.write("client-1", "Вопрос")
    conversation_id = await site.world.conversation_of(1)
    site.surface.push.agent_typing(conversation_id, "Анна")
    assert await visit.next("typing") == {"type": "typing", "name": "Анна", "on": True}
    site.surface.push.agent_typing(conversation_id, None)
    assert (await visit.next("typing"))["on"] is False
    await visit.say("typing", on=True)
    await visit.write("client-2", "Ещё")
    assert site.typed[-2:] == [(conversation_id, True), (conversation_id, False)]


async def test_the_page_follows_the_visitor_at_most_once_a_second(site: Site) -> None:
    site.surface.limits = Limits(lambda: 0.0)
    visit = await site.join(page={"url": "https://shop.example/", "title": "Столы"})
    await visit.write("client-1", "Вопрос")
    assert (await site.contact()).page_url == "https://shop.example/"
    for number in range(70):
        await visit.say("page", url=f"https://shop.example/{number}", title="Стол")
    await visit.write("client-2", "Ещё")
    moves = await site.world.rows(select(Event.conversation_id).where(Event.kind == "contact.page"))
    assert 1 <= len(moves) <= 61
    assert moves[0][0] == await site.world.conversation_of(1)

    async def last_page() -> None:
        while (await site.contact()).page_url != "https://shop.example/69":
            await site.http.get(site.chat_url + "/widget/chat.css")

    async with asyncio.timeout(10):
        await last_page()


async def test_where_the_visitor_came_from_is_kept(site: Site) -> None:
    first = {
        "url": "https://shop.example/?utm_source=vk&utm_medium=cpc&utm_campaign=весна",
        "referrer": "https://vk.com/",
    }
    last = {"url": "https://shop.example/?yclid=77", "referrer": "https://yandex.ru/"}
    visit = await site.join(first=first, last=last, page={"url": "https://shop.example/cart"}, metrica="12345")
    await visit.write("client-1", "Вопрос")
    await visit.write("client-2", "Ещё")
    rows = await site.world.rows(
        select(
            LeadSource.kind,
            LeadSource.source,
            LeadSource.campaign,
            Touch.click_id,
            Touch.metrica_client_id,
            Touch.page_url,
        )
        .join(Touch, Touch.lead_source_id == LeadSource.id)
        .order_by(Touch.id)
    )
    assert [tuple(row) for row in rows] == [
        ("ad", "vk", "весна", None, "12345", None),
        ("ad", "yandex", "", "77", "12345", "https://shop.example/cart"),
    ]
    contact = await site.contact()
    assert (contact.first_touch_id, contact.last_touch_id) == (1, 2)


async def test_the_form_is_checked_again_by_the_server(site: Site) -> None:
    await site.set_up(ask_phone="required", ask_name="optional", ask_consent="required", consent="Согласен.")
    visit = await site.join(language="ru")
    await visit.say("send", client_id="client-1", text="Вопрос")
    told = await refusal(visit)
    assert (told["code"], told["client_id"], set(told["fields"])) == ("invalid", "client-1", {"phone", "consent"})
    await visit.say("send", client_id="client-1", text="Вопрос", prechat={"phone": "12", "consent": True})
    assert (await refusal(visit))["fields"] == {"phone": "Это не похоже на номер телефона."}
    assert await site.texts() == []
    assert await site.world.rows(select(Event.id)) == []
    await visit.write("client-1", "Вопрос", prechat={"name": "Марина", "phone": "8 917 123-45-67", "consent": True})
    contact = await site.contact()
    assert (contact.name, contact.phone, contact.consent_text) == ("Марина", "+79171234567", "Согласен.")
    assert contact.consent_at is not None
    await visit.write("client-2", "Дальше без формы")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"client_id": "client-1", "text": "   "}, "invalid"),
        ({"client_id": "client-1", "text": "ё" * 10_001}, "large"),
        ({"client_id": "client-1", "text": "x", "files": ["чужой-токен"]}, "invalid"),
        ({"client_id": "x", "text": "x"}, "invalid"),
        ({"client_id": "client-1", "text": None}, "invalid"),
    ],
)
async def test_a_message_that_cannot_be_taken_is_answered(site: Site, frame: dict[str, Any], code: str) -> None:
    visit = await site.join(language="ru")
    await visit.say("send", **frame)
    told = await refusal(visit)
    assert (told["code"], told["client_id"]) == (code, frame["client_id"])
    assert told["text"]
    assert await site.texts() == []
    await visit.write("client-2", "А это годится")


async def test_a_frame_beyond_the_limit_ends_the_socket_only(site: Site) -> None:
    visit = await site.join()
    await visit.socket.send_str('{"type":"send","client_id":"client-1","text":"' + "x" * 100_000 + '"}')
    closed = await visit.socket.receive(timeout=10)
    assert closed.type is WSMsgType.CLOSE
    assert closed.data == 1009
    back = await site.join(visit.welcome["token"])
    await back.write("client-2", "Я вернулся")
    assert await site.texts() == ["Я вернулся"]


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        ({**HELLO, "key": "no-such-chat"}, "channel"),
        ({**HELLO, "v": 2}, "broken"),
        ({"type": "typing", "on": True}, "invalid"),
        ({"nonsense": 1}, "invalid"),
    ],
)
async def test_a_wrong_hello_is_told_why(site: Site, hello: dict[str, Any], code: str) -> None:
    socket = await site.http.ws_connect(f"{site.chat_url}/widget/v1/socket")
    await socket.send_json(hello)
    told = await socket.receive_json(timeout=10)
    assert (told["type"], told["code"]) == ("error", code)
    assert told["text"]
    assert (await socket.receive(timeout=10)).type is WSMsgType.CLOSE


async def test_a_forged_origin_is_refused(site: Site) -> None:
    for allowed, origin in (("", "https://evil.example"), ("shop.example", "https://shop.example.evil.example")):
        await site.set_up(allowed_origins=allowed)
        socket = await site.http.ws_connect(f"{site.chat_url}/widget/v1/socket", headers={"Origin": origin})
        await socket.send_json(HELLO)
        assert (await socket.receive_json(timeout=10))["code"] == "origin"
        status, told = await site.post("poll", HELLO, Origin=origin)
        assert (status, told["code"]) == (403, "origin")
    await site.set_up(allowed_origins="shop.example")
    socket = await site.http.ws_connect(f"{site.chat_url}/widget/v1/socket", headers={"Origin": "https://shop.example"})
    await socket.send_json(HELLO)
    assert (await socket.receive_json(timeout=10))["type"] == "welcome"


async def test_a_flood_is_slowed_down_and_nothing_of_it_is_lost(site: Site) -> None:
    await site.set_up(visitor_per_minute=5)
    visit = await site.join(language="ru")
    for number in range(7):
        await visit.say("send", client_id=f"client-{number}", text=str(number))
    busy = []
    while len(busy) < 2:
        told = await visit.socket.receive_json(timeout=10)
        if told["type"] == "error":
            busy.append((told["code"], told["client_id"], told["retry_after"]))
    assert [entry[:2] for entry in busy] == [("busy", "client-5"), ("busy", "client-6")]
    assert 0 < busy[0][2] <= 12
    assert await site.texts() == ["0", "1", "2", "3", "4"]
    # Another visitor is not slowed down by this one.
    other = await site.join()
    await other.write("client-1", "Другой")


async def test_a_network_holds_so_many_chats_and_no_more(site: Site) -> None:
    await site.set_up(network_connections=2)
    one, _two = await site.join(), await site.join()
    socket = await site.http.ws_connect(f"{site.chat_url}/widget/v1/socket")
    await socket.send_json(HELLO)
    told = await socket.receive_json(timeout=10)
    assert (told["code"], told["retry_after"]) == ("busy", 60)
    await one.socket.close()

    async def join_when_free() -> None:
        while True:
            third = await site.http.ws_connect(f"{site.chat_url}/widget/v1/socket")
            await third.send_json(HELLO)
            if (await third.receive_json(timeout=10))["type"] == "welcome":
                return

    async with asyncio.timeout(10):
        await join_when_free()


async def test_a_removed_channel_says_so(site: Site) -> None:
    from inbox.actions.channels import remove_channel

    visit = await site.join()
    await site.world.write(remove_channel, site.world.actor("Вера"), site.channel_id)
    assert (await refusal(visit))["code"] == "channel"
    assert (await visit.socket.receive(timeout=10)).type is WSMsgType.CLOSE


async def test_presence_of_the_visitor_is_a_fact(site: Site) -> None:
    visit = await site.join()
    await visit.write("client-1", "Вопрос")
    await visit.socket.close()

    async def presences() -> int:
        return len(await site.world.rows(select(Event.id).where(Event.kind == "contact.presence")))

    async def become(count: int) -> None:
        while await presences() != count:
            await site.http.get(site.chat_url + "/widget/chat.css")

    async with asyncio.timeout(10):
        await become(1)
    site.world.clock.advance(seconds=1)
    back = await site.join(visit.welcome["token"])
    async with asyncio.timeout(10):
        await become(2)
    await back.socket.close()


pytestmark = both_databases
