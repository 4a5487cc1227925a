"""Asking Twilio's REST APIs: forms, and in younger ones JSON, with Basic authentication, answered with JSON.

Facts: https://www.twilio.com/docs/usage/requests-to-twilio.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from connectors.contract import Net, Response, SendError, Throttled, Unreachable
from connectors.twilio_config import Config
from connectors.twilio_errors import PAUSE_SECONDS, meaning
from connectors.wire import object_in, seconds_to_wait

ASK_SECONDS = 15.0
_WRONG_KEYS = 20003


def proof(config: Config) -> str:
    """The value of the header Authorization."""
    return "Basic " + base64.b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()


async def ask(config: Config, net: Net, what: str = "", **fields: str) -> dict[str, Any]:
    """What Twilio answers about a part of the account; raises SendError. Without fields it is only asked, not told."""
    return await call(config, net, account_url(config, what), form=fields)


def account_url(config: Config, what: str) -> str:
    """Where a part of the account is."""
    return f"{config.base_url}/2010-04-01/Accounts/{config.account_sid}{what}"


async def call(
    config: Config, net: Net, url: str, *, form: Mapping[str, str] | None = None, tree: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """What one of Twilio's servers answers; told a form or a tree of JSON, else only asked. Raises SendError."""
    kind = "application/json" if tree else "application/x-www-form-urlencoded"
    body = orjson.dumps(tree) if tree else urlencode(form).encode() if form else None
    answer = await net.request(
        "POST" if body else "GET",
        url,
        headers={"Authorization": proof(config), "Content-Type": kind},
        body=body,
        timeout=ASK_SECONDS,
    )
    said = object_in(answer.body)
    if not 200 <= answer.status < 300:
        raise _refusal(answer, said)
    return said


def next_page(said: Mapping[str, Any], server: str) -> str:
    """Where a list goes on, at the `server` that was asked and nowhere else; "" at its end."""
    meta = said.get("meta")
    told = meta.get("next_page_url") if isinstance(meta, dict) else None
    if not isinstance(told, str) or not told:
        return ""
    place = urlsplit(told)
    return f"{server}{place.path}?{place.query}"


def _refusal(answer: Response, said: Mapping[str, Any]) -> SendError:
    """The error behind an answer that is none."""
    status = answer.status
    code, words = said.get("code"), said.get("message")
    if status == 429:
        return Throttled("Twilio asks to wait.", seconds_to_wait(answer.headers, PAUSE_SECONDS), everybody=True)
    if status >= 500 or status == 408:
        return Unreachable("Twilio has trouble of its own.", maybe_sent=status != 503)
    if status < 400:
        return Unreachable("Twilio's answer could not be read.", maybe_sent=True)
    known = code if type(code) is int else _WRONG_KEYS if status == 401 else None
    return meaning(known, words if isinstance(words, str) else "")
