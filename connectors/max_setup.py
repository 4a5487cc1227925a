"""Connecting a bot of MAX, looking after it, asking it for news, people and files."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import orjson

from connectors.contract import ChannelMisconfigured, Health, Net, Polled, Profile, Rejected, Unreachable, fact
from connectors.download import download
from connectors.max_call import call
from connectors.max_config import Config
from connectors.max_content import VIDEO_REF
from connectors.max_parse import KINDS

# MAX holds a poll open for so long when there is no news; the answer is waited for a little longer.
POLL_SECONDS = 25
POLL_PATIENCE_SECONDS = 35.0
LARGEST_POLL = 16 << 20
# Films are kept in several sizes; the first of these that there is.
_SIZES = ("mp4_720", "mp4_480", "mp4_1080", "mp4_360", "mp4_240", "mp4_144")


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask who the bot is and choose how messages come; the configuration to keep. `check` sets the webhook."""
    me = await call(config, net, "GET", "/me")
    if type(me.get("user_id")) is not int:
        raise Unreachable("MAX's answer could not be read.")
    secure = urlsplit(url).scheme == "https"
    if config.way == "webhook" and not secure:
        raise ChannelMisconfigured("MAX calls only servers with a public https:// address; choose to ask MAX instead.")
    username = me.get("username")
    found: dict[str, Any] = {
        "bot_id": me["user_id"],
        "username": username[:100] if isinstance(username, str) else "",
        "webhook_url": "",
    }
    if config.way == "webhook" or (config.way == "auto" and secure):
        found |= {"webhook_url": url, "webhook_secret": config.webhook_secret or secrets.token_urlsafe(24)}
    else:
        # MAX answers no questions for news while anybody has a webhook.
        for known in await _subscriptions(config, net):
            await _unsubscribe(config, str(known.get("url") or ""), net)
    return config.model_copy(update=found)


async def disconnect(config: Config, net: Net) -> None:
    """Take the webhook back."""
    if config.webhook_url:
        await _unsubscribe(config, config.webhook_url, net)


async def _unsubscribe(config: Config, url: str, net: Net) -> None:
    if url:
        await call(config, net, "DELETE", "/subscriptions", url=url)


async def _subscriptions(config: Config, net: Net) -> list[dict[str, Any]]:
    answer = await call(config, net, "GET", "/subscriptions")
    listed = answer.get("subscriptions")
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and messages reach us.

    MAX drops a webhook that did not answer for eight hours; what is gone is set anew.
    """
    me = await call(config, net, "GET", "/me")
    name = str(me.get("name") or me.get("first_name") or me.get("username") or "")[:200]
    polled = not config.webhook_url
    facts = (
        fact("Bot", name),
        fact("How messages come", "We ask MAX") if polled else fact("How messages come", "MAX calls us"),
    )
    known = {str(item.get("url")): item for item in await _subscriptions(config, net)}
    if polled:
        if known:
            return Health(
                "degraded",
                "Another program has set a webhook for this bot. Save the channel to take the bot over.",
                facts,
            )
        return Health("ok", facts=facts)
    ours = known.get(config.webhook_url)
    wanted = ours.get("update_types") if ours else None
    if not isinstance(wanted, list) or set(KINDS) - {str(kind) for kind in wanted}:
        body = {"url": config.webhook_url, "update_types": list(KINDS), "secret": config.webhook_secret}
        await call(config, net, "POST", "/subscriptions", body=body)
    return Health("ok", facts=facts)


async def poll(config: Config, cursor: str | None, net: Net) -> Polled:
    """Wait for news. The cursor is MAX's marker; asking with it confirms what came before."""
    answer = await call(
        config,
        net,
        "GET",
        "/updates",
        patience=POLL_PATIENCE_SECONDS,
        max_bytes=LARGEST_POLL,
        types=",".join(KINDS),
        marker=cursor,
        limit=100,
        timeout=POLL_SECONDS,
    )
    updates, marker = answer.get("updates"), answer.get("marker")
    bodies = [orjson.dumps(item) for item in updates if isinstance(item, dict)] if isinstance(updates, list) else []
    return Polled(tuple(bodies), str(marker) if type(marker) is int else cursor)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's picture, and the name once more."""
    try:
        chat = await call(config, net, "GET", f"/chats/{quote(address, safe='')}")
    except Rejected:
        return None
    person = chat.get("dialog_with_user")
    if not isinstance(person, dict):
        return None
    words = {name: person[name] for name in person if isinstance(person[name], str)}
    name = " ".join(part for part in (words.get("first_name"), words.get("last_name")) if part)
    picture = words.get("full_avatar_url") or words.get("avatar_url") or ""
    return Profile(name=name, username=words.get("username", ""), picture=picture)


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file; a film is asked for where it is."""
    url = ref
    if ref.startswith(VIDEO_REF):
        details = await call(config, net, "GET", f"/videos/{quote(ref.removeprefix(VIDEO_REF), safe='')}")
        urls = details.get("urls")
        known = urls if isinstance(urls, dict) else {}
        url = next((known[size] for size in _SIZES if isinstance(known.get(size), str) and known[size]), "")
    return await download(url, net, max_bytes, authorities=config.authorities)


def entry_url(config: Config, token: str) -> str:
    """A link that opens the dialog with the bot and brings its mark along."""
    return f"https://max.ru/{config.username}?{urlencode({'start': token})}" if config.username else ""
