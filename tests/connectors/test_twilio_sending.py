"""What an agent's answer becomes at Twilio, what its refusals become for the agent, and how a sender is connected."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from connectors.contract import (
    ChannelMisconfigured,
    ContactStopped,
    MediaKind,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)
from connectors.twilio import CONNECTOR
from tests.connectors.line import Line, file, line_to
from tests.platforms.loopback import Answer, Fault
from tests.platforms.twilio import ACCOUNT, CLIENT, NUMBER, TOKEN, Twilio, refusal

HOOK = "https://inbox.example/hooks/twilio/x"
LINK = "https://inbox.example/files/1"
CHAT = {"sender": f"whatsapp:{NUMBER}"}
SERVICE = "MG" + "0" * 32
PHOTO = file(MediaKind.IMAGE, "image/jpeg", "стол.jpg", url=LINK)
PDF = file(MediaKind.FILE, "application/pdf", "смета.pdf", url=LINK)
LARGE = file(MediaKind.IMAGE, "image/jpeg", "large.jpg", b"x" * ((5 << 20) + 1), LINK)


@contextlib.asynccontextmanager
async def account(**values: Any) -> AsyncIterator[tuple[Twilio, Line]]:
    given = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": NUMBER, "webhook_url": HOOK, **values}
    platform = Twilio()
    address = f"whatsapp:{CLIENT}" if given["sender"].startswith("whatsapp:") else CLIENT
    async with line_to(platform, CONNECTOR, given, address) as line:
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


async def test_a_webhook_that_is_not_ours_is_set_anew() -> None:
    async with account() as (platform, line):
        platform.numbers.append({**platform.numbers[0], "sid": "PN2", "phone_number": f"{NUMBER}9"})
        platform.numbers.reverse()
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        assert (connected.account_name, connected.webhook_url) == ("Дубрава", HOOK)
        other, number = platform.numbers
        assert (number["sms_url"], number["sms_application_sid"], other["sms_url"]) == (HOOK, "", "")
        for stolen in ({"sms_url": "https://other.example"}, {"sms_application_sid": "AP2"}):
            number |= stolen
            assert (await CONNECTOR.check(connected, line.net)).state == "ok"
            assert (number["sms_url"], number["sms_application_sid"]) == (HOOK, "")
        count = len(platform.asked)
        await CONNECTOR.check(connected, line.net)
        assert [call.method for call in platform.asked[count:]] == ["GET", "GET"]
        number["sms_url"] = "https://other.example"
        await CONNECTOR.disconnect(connected, line.net)
        assert number["sms_url"] == "https://other.example", "not ours to take"


@pytest.mark.parametrize("sender", [CHAT["sender"], SERVICE, "12345"])
async def test_senders_without_a_number_are_connected_by_hand(sender: str) -> None:
    async with account(sender=sender) as (platform, line):
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        health = await CONNECTOR.check(connected, line.net)
        assert (health.state, "Webhook" in dict(health.facts)) == ("ok", True)
        await CONNECTOR.disconnect(connected, line.net)
        assert platform.numbers[0]["sms_url"] == ""


async def test_what_cannot_be_connected_is_refused_in_words() -> None:
    async with account() as (platform, line):
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(line.config, "http://localhost:8080/x", line.net)
        wrong = line.config.model_copy(update={"auth_token": "0" * 32})
        with pytest.raises(ChannelMisconfigured, match="Auth Token"):
            await CONNECTOR.connect(wrong, HOOK, line.net)
        platform.numbers.clear()
        with pytest.raises(ChannelMisconfigured, match="no such number"):
            await CONNECTOR.connect(line.config, HOOK, line.net)
        platform.status = "suspended"
        with pytest.raises(ChannelMisconfigured, match="suspended"):
            await CONNECTOR.check(line.config, line.net)
        for strange in (Answer(200, b"[]"), Answer(200, b'{"sid":"AC1"}')):
            platform.answers(strange)
            with pytest.raises(Unreachable):
                await CONNECTOR.connect(line.config, HOOK, line.net)


GOOD = {"account_sid": ACCOUNT, "auth_token": TOKEN, "sender": NUMBER}


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": "SK" + "0" * 32},
        {"auth_token": "short"},
        {"auth_token": "секрет" * 6},
        {"sender": "89171234567890"},
        {"sender": "whatsapp:12"},
        {"sender": ""},
        {"base_url": "api"},
        {"greeting": "ы" * 201},
    ],
)
def test_a_configuration_that_cannot_work_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        CONNECTOR.config.model_validate({**GOOD, **wrong})


def test_a_number_may_be_written_as_people_write_it() -> None:
    config = CONNECTOR.config.model_validate({**GOOD, "sender": " whatsapp: +1 (202) 555-0100"})
    assert config.sender == CHAT["sender"]


def test_links_open_whatsapp_and_bring_their_mark() -> None:
    assert CONNECTOR.entry_url is not None
    config = CONNECTOR.config.model_validate({**GOOD, **CHAT, "greeting": "Hi"})
    assert CONNECTOR.entry_url(config, "k3J-x_9a") == "https://wa.me/12025550100?text=Hi%20%5Bk3J-x_9a%5D"
    assert CONNECTOR.entry_url(CONNECTOR.config.model_validate(GOOD), "k3J") == ""
