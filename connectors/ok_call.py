"""Asking Odnoklassniki's Graph API, and what its refusals mean. OK refuses inside an answer 200 too.

Facts: https://apiok.ru/dev/graph_api/ and https://apiok.ru/dev/errors.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from connectors.ok_config import Config
from connectors.wire import object_in, seconds_to_wait

ASK_SECONDS = 12.0
LARGEST_ANSWER = 1 << 20
PAUSE_SECONDS = 2.0

# Numbers of https://apiok.ru/dev/errors by what they mean for us.
_TROUBLE = frozenset({1, 2, 9999})
_TOO_OFTEN = frozenset({8, 11})
_UNWANTED = frozenset({7, 10, 110, 200, 455})
_BAD_KEY = frozenset({101, 102, 103, 104, 401, 453, 458})


async def call(
    config: Config, net: Net, method: str, path: str, body: Mapping[str, Any] | None = None, **query: str
) -> dict[str, Any]:
    """The object that a method answers; raises SendError, never with the key in its words."""
    answer = await net.request(
        method,
        f"{config.base_url}/graph/{path}?{urlencode({**query, 'access_token': config.token})}",
        # OK insists on this very type.
        headers={} if body is None else {"Content-Type": "application/json;charset=utf-8"},
        body=None if body is None else orjson.dumps(body),
        timeout=ASK_SECONDS,
        max_bytes=LARGEST_ANSWER,
    )
    said = object_in(answer.body)
    if said.get("error_code") is not None:
        raise refusal(said)
    if answer.status != 200:
        raise unreadable(answer)
    if not said:
        raise Unreachable("OK's answer could not be read.", maybe_sent=True)
    return said


def refusal(said: Mapping[str, Any]) -> SendError:
    """The error behind an answer that names one."""
    code, told = said.get("error_code"), said.get("error_msg")
    if code in _TROUBLE:
        return Unreachable("OK has trouble of its own.", maybe_sent=code != 2)
    if code in _TOO_OFTEN:
        return Throttled("OK asks to wait.", PAUSE_SECONDS)
    if code in _BAD_KEY:
        return ChannelMisconfigured("OK does not accept the key any more: get a new one in the group's settings.")
    if code in _UNWANTED:
        return ContactStopped("The client does not accept messages from this group.")
    return Rejected(with_detail("OK refuses this message.", told[:300] if isinstance(told, str) else ""))


def unreadable(answer: Response) -> SendError:
    """The error behind an answer that is not one of OK's."""
    if answer.status == 429:
        return Throttled("OK asks to wait.", seconds_to_wait(answer.headers, PAUSE_SECONDS))
    if answer.status >= 500 or answer.status == 408:
        return Unreachable("OK has trouble of its own.", maybe_sent=True)
    if answer.status in (401, 403):
        return ChannelMisconfigured("OK does not accept the key any more: get a new one in the group's settings.")
    if answer.status == 413:
        return TooLarge("The file is larger than OK takes.")
    if answer.status >= 400:
        return Rejected("OK refuses this message.")
    return Unreachable("OK's answer could not be read.", maybe_sent=True)
