"""Asking Avito's API, and what its refusals mean.

Facts: https://developers.avito.ru/api-catalog/auth/documentation and .../messenger/documentation. A token lives for a
day; nothing here outlives a call, so one is asked for by each piece of work and used for all its requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from connectors.avito_config import Config
from connectors.contract import (
    ChannelMisconfigured,
    Net,
    Rejected,
    Response,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    with_detail,
)
from connectors.wire import seconds_to_wait

ASK_SECONDS = 12.0
LARGEST_ANSWER = 4 << 20
# Avito counts requests by the minute and does not tell when to come back.
PAUSE_SECONDS = 30.0
# Server failures after which the request may have been carried out all the same.
_UNSURE = frozenset({408, 500, 502, 504})


@dataclass(frozen=True, slots=True)
class Session:
    """The API with a token, for the length of one piece of work."""

    config: Config
    net: Net
    token: str

    async def call(
        self, method: str, path: str, *, body: bytes | None = None, kind: str = "application/json", **query: Any
    ) -> Any:
        """What a method answers, read from JSON; raises SendError, never with a secret in its words."""
        answer = await self.net.request(
            method,
            f"{self.config.base_url}{path}" + (f"?{urlencode(query)}" if query else ""),
            headers={"Authorization": f"Bearer {self.token}", **({} if body is None else {"Content-Type": kind})},
            body=body,
            timeout=ASK_SECONDS,
            max_bytes=LARGEST_ANSWER,
        )
        if answer.status not in (200, 201):
            raise refusal(answer)
        said = _said(answer)
        if said is None:
            raise Unreachable("Avito's answer could not be read.", maybe_sent=True)
        return said

    async def post(self, path: str, **body: Any) -> Any:
        """Send an object."""
        return await self.call("POST", path, body=orjson.dumps(body))

    def chat(self, chat_id: str, rest: str = "", *, version: int = 1) -> str:
        """The path of a dialog, or of something in it."""
        return f"/messenger/v{version}/accounts/{self.config.user_id}/chats/{quote(chat_id, safe='')}{rest}"


async def open_session(config: Config, net: Net) -> Session:
    """Ask for a token; nothing has been sent when that fails."""
    form = {
        "grant_type": "client_credentials",
        "client_id": config.client_id,
        "client_secret": config.client_secret,
    }
    try:
        answer = await net.request(
            "POST",
            f"{config.base_url}/token",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            timeout=ASK_SECONDS,
        )
    except Unreachable as error:
        raise Unreachable(error.reason) from None
    said = _said(answer)
    token = said.get("access_token") if isinstance(said, Mapping) else None
    if isinstance(token, str) and token and token.isascii() and token.isprintable():
        return Session(config, net, token)
    if answer.status == 429 or answer.status >= 500:
        raise _unsent(refusal(answer))
    # A wrong key is answered with 200 or 400 and an "error" instead of a token.
    if answer.status in (400, 401, 403) or (isinstance(said, Mapping) and said.get("error")):
        raise ChannelMisconfigured("Avito does not accept the keys: copy Client_id and Client_secret once more.")
    raise Unreachable("Avito's answer could not be read.")


def _said(answer: Response) -> Any:
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def _unsent(error: SendError) -> SendError:
    return Unreachable(error.reason) if isinstance(error, Unreachable) else error


def refusal(answer: Response) -> SendError:
    """The error behind an answer that is no success."""
    status = answer.status
    if status == 429:
        wait = seconds_to_wait(answer.headers, PAUSE_SECONDS)
        return Throttled("Avito asks to wait.", wait, everybody=True)
    if status >= 500 or status == 408:
        return Unreachable("Avito has trouble of its own.", maybe_sent=status in _UNSURE)
    if status == 401:
        return ChannelMisconfigured("Avito does not accept the keys: copy Client_id and Client_secret once more.")
    if status == 402:
        return ChannelMisconfigured("Avito opens its messenger to programs only in a paid plan: see your plan there.")
    if status == 403:
        return Rejected("Avito does not allow this: the dialog is closed, or your plan there has no messenger API.")
    if status == 404:
        return Rejected("Avito does not know this dialog or message any more.")
    if status == 413:
        return TooLarge("The picture is larger than Avito takes.")
    if status < 400:
        return Unreachable("Avito's answer could not be read.", maybe_sent=True)
    said = _said(answer)
    error = said.get("error") if isinstance(said, Mapping) else None
    words = error.get("message") if isinstance(error, Mapping) else None
    return Rejected(with_detail("Avito refuses this message.", words[:300] if isinstance(words, str) else ""))
