"""Asking LINE: handing answers over, connecting, files, names.

Facts: https://developers.line.biz/en/reference/messaging-api/ and .../docs/messaging-api/retrying-api-request/.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from connectors.contract import (
    ChannelMisconfigured,
    Health,
    MediaKind,
    Net,
    Outgoing,
    Profile,
    Rejected,
    SendError,
    Throttled,
    Unreachable,
    fact,
    with_detail,
)
from connectors.line_config import Config

MAX_TEXT = 5000
LARGEST_PICTURE = 10 << 20
LARGEST_FILE = 100 << 20
MOST_AT_ONCE = 5
MAX_QUICK_REPLIES = 13
MAX_LABEL = 20
MAX_ANSWER = 300
ASK_SECONDS = 15.0
FETCH_SECONDS = 60.0
_PICTURES = frozenset({"image/jpeg", "image/png"})
# The names of our retry keys, made from the key of a message and the number of the request.
_KEYS = uuid.UUID("5f0f1c3e-6c1e-4d5e-9d0d-1b0a6f4f3a11")


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Push what of an answer is not there yet, five messages a request; returns the ids of this attempt.

    LINE drops a request whose retry key it has taken before, and tells the ids of that time.
    """
    messages = messages_of(outgoing)
    sent: list[str] = []
    for start in range(0, len(messages), MOST_AT_ONCE):
        some = messages[start : start + MOST_AT_ONCE]
        if start + len(some) <= len(outgoing.done):
            continue
        key = str(uuid.uuid5(_KEYS, f"{outgoing.dedup_key}/{start}"))
        try:
            said = await ask(
                config, net, "POST", "v2/bot/message/push", {"to": outgoing.address, "messages": some}, retry_key=key
            )
            ids = _ids(said)
        except SendError as error:
            error.sent = tuple(sent)
            raise
        sent += ids[len(outgoing.done) - start :] if start < len(outgoing.done) else ids
    return sent


def messages_of(outgoing: Outgoing) -> list[dict[str, Any]]:
    """The messages of an answer: words, then files; what LINE cannot show goes as a link."""
    messages: list[dict[str, Any]] = [{"type": "text", "text": part} for part in outgoing.parts if part.strip()]
    for file in outgoing.media:
        shown = file.kind is MediaKind.IMAGE and file.mime in _PICTURES and file.size <= LARGEST_PICTURE
        if shown:
            messages.append({"type": "image", "originalContentUrl": file.url, "previewImageUrl": file.url})
        else:
            messages.append({"type": "text", "text": f"{file.name[:200]}\n{file.url}".strip()})
    if outgoing.buttons:
        messages = messages or [{"type": "text", "text": "👇"}]
        messages[-1] = {**messages[-1], "quickReply": {"items": _quick_replies(outgoing)}}
    return messages


def _quick_replies(outgoing: Outgoing) -> list[dict[str, Any]]:
    return [
        {
            "type": "action",
            "action": {"type": "uri", "label": button.title[:MAX_LABEL], "uri": button.url}
            if button.url
            else {"type": "message", "label": button.title[:MAX_LABEL], "text": button.title[:MAX_ANSWER]},
        }
        for button in outgoing.buttons[:MAX_QUICK_REPLIES]
    ]


