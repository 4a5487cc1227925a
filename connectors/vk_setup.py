"""Connecting a community, looking after it, asking it for news and people."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from connectors.contract import (
    ChannelMisconfigured,
    Health,
    Net,
    Polled,
    Profile,
    Rejected,
    Unreachable,
    fact,
)
from connectors.download import download
from connectors.vk_call import API_VERSION, call, unreadable
from connectors.vk_config import Config
from connectors.vk_ids import peer_of
from connectors.vk_parse import KINDS
from connectors.wire import object_in

# VK holds a poll open for so long when there is no news; the answer is waited for a little longer.
POLL_SECONDS = 25
POLL_PATIENCE_SECONDS = 35.0
LARGEST_POLL = 16 << 20
# The name of our server in the community's settings: at most 14 signs.
SERVER_TITLE = "Inbox"
_NEEDED = ("messages", "manage")


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask which community the key is of, choose how messages come, and prepare that; the configuration to keep.

    The server is named to VK by the first `check`: VK calls it at once, and by then the channel has to be there.
    """
    group = await _group(config, net)
    await _check_rights(config, net)
    wanted = config.way == "callback" or (config.way == "auto" and urlsplit(url).scheme == "https")
    found: dict[str, Any] = {
        "group_id": group["id"],
        "group_name": str(group.get("name") or "")[:200],
        "screen_name": str(group.get("screen_name") or "")[:100],
        "webhook_url": "",
        "confirmation": "",
    }
    named = config.model_copy(update=found)
    if not wanted:
        await _forget_server(named, config.webhook_url, net)
        events = dict.fromkeys(KINDS, 1)
        settings = {"group_id": named.group_id, "enabled": 1, "api_version": API_VERSION, **events}
        await call(named, net, "groups.setLongPollSettings", **settings)
        return named
    code = await _confirmation(named, net)
    secret = config.webhook_secret or secrets.token_urlsafe(24)
    return named.model_copy(update={"webhook_url": url, "confirmation": code, "webhook_secret": secret})


async def _group(config: Config, net: Net) -> dict[str, Any]:
    answer = await call(config, net, "groups.getById")
    groups = answer.get("groups") if isinstance(answer, dict) else answer
    first = groups[0] if isinstance(groups, list) and groups else None
    if not isinstance(first, dict) or type(first.get("id")) is not int or first["id"] < 1:
        raise ChannelMisconfigured("This is not the key of a community: create one in the community's settings.")
    return first


async def _check_rights(config: Config, net: Net) -> None:
    answer = await call(config, net, "groups.getTokenPermissions")
    listed = answer.get("permissions") if isinstance(answer, dict) else None
    names = {item.get("name") for item in listed if isinstance(item, dict)} if isinstance(listed, list) else set()
    if not names.issuperset(_NEEDED):
        raise ChannelMisconfigured(
            "The key lacks a right: create one with the rights to management, messages, photos and files."
        )


async def _confirmation(config: Config, net: Net) -> str:
    answer = await call(config, net, "groups.getCallbackConfirmationCode", group_id=config.group_id)
    code = answer.get("code") if isinstance(answer, dict) else None
    if not isinstance(code, str) or not code:
        raise Unreachable("VK's answer could not be read.")
    return code


async def disconnect(config: Config, net: Net) -> None:
    """Take our server out of the community's settings."""
    await _forget_server(config, config.webhook_url, net)


async def _forget_server(config: Config, url: str, net: Net) -> None:
    server = await _server(config, url, net) if url else None
    if server is not None:
        await call(config, net, "groups.deleteCallbackServer", group_id=config.group_id, server_id=server["id"])


async def _server(config: Config, url: str, net: Net) -> dict[str, Any] | None:
    """Our server among those of the community."""
    answer = await call(config, net, "groups.getCallbackServers", group_id=config.group_id)
    items = answer.get("items") if isinstance(answer, dict) else None
    known = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return next((item for item in known if item.get("url") == url and type(item.get("id")) is int), None)


async def check(config: Config, net: Net) -> Health:
    """Whether the key works and messages reach us. A server that VK does not have, or not so, is named to it anew."""
    group = await _group(config, net)
    polled = not config.webhook_url
    facts = (
        fact("Community", str(group.get("name") or group["id"])[:200]),
        fact("How messages come", "We ask VK") if polled else fact("How messages come", "VK calls us"),
    )
    if polled:
        await _long_poll_server(config, net)
        return Health("ok", facts=facts)
    status = await _ensure_server(config, net)
    if status == "failed":
        return Health(
            "degraded",
            "VK cannot reach this server: check its domain and certificate, then save the channel to try again.",
            facts,
        )
    if status == "stale":
        return Health("degraded", "VK has to confirm this server anew: save the channel.", facts)
    return Health("ok", facts=facts)


