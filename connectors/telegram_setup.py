"""Connecting a bot, looking after it, asking it for news and files."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from aiogram.methods import DeleteWebhook, GetFile, GetMe, GetUpdates, GetUserProfilePhotos, GetWebhookInfo, SetWebhook

from connectors.contract import ChannelMisconfigured, Health, Net, Polled, Profile, Rejected, TooLarge, fact
from connectors.telegram_config import Config
from connectors.telegram_errors import Unchanged, refusal
from connectors.telegram_ids import chat_of
from connectors.telegram_parse import KINDS
from connectors.telegram_session import ask

# Telegram holds a poll open for so long when there is no news; the answer is waited for a little longer.
POLL_SECONDS = 25
POLL_PATIENCE_SECONDS = 35.0
FETCH_SECONDS = 60.0


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask who the bot is, then set its webhook to `url` or take it away; the configuration with the bot's name."""
    # One's own Bot API server also calls plain http addresses.
    if config.webhook and urlsplit(url).scheme != "https" and urlsplit(config.base_url).scheme == "https":
        raise ChannelMisconfigured(
            "A webhook needs an https:// address of this server that Telegram can reach; without one switch it off."
        )
    me = await ask(config, net, GetMe())
    username = str(me.get("username") or "") if isinstance(me, dict) else ""
    found: dict[str, Any] = {"username": username[:64], "webhook_url": "", "webhook_secret": ""}
    if config.webhook:
        found |= {"webhook_url": url, "webhook_secret": secrets.token_urlsafe(32)}
        await ask(
            config,
            net,
            SetWebhook(url=url, secret_token=found["webhook_secret"], allowed_updates=list(KINDS), max_connections=40),
        )
    else:
        # What waits at Telegram stays there for the first poll.
        await ask(config, net, DeleteWebhook(drop_pending_updates=False))
    return config.model_copy(update=found)


async def disconnect(config: Config, net: Net) -> None:
    """Take the webhook back."""
    await ask(config, net, DeleteWebhook(drop_pending_updates=False))


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and the messages reach us, with the fix in words where they do not."""
    me = await ask(config, net, GetMe())
    info = await ask(config, net, GetWebhookInfo())
    if not isinstance(me, dict) or not isinstance(info, dict):
        return Health("degraded", "Telegram's answer could not be read.")
    waiting = info.get("pending_update_count") or 0
    error = str(info.get("last_error_message") or "")
    facts = [
        fact("Bot", f"@{me.get('username') or ''}"),
        fact("How messages come", "Telegram calls us")
        if config.webhook
        else fact("How messages come", "We ask Telegram"),
        fact("Messages that wait at Telegram", str(waiting)),
    ]
    if error:
        facts.append(fact("Last error of the webhook", error[:200]))
    if me.get("can_connect_to_business"):
        facts.append(fact("Telegram Business", "can be connected"))
    found = _trouble(config, str(info.get("url") or ""), error if waiting else "")
    return Health(found.state, found.reason, tuple(facts))


def _trouble(config: Config, url: str, error: str) -> Health:
    """What is wrong with how messages come, and the fix. `error` is Telegram's, while messages wait for it."""
    told = error.lower()
    if not config.webhook and url:
        return Health(
            "degraded", "Another program has set a webhook for this bot. Save the channel to take the bot over."
        )
    if config.webhook and url != config.webhook_url:
        return Health("degraded", "The webhook is gone or belongs to another program. Save the channel to set it anew.")
    if not config.webhook or not error:
        return Health("ok")
    if "ssl" in told or "certificate" in told:
        return Health(
            "degraded", "Telegram does not trust this server's certificate: it needs a valid one with its whole chain."
        )
    if "wrong response" in told:
        return Health(
            "degraded",
            "This server answers Telegram with an error: its proxy must pass /hooks/ on unchanged.",
        )
    return Health(
        "degraded", "Telegram cannot reach this server: check its domain and port 443, or switch the webhook off."
    )


async def poll(config: Config, cursor: str | None, net: Net) -> Polled:
    """Wait for news. The cursor is the number of the next update; asking for it confirms those before it."""
    offset = int(cursor) if cursor and cursor.isascii() and cursor.isdecimal() else None
    news = GetUpdates(offset=offset, limit=100, timeout=POLL_SECONDS, allowed_updates=list(KINDS))
    result = await ask(config, net, news, POLL_PATIENCE_SECONDS)
    updates = [item for item in result if isinstance(item, dict)] if isinstance(result, list) else []
    numbers = [item["update_id"] for item in updates if type(item.get("update_id")) is int]
    return Polled(tuple(orjson.dumps(item) for item in updates), str(max(numbers) + 1) if numbers else cursor)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's picture; the name came with the message."""
    chat_id, _ = chat_of(address)
    try:
        found = await ask(config, net, GetUserProfilePhotos(user_id=chat_id, limit=1))
        sizes = found["photos"][0]
        picture = next((size for size in sizes if size["width"] >= 160), sizes[-1])
        return Profile(picture=str(picture["file_id"]))
    except (Rejected, LookupError, TypeError):
        return None


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a file. Telegram's own server gives up to 20 MB, one's own gives all."""
    try:
        found = await ask(config, net, GetFile(file_id=ref))
    except Unchanged:
        raise Rejected("The file could not be fetched.") from None
    size = found.get("file_size") if isinstance(found, dict) else None
    path = found.get("file_path") if isinstance(found, dict) else None
    if not isinstance(path, str):
        raise Rejected("The file could not be fetched.")
    if type(size) is int and size > max_bytes:
        raise TooLarge("The file is larger than this server stores.")
    # One's own server with --local tells where the file is on its disk; a web server before it passes the folder on.
    inside = path.rpartition(f"/{config.token}/")[2].lstrip("/")
    url = f"{config.base_url}/file/bot{config.token}/{quote(inside)}"
    answer = await net.request("GET", url, timeout=FETCH_SECONDS, max_bytes=max_bytes, proxy=config.proxy)
    if answer.status != 200:
        raise refusal(answer.status if answer.status >= 500 else 400, {"description": "The file could not be fetched."})
    return answer.body