def _ids(said: Mapping[str, Any]) -> list[str]:
    items = said.get("sentMessages")
    found = [item.get("id") for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    ids = [name[:512] for name in found if isinstance(name, str) and name]
    if not ids:
        raise Unreachable("LINE's answer could not be read.", maybe_sent=True)
    return ids


async def ask(
    config: Config,
    net: Net,
    method: str,
    path: str,
    body: Mapping[str, Any] | None = None,
    *,
    retry_key: str = "",
) -> dict[str, Any]:
    """Ask one thing; the answer, which is an object. Raises SendError, never with the token in its words."""
    headers = {"Authorization": f"Bearer {config.access_token}"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    if retry_key:
        headers["X-Line-Retry-Key"] = retry_key
    content = None if body is None else orjson.dumps(body)
    answer = await net.request(method, f"{config.base_url}/{path}", headers=headers, body=content, timeout=ASK_SECONDS)
    try:
        said: Any = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        said = None
    taken = 200 <= answer.status < 300 or (answer.status == 409 and bool(retry_key))
    if taken and isinstance(said, dict):
        return said
    if taken:
        raise Unreachable("LINE's answer could not be read.", maybe_sent=True)
    raise _refusal(answer.status, said if isinstance(said, dict) else {}, answer.headers.get("retry-after", ""))


def _refusal(status: int, said: Mapping[str, Any], retry_after: str) -> SendError:
    words = said.get("message")
    told = words.strip()[:300] if isinstance(words, str) else ""
    if status == 429 and "monthly limit" in told.lower():
        return Rejected("The messages of this month that LINE's plan includes are used up.")
    if status == 429:
        wait = float(retry_after) if retry_after.isascii() and retry_after.isdecimal() else None
        return Throttled("LINE asks to send more slowly.", wait, everybody=True)
    if status in (401, 403):
        return ChannelMisconfigured("LINE does not accept the access token any more. Issue a new one and save it.")
    if status >= 500:
        return Unreachable("LINE failed for a moment.", maybe_sent=True)
    return Rejected(with_detail("LINE refuses this message.", told))


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask which account it is, then set its webhook to `url`."""
    account = await ask(config, net, "GET", "v2/bot/info")
    if urlsplit(url).scheme != "https" and urlsplit(config.base_url).scheme == "https":
        raise ChannelMisconfigured("LINE needs an https:// address of this server: set INBOX_PUBLIC_URL.")
    await ask(config, net, "PUT", "v2/bot/channel/webhook/endpoint", {"endpoint": url})
    found = {"bot_id": str(account.get("userId") or "")[:64], "basic_id": str(account.get("basicId") or "")[:64]}
    return config.model_copy(update={**found, "webhook_url": url})


async def check(config: Config, net: Net) -> Health:
    """Whether the token works, the messages reach us, and how many of the month are left."""
    account = await ask(config, net, "GET", "v2/bot/info")
    hook = await ask(config, net, "GET", "v2/bot/channel/webhook/endpoint")
    quota = await ask(config, net, "GET", "v2/bot/message/quota")
    used = await ask(config, net, "GET", "v2/bot/message/quota/consumption")
    limit = quota.get("value") if quota.get("type") == "limited" else "∞"
    facts = (
        fact("Name", str(account.get("displayName") or "")[:100]),
        fact("Messages of this month", f"{used.get('totalUsage', 0)} / {limit}"[:40]),
    )
    if hook.get("endpoint") != config.webhook_url:
        return Health("degraded", "LINE sends the messages to another address. Save the channel.", facts)
    if hook.get("active") is False:
        return Health("degraded", "The webhook is switched off: LINE Developers → Messaging API → Use webhook.", facts)
    return Health("ok", "", facts)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name, picture and language."""
    told = await ask(config, net, "GET", f"v2/bot/profile/{quote(address, safe='')}")
    name, picture, language = (told.get(field) for field in ("displayName", "pictureUrl", "language"))
    return Profile(
        name=name if isinstance(name, str) else "",
        picture=picture if isinstance(picture, str) else "",
        language=language if isinstance(language, str) else "",
    )


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file by its message, or of a picture of theirs by LINE's address."""
    headers: dict[str, str] = {}
    if ref.isascii() and ref.isdecimal():
        url = f"{config.files_url}/v2/bot/message/{ref}/content"
        headers = {"Authorization": f"Bearer {config.access_token}"}
    elif urlsplit(ref).scheme == "https" and (urlsplit(ref).hostname or "").endswith(".line-scdn.net"):
        url = ref
    else:
        raise Rejected("The file could not be fetched.")
    answer = await net.request("GET", url, headers=headers, timeout=FETCH_SECONDS, max_bytes=max_bytes)
    if answer.status == 200:
        return answer.body
    # 202: a film is still being made ready.
    later = answer.status in (202, 429) or answer.status >= 500
    raise (Unreachable if later else Rejected)("The file could not be fetched.")


async def typing(address: str, config: Config, net: Net) -> None:
    """Show the dots for some seconds."""
    await ask(config, net, "POST", "v2/bot/chat/loading/start", {"chatId": address, "loadingSeconds": 5})
