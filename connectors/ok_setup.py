"""Connecting a group of Odnoklassniki and looking after it."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode, urlsplit

from connectors.contract import ChannelMisconfigured, Health, Net, fact
from connectors.download import download
from connectors.ok_call import call
from connectors.ok_config import Config
from connectors.ok_parse import SECRET


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask which group the key is of; the configuration to keep. `check` sets the webhook."""
    if urlsplit(url).scheme != "https" and urlsplit(config.base_url).scheme == "https":
        raise ChannelMisconfigured("OK calls this server, which needs a public https:// address for that.")
    info = await call(config, net, "GET", "me/info")
    group_id = info.get("group_id")
    if not isinstance(group_id, str) or not group_id:
        raise ChannelMisconfigured("This is not the key of a group: get one in the group's settings.")
    secret = config.webhook_secret or secrets.token_urlsafe(24)
    found = {"group_id": group_id[:100], "webhook_url": url, "webhook_secret": secret}
    return config.model_copy(update=found)


def told_url(config: Config) -> str:
    """The address that OK is told: OK signs nothing, so it carries a secret."""
    return f"{config.webhook_url}?{urlencode({SECRET: config.webhook_secret})}"


async def disconnect(config: Config, net: Net) -> None:
    """Take the webhook back."""
    if config.webhook_url:
        await call(config, net, "POST", "me/unsubscribe", {"url": told_url(config)})


async def check(config: Config, net: Net) -> Health:
    """Whether the key works. OK drops a webhook that did not answer for eight hours; what is gone is set anew."""
    info = await call(config, net, "GET", "me/info")
    facts = (fact("Group", str(info.get("name") or config.group_id)[:200]),)
    listed = (await call(config, net, "GET", "me/subscriptions")).get("subscriptions")
    known = [item.get("url") for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []
    if told_url(config) not in known:
        await call(config, net, "POST", "me/subscribe", {"url": told_url(config)})
    return Health("ok", facts=facts)


async def fetch_media(ref: str, _config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file."""
    return await download(ref, net, max_bytes)
