"""What an agent's answer becomes at Twilio, what its refusals become for the agent, and how a sender is connected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from connectors.contract import (
    Button,
    ChannelMisconfigured,
    ContactStopped,
    MediaKind,
    Rejected,
    SendError,
    TemplateUse,
    TemplateValue,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)
from connectors.twilio import CONNECTOR
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, Fault
from tests.platforms.twilio import ACCOUNT, CLIENT, NUMBER, SERVICE, TOKEN, Twilio, refusal

HOOK = "https://inbox.example/hooks/twilio/x"
LINK = "https://inbox.example/files/1"
CHAT = {"sender": f"whatsapp:{NUMBER}"}
PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg", url=LINK)
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf", url=LINK)
LARGE = file(MediaKind.IMAGE, "image/jpeg", "large.jpg", b"x" * ((5 << 20) + 1), LINK)


@contextlib.asynccontextmanager
async def account(**values: Any) -> AsyncIterator[tuple[Twilio, Line]]:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": NUMBER, "webhook_url": HOOK, **values}
    platform = Twilio()
    address = f"whatsapp:{CLIENT}" if given["sender"].startswith("whatsapp:") else CLIENT
    servers = ("base_url", "content_url", "messaging_url")
    async with line_to(platform, CONNECTOR, given, address, servers) as line:
        yield platform, line


# What is sent from what, and what then goes out: words and files.
SEND: dict[str, tuple[dict[str, Any], dict[str, Any], list[tuple[str, str]]]] = {
    "a text": ({}, {}, [("Да, есть", "")]),
    "a picture with words": ({}, {"media": (PHOTO,)}, [("Да, есть", LINK)]),
    "a document with words": ({}, {"media": (PDF,)}, [("Да, есть", LINK)]),
    "two pictures alone": ({}, {"text": "", "media": (PHOTO, PHOTO)}, [("", LINK), ("", LINK)]),
    "a long text with a picture": (
        {},
        {"text": "ы" * 1601, "media": (PHOTO,)},
        [("ы" * 1600, ""), ("ы", LINK)],
    ),
    "a picture in WhatsApp": (CHAT, {"media": (PHOTO,)}, [("Да, есть", LINK)]),
    "a document in WhatsApp": (CHAT, {"media": (PDF,)}, [("Да, есть", ""), ("", LINK)]),
    "a document in WhatsApp by a service": (
        {"sender": SERVICE},
        {"media": (PDF,), "address": f"whatsapp:{CLIENT}"},
        [("Да, есть", ""), ("", LINK)],
    ),
    "a large picture in WhatsApp": (CHAT, {"text": "", "media": (LARGE,)}, [("", LINK)]),
}


@pytest.mark.parametrize("what", SEND)
async def test_an_answer_becomes(what: str) -> None:
    values, parts, expected = SEND[what]
    async with account(**values) as (platform, line):
        ids = await line.send(**parts)
        assert [(one.get("Body", ""), one.get("MediaUrl", "")) for one in platform.sent.values()] == expected
        assert ids == list(platform.sent)


WALNUT = "Орех американский, под заказ"
ANSWERS = (Button("Да"), Button("Нет"))
MANY = tuple(Button(title) for title in ("Дуб", "Ясень", "Бук", WALNUT))
SITE = (Button("Каталог", "https://shop.example/c"),)
MIXED = (*ANSWERS, *SITE)
TWO_LINES = "Стол {{1}} готов.\n\nПривезём завтра?"
REPLIES = {"actions": [{"title": "Да", "id": "Да"}, {"title": "Нет", "id": "Нет"}]}
WOODS = [{"id": "row-0", "item": "Дуб"}, {"id": "row-1", "item": "Ясень"}, {"id": "row-2", "item": "Бук"}]
URL = {"type": "URL", "title": "Каталог", "url": "https://shop.example/c"}
LONG = "слово " * 200
# What goes out with which buttons in WhatsApp: the texts before it, the type and content that is laid down, its words.
BUTTONS: dict[str, tuple[str, tuple[Button, ...], list[str], str, dict[str, Any], dict[str, str]]] = {
    "answers": ("Берёте?", ANSWERS, [], "twilio/quick-reply", {"body": "{{1}}", **REPLIES}, {"1": "Берёте?"}),
    "words in two lines": (
        TWO_LINES,
        ANSWERS,
        [],
        "twilio/quick-reply",
        {"body": "{{1}}\n\n{{2}}", **REPLIES},
        {"1": "Стол {{1}} готов.", "2": "Привезём завтра?"},
    ),
    "words too long to stand above": (
        LONG,
        ANSWERS,
        [LONG],
        "twilio/quick-reply",
        {"body": "{{1}}", **REPLIES},
        {"1": "👇"},
    ),
    "a list": (
        "Какое дерево?",
        MANY,
        [],
        "twilio/list-picker",
        {
            "body": "{{1}}",
            "button": "☰",
            "items": [*WOODS, {"id": "row-3", "item": WALNUT[:24], "description": WALNUT}],
        },
        {"1": "Какое дерево?"},
    ),
    "a link": ("Смотрите", SITE, [], "twilio/call-to-action", {"body": "{{1}}", "actions": [URL]}, {"1": "Смотрите"}),
}


@pytest.mark.parametrize("what", BUTTONS)
async def test_buttons_in_whatsapp_are_laid_down_once(what: str) -> None:
    text, buttons, before, kind, content, words = BUTTONS[what]
    async with account(**CHAT) as (platform, line):
        for _ in range(2):
            platform.sent.clear()
            await line.send(text, buttons=buttons)
            *texts, last = platform.sent.values()
            assert [one["Body"] for one in texts] == before
            assert orjson.loads(last["ContentVariables"]) == words
        laid = [one for one in platform.contents if one["sid"] == last["ContentSid"]]
        assert platform.contents == laid, "the second message uses what the first one laid down"
        assert laid[0]["types"] == {kind: content}
        assert set(laid[0]["variables"]) == set(words)


@pytest.mark.parametrize(
    ("values", "text", "buttons", "expected"),
    [
        ({}, "Берёте?", ANSWERS, ["Берёте?\n\nДа\nНет"]),
        ({}, "ы" * 1599, ANSWERS, ["ы" * 1599, "Да\nНет"]),
        ({}, "", SITE, ["Каталог: https://shop.example/c"]),
        ({"sender": SERVICE}, "Берёте?", ANSWERS, ["Берёте?\n\nДа\nНет"]),
        (CHAT, "Берёте?", MIXED, ["Берёте?\n\nДа\nНет\nКаталог: https://shop.example/c"]),
        (CHAT, "Берёте?", (Button("{{1}}"),), ["Берёте?\n\n{{1}}"]),
        (CHAT, "ы" * 641, SITE, ["ы" * 641 + "\n\nКаталог: https://shop.example/c"]),
    ],
)
async def test_where_there_are_no_buttons_they_are_lines(
    values: dict[str, str], text: str, buttons: tuple[Button, ...], expected: list[str]
) -> None:
    async with account(**values) as (platform, line):
        await line.send(text, buttons=buttons)
        assert [one["Body"] for one in platform.sent.values()] == expected
        assert platform.contents == []


async def test_trouble_while_buttons_are_laid_down_is_no_message_that_may_have_gone() -> None:
    async with account(**CHAT) as (platform, line):
        for answers in ([Answer(500)], [Answer(200, b'{"contents":[]}'), Answer(fault=Fault.RESET)]):
            platform.answers(*answers)
            error = await line.refused(buttons=ANSWERS)
            assert (type(error), getattr(error, "maybe_sent", None)) == (Unreachable, False)


async def test_an_approved_template_goes_out_by_its_id() -> None:
    values = (TemplateValue("body", "1", "Марина"), TemplateValue("body", "2", "в пятницу"))
    used = TemplateUse("order_ready", "ru", values, "HX7")
    async with account(**CHAT) as (platform, line):
        platform.contents = [{"sid": "HX7"}]
        platform.closed.add(line.address)
        await line.send("Марина, стол готов.", template=used)
        sent = platform.sent.popitem()[1]
        assert (sent["ContentSid"], "Body" in sent) == ("HX7", False)
        assert orjson.loads(sent["ContentVariables"]) == {"1": "Марина", "2": "в пятницу"}
        await line.send("Стол готов.", template=TemplateUse("plain", "ru", (), "HX7"))
        assert "ContentVariables" not in platform.sent.popitem()[1]
        platform.contents.clear()
        assert isinstance(await line.refused(template=used), Rejected)


async def test_typing_is_shown_in_whatsapp_alone() -> None:
    async with account(**CHAT) as (platform, line):
        await CONNECTOR.typing_below(line.address, "SM5", line.config, line.net)
        await CONNECTOR.typing_below(CLIENT, "SM6", line.config, line.net)
        assert platform.typing == [{"messageId": "SM5", "channel": "whatsapp"}]


async def test_who_sends_and_where_news_of_it_goes() -> None:
    async with account() as (platform, line):
        await line.send()
        assert [*platform.sent.values()] == [{"To": CLIENT, "From": NUMBER, "StatusCallback": HOOK, "Body": "Да, есть"}]
    async with account(sender=SERVICE, webhook_url="http://localhost:8080/hooks/twilio/x") as (platform, line):
        await line.send()
        assert [*platform.sent.values()] == [{"To": CLIENT, "MessagingServiceSid": SERVICE, "Body": "Да, есть"}]


async def test_what_is_there_is_not_sent_again() -> None:
    async with account() as (platform, line):
        first = await line.send("слово " * 500)
        platform.sent.clear()
        assert len(await line.send("слово " * 500, done=tuple(first[:1]))) == 1
        platform.refuse(Answer(201, b'{"sid":"SM7"}'), refusal(20429, 429))
        failed = await line.refused("слово " * 500)
        assert isinstance(failed, Throttled)
        assert failed.sent == ("SM7",)


REFUSALS: dict[str, tuple[Answer, type[SendError], bool]] = {
    "wrong keys": (refusal(20003, 401), ChannelMisconfigured, False),
    "a closed door without a code": (Answer(401), ChannelMisconfigured, False),
    "keys without a right": (refusal(20003, 403), ChannelMisconfigured, False),
    "a suspended account": (refusal(20005, 403), ChannelMisconfigured, False),
    "another's number": (refusal(21659), ChannelMisconfigured, False),
    "no sender in WhatsApp": (refusal(63007), ChannelMisconfigured, False),
    "somebody who opted out": (refusal(21610), ContactStopped, False),
    "somebody who blocked us": (refusal(63033), ContactStopped, False),
    "a window that is over": (refusal(63016), WindowClosed, False),
    "no number": (refusal(21211), Rejected, False),
    "a telephone on a wire": (refusal(21614), Rejected, False),
    "a country that is off": (refusal(21408, 403), Rejected, False),
    "a number yet to come": (refusal(39999, words="Something new"), Rejected, False),
    "a template that is gone": (refusal(21655), Rejected, False),
    "a gap with a line break": (refusal(21656), Rejected, False),
    "an advertisement too many": (refusal(63049), Rejected, False),
    "too long": (refusal(21617), TooLarge, False),
    "too often": (refusal(20429, 429), Throttled, True),
    "a full queue": (refusal(21611), Throttled, True),
    "a closed service": (Answer(503), Unreachable, True),
    "no name for the message": (Answer(201, b'{"sid":null}'), Unreachable, True),
}


@pytest.mark.parametrize("what", REFUSALS)
async def test_a_refusal_means(what: str) -> None:
    answer, kind, retryable = REFUSALS[what]
    async with account() as (platform, line):
        platform.refuse(answer)
        error = await line.refused()
        assert (type(error), error.retryable) == (kind, retryable)
        assert error.reason


async def test_what_may_have_arrived_is_not_called_unsent() -> None:
    async with account() as (platform, line):
        for answer, maybe in ((Answer(503), False), (Answer(500), True), (Answer(fault=Fault.RESET), True)):
            platform.refuse(answer)
            error = await line.refused()
            assert isinstance(error, Unreachable)
            assert error.maybe_sent is maybe


async def test_what_twilio_cannot_take_is_said_before_it_is_asked() -> None:
    async with account() as (platform, line):
        inside = file(MediaKind.FILE, "application/pdf", url="http://localhost:8080/files/1")
        assert isinstance(await line.refused(media=(inside,)), Rejected)
        assert isinstance(await line.refused(media=(LARGE,)), TooLarge)
        assert platform.asked == []


async def test_files_are_fetched_with_keys_that_go_nowhere_else() -> None:
    async with account() as (platform, line):
        platform.files["a"] = b"%PDF"
        link = f"{platform.url}/2010-04-01/Accounts/{ACCOUNT}/Media/a"
        assert await CONNECTOR.fetch_media(link, line.config, line.net, 100) == b"%PDF"
        count = len(platform.asked)
        stranger = platform.url.replace("127.0.0.1", "localhost")
        for wrong in (
            f"{stranger}/a",
            f"{platform.url}.evil.example/a",
            "http://api.twilio.com/a",
            "file:///etc/passwd",
        ):
            with pytest.raises(Rejected):
                await CONNECTOR.fetch_media(wrong, line.config, line.net, 100)
        assert len(platform.asked) == count
