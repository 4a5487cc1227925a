"""Asking MAX's API, and what its refusals mean.

Facts: https://dev.max.ru/docs-api (codes of answers), the schema's Error {code, message}.
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
from connectors.max_config import Config
from connectors.wire import object_in, seconds_to_wait

ASK_SECONDS = 12.0
LARGEST_ANSWER = 4 << 20
PAUSE_SECONDS = 1.0
# Server failures after which the request may have been carried out all the same.
_UNSURE = frozenset({408, 500, 502, 504})


class NotReady(Rejected):
    """MAX is still working on a file that was uploaded: the same request is to be made again in a moment."""


async def call(
    config: Config,
    net: Net,
    method: str,
    path: str,
    *,
    body: Mapping[str, Any] | None = None,
    patience: float = ASK_SECONDS,
    max_bytes: int = LARGEST_ANSWER,
    **query: Any,
) -> dict[str, Any]:
    """The object that a method answers; raises SendError, never with the token in its words."""
    given = {name: str(value) for name, value in query.items() if value not in (None, "")}
    headers = {"Authorization": config.token}
    if body is not None:
        headers["Content-Type"] = "application/json"
    answer = await net.request(
        method,
        f"{config.base_url}{path}" + (f"?{urlencode(given)}" if given else ""),
        headers=headers,
        body=None if body is None else orjson.dumps(body),
        timeout=patience,
        max_bytes=max_bytes,
        authorities=config.authorities,
    )
    said = object_in(answer.body)
    if answer.status != 200:
        raise refusal(answer, said)
    if not said:
        raise Unreachable("MAX's answer could not be read.", maybe_sent=True)
    if said.get("success") is False:
        raise _rejected(said)
    return said


def refusal(answer: Response, said: Mapping[str, Any]) -> SendError:
    """The error behind an answer that is not 200."""
    status, code, words = answer.status, str(said.get("code") or ""), str(said.get("message") or "")
    if status == 429:
        return Throttled("MAX asks to wait.", seconds_to_wait(answer.headers, PAUSE_SECONDS))
    if status >= 500 or status == 408:
        return Unreachable("MAX has trouble of its own.", maybe_sent=status in _UNSURE)
    if status == 401:
        return ChannelMisconfigured("MAX does not accept the token any more: get a new one at business.max.ru.")
    if "attachment.not.ready" in (code, words) or "not.ready" in code:
        return NotReady()
    if status == 403 or "suspended" in words or "dialog.blocked" in code:
        return ContactStopped("The client has stopped the bot.")
    if status == 404 and "chat" in f"{code} {words}".lower():
        return ContactStopped("MAX does not know this dialog any more.")
    if status == 404:
        return Rejected("The message is not in MAX any more.")
    if status == 413:
        return TooLarge("The file is larger than MAX takes.")
    if status < 400:
        return Unreachable("MAX's answer could not be read.", maybe_sent=True)
    return _rejected(said)


def _rejected(said: Mapping[str, Any]) -> SendError:
    return Rejected(with_detail("MAX refuses this message.", str(said.get("message") or "")[:300]))
