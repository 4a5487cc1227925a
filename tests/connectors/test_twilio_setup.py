"""Connecting a sender of Twilio and looking after it: keys, webhooks, links, configurations that cannot work."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from connectors.contract import ChannelMisconfigured, Unreachable
from connectors.twilio import CONNECTOR
from tests.connectors.test_twilio_sending import CHAT, HOOK, account
from tests.platforms.loopback import Answer
from tests.platforms.twilio import ACCOUNT, NUMBER, SERVICE, TOKEN, Twilio

# Where the webhook of each sender stands, whatever its kind.
HOOKS: dict[str, Callable[[Twilio], str]] = {
    NUMBER: lambda platform: platform.numbers[0]["sms_url"],
    CHAT["sender"]: lambda platform: platform.senders[1]["webhook"]["callback_url"],
    SERVICE: lambda platform: platform.services[SERVICE]["inbound_request_url"],
    "12345": lambda platform: platform.codes[0]["sms_url"],
}


@pytest.mark.parametrize("sender", HOOKS)
async def test_the_webhook_of_every_sender_is_set_and_taken_back(sender: str) -> None:
    async with account(sender=sender) as (platform, line):
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        assert HOOKS[sender](platform) == HOOK
        count = len(platform.asked)
        health = await CONNECTOR.check(connected, line.net)
        assert (health.state, "Webhook" in dict(health.facts)) == ("ok", False)
        assert {call.method for call in platform.asked[count:]} == {"GET"}, "it is ours already"
        await CONNECTOR.disconnect(connected, line.net)
        assert HOOKS[sender](platform) == ""


async def test_a_service_that_lets_its_numbers_speak_is_told_to_speak_itself() -> None:
    async with account(sender=SERVICE) as (platform, line):
        platform.services[SERVICE] = {"inbound_request_url": HOOK, "use_inbound_webhook_on_number": True}
        await CONNECTOR.check(line.config, line.net)
        assert platform.services[SERVICE]["use_inbound_webhook_on_number"] is False


async def test_a_webhook_that_twilio_does_not_show_is_set_by_hand() -> None:
    async with account(**CHAT) as (platform, line):
        platform.senders.clear()
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        for _ in ("the list is empty", "the list is forbidden"):
            health = await CONNECTOR.check(connected, line.net)
            assert (health.state, "Webhook" in dict(health.facts)) == ("ok", True)
            await CONNECTOR.disconnect(connected, line.net)
            platform.forbidden = True


async def test_a_webhook_that_twilio_does_not_let_us_set_is_told_of_in_words() -> None:
    async with account(**CHAT) as (platform, line):
        platform.locked = True
        connected = await CONNECTOR.connect(line.config, HOOK, line.net)
        health = await CONNECTOR.check(connected, line.net)
        assert (health.state, "Twilio Console" in health.reason) == ("degraded", True)
        platform.senders[1]["webhook"] = {"callback_url": HOOK}
        assert (await CONNECTOR.check(connected, line.net)).state == "ok", "set by hand"


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


async def test_what_cannot_be_connected_is_refused_in_words() -> None:
    async with account() as (platform, line):
        with pytest.raises(ChannelMisconfigured, match="https"):
            await CONNECTOR.connect(line.config, "http://localhost:8080/x", line.net)
        wrong = line.config.model_copy(update={"auth_token": "0" * 32})
        with pytest.raises(ChannelMisconfigured, match="Auth Token"):
            await CONNECTOR.connect(wrong, HOOK, line.net)
        platform.numbers.clear()
        for sender, words in (
            (NUMBER, "no such number"),
            ("1234", "no such number"),
            ("MG" + "1" * 32, "no such Mess"),
        ):
            with pytest.raises(ChannelMisconfigured, match=words):
                await CONNECTOR.connect(line.config.model_copy(update={"sender": sender}), HOOK, line.net)
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
        {"content_url": "api"},
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
