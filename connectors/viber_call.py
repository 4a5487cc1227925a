"""Asking Viber's API, and what its refusals mean. Viber refuses inside an answer 200: by its `status`.

Facts: https://developers.viber.com/docs/api/rest-bot-api/#error-codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
from connectors.viber_config import Config
from connectors.wire import object_in, seconds_to_wait

ASK_SECONDS = 12.0
# Viber takes requests of up to 30 kilobytes.
LARGEST_REQUEST = 30 << 10
PAUSE_SECONDS = 1.0
# A client who does not answer gets a hundred messages an hour; Viber does not say when the next one may go.
CLIENT_PAUSE_SECONDS = 300.0


class BadAddress(Rejected):
    """Viber called the address of our webhook and was not answered as it wants."""


def _no_subscriber() -> SendError:
    return ContactStopped("The client is not subscribed to the bot.")


def _blocked() -> SendError:
    return ChannelMisconfigured("Viber has blocked this bot: write to Viber's support.")


def _unpaid() -> SendError:
    return ChannelMisconfigured("The bot's balance at Viber is used up: pay at partners.viber.com.")


def _not_allowed() -> SendError:
    return Rejected("Viber does not allow this bot to do that.")


_MEANINGS: Mapping[int, Callable[[], SendError]] = {
    1: BadAddress,
    2: lambda: ChannelMisconfigured("Viber does not accept the token: copy it from the bot's settings in Viber."),
    5: _no_subscriber,
    6: _no_subscriber,
    7: _blocked,
    8: lambda: ChannelMisconfigured("Viber does not know this bot any more."),
    9: _blocked,
    10: lambda: ChannelMisconfigured("Viber has no webhook for this bot: save the channel to set it."),
    11: lambda: Rejected("The client's Viber is too old for this message."),
    12: lambda: Throttled("Viber asks to wait: many messages and no answer of the client.", CLIENT_PAUSE_SECONDS),
    13: lambda: Rejected("The client's Viber is too old for this message."),
    14: lambda: Rejected("The client's Viber is too old for this message."),
    15: _not_allowed,
    16: _not_allowed,
    17: _not_allowed,
    18: _not_allowed,
    19: _not_allowed,
    20: _not_allowed,
    21: lambda: Rejected("Viber does not hand messages of bots over in the client's country."),
    22: _not_allowed,
    23: _unpaid,
    24: _unpaid,
}


async def call(config: Config, net: Net, method: str, **parameters: Any) -> dict[str, Any]:
    """The object that a method answers; raises SendError, never with the token in its words."""
    body = orjson.dumps(parameters)
    if len(body) > LARGEST_REQUEST:
        raise TooLarge("The message is longer than Viber takes.")
    answer = await net.request(
        "POST",
        f"{config.base_url}/pa/{method}",
        headers={"X-Viber-Auth-Token": config.token, "Content-Type": "application/json"},
        body=body,
        timeout=ASK_SECONDS,
    )
    said = object_in(answer.body)
    if answer.status != 200:
        raise _not_answered(answer)
    status = said.get("status")
    if type(status) is not int:
        raise Unreachable("Viber's answer could not be read.", maybe_sent=True)
    if status != 0:
        raise _refusal(status, said.get("status_message"))
    return said


def _refusal(status: int, words: Any) -> SendError:
    if status in _MEANINGS:
        return _MEANINGS[status]()
    return Rejected(with_detail("Viber refuses this message.", words[:300] if isinstance(words, str) else ""))


def _not_answered(answer: Response) -> SendError:
    """The error behind an answer that is not 200."""
    status = answer.status
    if status == 429:
        pause = seconds_to_wait(answer.headers, PAUSE_SECONDS)
        return Throttled("Viber asks to wait.", pause, everybody=True)
    if status >= 500 or status == 408:
        return Unreachable("Viber has trouble of its own.", maybe_sent=status != 503)
    if status in (401, 403):
        return _MEANINGS[2]()
    if status == 413:
        return TooLarge("The message is longer than Viber takes.")
    if status < 400:
        return Unreachable("Viber's answer could not be read.", maybe_sent=True)
    return Rejected("Viber refuses this message.")
