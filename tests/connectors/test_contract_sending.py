"""What every connector promises about handing over: the right family for each trouble, and no secret in any word."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest

from connectors.contract import AnyConnector, SendError, Throttled, Unreachable
from inbox.rules.splitting import split_text, text_length
from inbox.runtime.net import GuardedNet
from tests.connectors.accounts import ACCOUNTS, config_of, every_connector, outgoing
from tests.platforms.loopback import Answer, Fault, Platform, running


class HurriedNet(GuardedNet):
    """The product's network with the patience of a test."""

    async def request(self, method: str, url: str, **options: Any) -> Any:
        options["timeout"] = 0.3
        return await super().request(method, url, **options)


async def hand_over(declared: AnyConnector, base: str) -> Any:
    """What `send` returned, or the SendError that it raised."""
    net = HurriedNet(allow_private=True)
    await net.open()
    try:
        return tuple(
            await declared.send(outgoing(address=ACCOUNTS[declared.kind].address), config_of(declared, base), net)
        )
    except SendError as error:
        return error
    finally:
        await net.close()


TROUBLES: dict[str, Answer] = {
    "silence": Answer(fault=Fault.SILENCE),
    "reset": Answer(fault=Fault.RESET),
    "half a body": Answer(body=b'{"ok": ', fault=Fault.HALF_BODY),
    "429": Answer(429, headers={"Retry-After": "7"}),
    "500": Answer(500, b"<h1>Internal error</h1>"),
    "502 without a body": Answer(502, b""),
    "400": Answer(400, b'{"error": "bad request"}'),
    "401": Answer(401, b'{"error": "unauthorized"}'),
    "not JSON": Answer(200, b"<html>OK</html>"),
    "JSON of another shape": Answer(200, b'[1, "2", null]'),
    "empty": Answer(200, b""),
    "not UTF-8": Answer(200, b"\xff\xfe{}"),
}


def fits(trouble: str, result: Any) -> bool:
    """Whether a result is of the right family for a trouble."""
    match trouble:
        case "silence" | "reset":
            return isinstance(result, Unreachable) and result.maybe_sent
        case "429":
            return isinstance(result, Throttled) and result.retry_after == 7
        case "500" | "502 without a body":
            return isinstance(result, Unreachable)
        case "400" | "401":
            return isinstance(result, SendError) and not result.retryable
    # The platform took it and we cannot read what it said: sent, or nobody knows. Never "not sent, try again".
    if isinstance(result, Unreachable):
        return result.maybe_sent
    return isinstance(result, tuple) and result != () and all(isinstance(name, str) and name for name in result)


def told(error: BaseException) -> str:
    """Everything that a log of this error would say."""
    return "".join(traceback.format_exception(error))


@every_connector
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_troubles_of_sending_have_their_family(
    declared: AnyConnector, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    account = ACCOUNTS[declared.kind]
    if not account.sends_by_http:
        assert await hand_over(declared, "https://platform.example")
        return
    caplog.set_level(logging.DEBUG)
    answer = account.throttled if trouble == "429" else TROUBLES[trouble]
    # A connector may ask several times for one message: the trouble stays.
    async with running(Platform(), [*account.before, *[answer] * 10]) as platform:
        result = await hand_over(declared, platform.url)
        assert platform.asked, "nothing was sent"
    assert fits(trouble, result), result
    words = caplog.text + (told(result) if isinstance(result, BaseException) else "")
    held = config_of(declared, platform.url).model_dump()
    assert [name for name in declared.secrets if str(held[name]) and str(held[name]) in words] == []


@every_connector
async def test_nobody_listening_is_surely_not_sent(declared: AnyConnector) -> None:
    if ACCOUNTS[declared.kind].sends_by_http:
        async with running(Platform()) as platform:
            gone = platform.url
        result = await hand_over(declared, gone)
        assert isinstance(result, Unreachable)
        assert not result.maybe_sent


@every_connector
async def test_a_private_address_is_not_reached(declared: AnyConnector) -> None:
    if not ACCOUNTS[declared.kind].sends_by_http:
        return
    net = GuardedNet(allow_private=False)
    await net.open()
    async with running(Platform()) as platform:
        with pytest.raises(Unreachable):
            await declared.send(
                outgoing(address=ACCOUNTS[declared.kind].address), config_of(declared, platform.url), net
            )
        assert platform.asked == []
    await net.close()


@every_connector
def test_a_text_beyond_the_limit_is_split_and_stays_whole(declared: AnyConnector) -> None:
    limit, unit = declared.capabilities.max_text, declared.capabilities.text_unit
    for sign in ("ы", "🙂", "слово ", "a\n\n"):
        text = (sign * limit * 2)[: limit + 1]
        parts = split_text(text, limit, unit)
        assert len(parts) >= 2
        assert "".join(parts) == text
        assert all(0 < text_length(part, unit) <= limit for part in parts)
