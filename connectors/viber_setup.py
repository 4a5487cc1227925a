"""Connecting a bot of Viber, looking after it, asking it for people and files."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from pydantic import ValidationError

from connectors.contract import ChannelMisconfigured, Health, Net, Profile, Rejected, Unreachable, fact
from connectors.download import download
from connectors.viber_call import BadAddress, call
from connectors.viber_config import Config
from connectors.viber_parse import KINDS
from connectors.viber_wire import Account, User


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask who the bot is; the configuration to keep. `check` sets the webhook: Viber calls it while it is being set."""
    account = await _account(config, net)
    if urlsplit(url).scheme != "https":
        raise ChannelMisconfigured("Viber calls this server, which needs a public https:// address for that.")
    found = {
        "account_id": account.id,
        "account_name": (account.name or "")[:100],
        "uri": (account.uri or "")[:100],
        "webhook_url": url,
    }
    return config.model_copy(update=found)


async def _account(config: Config, net: Net) -> Account:
    try:
        return Account.model_validate(await call(config, net, "get_account_info"))
    except ValidationError:
        raise Unreachable("Viber's answer could not be read.") from None


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and messages reach us. A webhook that is gone, or another's, is set anew."""
    account = await _account(config, net)
    facts = (fact("Bot", (account.name or account.id)[:200]), fact("How messages come", "Viber calls us"))
    told = {str(kind) for kind in account.event_types or ()}
    if account.webhook != config.webhook_url or set(KINDS) - told:
        try:
            await _set_webhook(config, config.webhook_url, net)
        except BadAddress:
            return Health("degraded", "Viber cannot reach this server: check its domain and certificate.", facts)
    return Health("ok", facts=facts)


async def _set_webhook(config: Config, url: str, net: Net) -> None:
    more = {"event_types": KINDS, "send_name": True, "send_photo": True} if url else {}
    await call(config, net, "set_webhook", url=url, **more)


async def disconnect(config: Config, net: Net) -> None:
    """Take the webhook back: an empty address removes it."""
    await _set_webhook(config, "", net)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name and picture. Viber answers twice in twelve hours for one client."""
    try:
        answer = await call(config, net, "get_user_details", id=address)
        user = User.model_validate(answer.get("user"))
    except (Rejected, ValidationError):
        return None
    return Profile(name=user.name or "", picture=user.avatar or "", language=(user.language or "")[:16])


async def fetch_media(ref: str, _config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file, which Viber keeps for an hour."""
    return await download(ref, net, max_bytes)


def entry_url(config: Config, token: str) -> str:
    """A link that opens the dialog with the bot and brings its mark along."""
    return f"viber://pa?{urlencode({'chatURI': config.uri, 'context': token})}" if config.uri else ""
