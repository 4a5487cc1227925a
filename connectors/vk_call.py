"""Asking VK's API, and what its refusals mean. VK refuses inside an answer 200 too.

Facts: https://dev.vk.com/reference/errors and the errors of messages.send.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.contract import (
    ChannelMisconfigured,
    ContactStopped,
    Net,
    Rejected,
    Response,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    with_detail,
)
from connectors.vk_config import Config
from connectors.wire import object_in, seconds_to_wait

API_VERSION = "5.199"
ASK_SECONDS = 12.0
LARGEST_ANSWER = 4 << 20
# What VK asks to wait, which it tells in no number: "too many requests per second", and "rate limit reached".
PAUSE_SECONDS = 1.0
LONG_PAUSE_SECONDS = 60.0


def _own_trouble() -> SendError:
    return Unreachable("VK has trouble of its own.", maybe_sent=True)


def _bad_key() -> SendError:
    return ChannelMisconfigured(
        "VK does not accept the key any more: create a new one in the community's settings and enter it."
    )


def _too_fast(pause: float) -> SendError:
    return Throttled("VK asks to wait.", pause, everybody=True)


def _unwanted() -> SendError:
    return ContactStopped("The client does not accept messages from this community.")


def _over() -> SendError:
    return Rejected("VK does not let this message be changed any more.")


def _no_reaction() -> SendError:
    return Rejected("VK does not have this reaction.")


_MEANINGS: Mapping[int, Callable[[], SendError]] = {
    1: _own_trouble,
    5: _bad_key,
    6: lambda: _too_fast(PAUSE_SECONDS),
    7: lambda: ChannelMisconfigured(
        "The key lacks a right: create one with the rights to management, messages, photos and files."
    ),
    9: lambda: Throttled("VK asks to wait: too many messages of the same kind.", LONG_PAUSE_SECONDS),
    10: _own_trouble,
    14: lambda: Rejected("VK asks for a captcha: somebody has to write one message in VK itself."),
    15: lambda: Rejected("VK does not allow this: look at the rights of the key and the settings of the community."),
    18: lambda: ContactStopped("The client's page was deleted or blocked."),
    27: _bad_key,
    28: _bad_key,
    29: lambda: _too_fast(LONG_PAUSE_SECONDS),
    900: lambda: ContactStopped("The client is on the community's list of blocked people."),
    901: _unwanted,
    902: _unwanted,
    909: _over,
    910: lambda: Rejected("The message is longer than VK takes."),
    911: lambda: Rejected("VK does not take these buttons."),
    912: lambda: Rejected("Buttons need the community's setting Messages → Bot settings → Bot features."),
    914: lambda: TooLarge("The text is longer than VK takes."),
    917: _unwanted,
    920: _over,
    924: _over,
    936: lambda: ContactStopped("VK does not know this client any more."),
    983: _unwanted,
    1009: _no_reaction,
    1010: _no_reaction,
}


async def call(config: Config, net: Net, method: str, **parameters: Any) -> Any:
    """The `response` of a method; raises SendError, never with the key in its words."""
    known = {"access_token": config.token, "v": API_VERSION}
    fields = {name: _plain(value) for name, value in parameters.items() if value not in (None, "")}
    answer = await net.request(
        "POST",
        f"{config.base_url}/method/{method}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode({**fields, **known}).encode(),
        timeout=ASK_SECONDS,
        max_bytes=LARGEST_ANSWER,
    )
    said = object_in(answer.body)
    error = said.get("error")
    if isinstance(error, dict):
        raise refusal(error.get("error_code"), error.get("error_msg"))
    if answer.status == 200 and said.get("response") is not None:
        return said["response"]
    raise unreadable(answer)


def refusal(code: Any, words: Any) -> SendError:
    """The error behind a number of VK's."""
    if type(code) is int and code in _MEANINGS:
        return _MEANINGS[code]()
    return Rejected(with_detail("VK refuses this message.", words[:300] if isinstance(words, str) else ""))


def unreadable(answer: Response) -> SendError:
    """The error behind an answer that is not one of VK's."""
    if answer.status == 429:
        return _too_fast(seconds_to_wait(answer.headers, PAUSE_SECONDS))
    if answer.status >= 500 or answer.status == 408:
        return _own_trouble()
    if answer.status in (401, 403):
        return _bad_key()
    if answer.status == 413:
        return TooLarge("The file is larger than VK takes.")
    if answer.status >= 400:
        return Rejected("VK refuses this message.")
    return Unreachable("VK's answer could not be read.", maybe_sent=True)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value if isinstance(value, str) else orjson.dumps(value).decode()