async def _ensure_server(config: Config, net: Net) -> str:
    """The state that VK has our server in: ok, wait, failed, or stale when it waits for another code than ours."""
    named = {"url": config.webhook_url, "title": SERVER_TITLE, "secret_key": config.webhook_secret}
    server = await _server(config, config.webhook_url, net)
    fresh = server is not None and server.get("secret_key") == config.webhook_secret
    if server is None or not fresh or server.get("status") in ("failed", "unconfigured"):
        if await _confirmation(config, net) != config.confirmation:
            return "stale"
        if server is None:
            await call(config, net, "groups.addCallbackServer", group_id=config.group_id, **named)
        else:
            await call(
                config, net, "groups.editCallbackServer", group_id=config.group_id, server_id=server["id"], **named
            )
        server = await _server(config, config.webhook_url, net)
    if server is None:
        return "failed"
    settings = {"group_id": config.group_id, "server_id": server["id"], "api_version": API_VERSION}
    await call(config, net, "groups.setCallbackSettings", **settings, **dict.fromkeys(KINDS, 1))
    return str(server.get("status") or "ok")


async def _long_poll_server(config: Config, net: Net) -> dict[str, str]:
    answer = await call(config, net, "groups.getLongPollServer", group_id=config.group_id)
    told = {name: answer.get(name) for name in ("server", "key", "ts")} if isinstance(answer, dict) else {}
    if not all(told.values()):
        raise Unreachable("VK's answer could not be read.")
    return {name: str(value) for name, value in told.items()}


async def poll(config: Config, cursor: str | None, net: Net) -> Polled:
    """Wait for news. The cursor is VK's own; the key of the poll is a secret and is asked for each time."""
    server = await _long_poll_server(config, net)
    if cursor is None:
        # Kept at once, so that nothing from now on is missed.
        return Polled((), server["ts"])
    query = {"act": "a_check", "key": server["key"], "ts": cursor, "wait": str(POLL_SECONDS)}
    answer = await net.request(
        "GET", f"{server['server']}?{urlencode(query)}", timeout=POLL_PATIENCE_SECONDS, max_bytes=LARGEST_POLL
    )
    said = object_in(answer.body)
    if answer.status != 200 or not said:
        raise unreadable(answer)
    if said.get("failed") is not None:
        # 1: a part of the history is gone, go on from `ts`; 2: the key is old; 3: everything is to be asked anew.
        gone = {1: str(said.get("ts") or "") or None, 2: cursor}
        return Polled((), gone.get(said["failed"]) if type(said["failed"]) is int else None)
    updates = said.get("updates")
    bodies = [orjson.dumps(item) for item in updates if isinstance(item, dict)] if isinstance(updates, list) else []
    return Polled(tuple(bodies), str(said.get("ts") or cursor))


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name, page and picture."""
    peer_id = peer_of(address)
    if peer_id < 0:
        return None
    try:
        found = await call(
            config, net, "users.get", user_ids=str(peer_id), fields="screen_name,photo_200,has_photo,city"
        )
    except Rejected:
        return None
    person = found[0] if isinstance(found, list) and found else None
    if not isinstance(person, dict):
        return None
    names = [person.get("first_name"), person.get("last_name")]
    city = person.get("city")
    town = city.get("title") if isinstance(city, dict) else None
    picture = person.get("photo_200") if person.get("has_photo") in (1, True) else None
    return Profile(
        name=" ".join(name for name in names if isinstance(name, str) and name),
        username=str(person.get("screen_name") or ""),
        picture=picture if isinstance(picture, str) else "",
        attributes={"city": town[:200]} if isinstance(town, str) and town else {},
    )


async def fetch_media(ref: str, _config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file; documents lead on to another host."""
    return await download(ref, net, max_bytes)


def entry_url(config: Config, token: str) -> str:
    """A link that opens the dialog with the community and brings its mark along."""
    name = config.screen_name or (f"club{config.group_id}" if config.group_id else "")
    return f"https://vk.me/{name}?{urlencode({'ref': token})}" if name else ""
