"""Connecting a sender of Twilio, looking after it, fetching clients' files."""

from __future__ import annotations

import contextlib
from typing import Any
from urllib.parse import quote, urlsplit

from connectors.contract import ChannelMisconfigured, Health, Net, Rejected, Unreachable, fact
from connectors.download import download
from connectors.marks import with_mark
from connectors.twilio_call import ask, proof
from connectors.twilio_config import WHATSAPP, Config
from connectors.twilio_hooks import find_hook, set_hook


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask whose keys these are and set the sender's webhook; the configuration to keep."""
    account = await _account(config, net)
    if urlsplit(url).scheme != "https":
        raise ChannelMisconfigured("Twilio calls this server, which needs a public https:// address for that.")
    hook = await find_hook(config, net)
    if hook is not None and hook.now != url:
        # A webhook that we may not set is set by hand: the check, which follows at once, says so.
        with contextlib.suppress(Rejected, ChannelMisconfigured):
            await set_hook(hook, url, config, net)
    found = {"account_name": str(account.get("friendly_name") or "")[:100], "webhook_url": url}
    return config.model_copy(update=found)


async def _account(config: Config, net: Net) -> dict[str, Any]:
    account = await ask(config, net, ".json")
    if account.get("sid") != config.account_sid:
        raise Unreachable("Twilio's answer could not be read.")
    if account.get("status") in ("suspended", "closed"):
        raise ChannelMisconfigured("Twilio has suspended this account: see the Twilio Console.")
    return account


async def check(config: Config, net: Net) -> Health:
    """Whether the keys work; a webhook that is gone, or another's, is set anew where Twilio lets us."""
    account = await _account(config, net)
    name = str(account.get("friendly_name") or config.account_sid)[:200]
    facts = [fact("Account", name), fact("Sender", config.sender), fact("How messages come", "Twilio calls us")]
    hook = await find_hook(config, net)
    if hook is None:
        facts.append(fact("Webhook", "set by hand in the Twilio Console"))
    elif hook.now != config.webhook_url:
        try:
            await set_hook(hook, config.webhook_url, config, net)
        except (Rejected, ChannelMisconfigured):
            return Health(
                "degraded",
                "Messages of this sender go elsewhere, and Twilio lets only you change that: copy the address of the"
                " webhook from this page into the Twilio Console.",
                tuple(facts),
            )
    return Health("ok", facts=tuple(facts))


async def disconnect(config: Config, net: Net) -> None:
    """Take the sender's webhook back, unless it is another's by now."""
    hook = await find_hook(config, net)
    if hook is not None and hook.now == config.webhook_url:
        await set_hook(hook, "", config, net)


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file. Our keys are told to Twilio only, and not to where its answer leads on."""
    place = urlsplit(ref)
    own = ref.startswith(f"{config.base_url}/") or (
        place.scheme == "https" and (place.hostname or "").endswith(".twilio.com")
    )
    if not own:
        raise Rejected("The file could not be fetched.")
    return await download(ref, net, max_bytes, headers={"Authorization": proof(config)})


def entry_url(config: Config, token: str) -> str:
    """A link that opens the chat in WhatsApp with words prepared, which end with the mark; "" for SMS."""
    if not config.whatsapp:
        return ""
    text = quote(with_mark(config.greeting, token))
    return f"https://wa.me/{config.sender.removeprefix(WHATSAPP).removeprefix('+')}?text={text}"
