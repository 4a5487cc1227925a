"""Connecting a sender of Twilio, looking after it, fetching clients' files."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.contract import ChannelMisconfigured, Health, Net, Rejected, Unreachable, fact
from connectors.download import download
from connectors.marks import with_mark
from connectors.twilio_call import ask, proof
from connectors.twilio_config import WHATSAPP, Config


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask whose keys these are and set the number's webhook; the configuration to keep."""
    account = await _account(config, net)
    if urlsplit(url).scheme != "https":
        raise ChannelMisconfigured("Twilio calls this server, which needs a public https:// address for that.")
    if config.number:
        await _set_webhook(config, await _number(config, net), url, net)
    found = {"account_name": str(account.get("friendly_name") or "")[:100], "webhook_url": url}
    return config.model_copy(update=found)


async def _account(config: Config, net: Net) -> dict[str, Any]:
    account = await ask(config, net, ".json")
    if account.get("sid") != config.account_sid:
        raise Unreachable("Twilio's answer could not be read.")
    if account.get("status") in ("suspended", "closed"):
        raise ChannelMisconfigured("Twilio has suspended this account: see the Twilio Console.")
    return account


async def _number(config: Config, net: Net) -> dict[str, Any]:
    """The number's record; raises ChannelMisconfigured when the account has no such number."""
    said = await ask(config, net, f"/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': config.number})}")
    listed = said.get("incoming_phone_numbers")
    if not isinstance(listed, list):
        raise Unreachable("Twilio's answer could not be read.")
    for item in listed:
        # Twilio finds also numbers that hold the asked one as a part.
        if isinstance(item, dict) and item.get("phone_number") == config.number and isinstance(item.get("sid"), str):
            return item
    raise ChannelMisconfigured("This account of Twilio has no such number.")


async def _set_webhook(config: Config, number: dict[str, Any], url: str, net: Net) -> None:
    # An application of Twilio's, where one is set, would be called instead.
    fields = {"SmsUrl": url, "SmsMethod": "POST", "SmsApplicationSid": ""}
    await ask(config, net, f"/IncomingPhoneNumbers/{quote(number['sid'], safe='')}.json", **fields)


async def check(config: Config, net: Net) -> Health:
    """Whether the keys work; a number's webhook that is gone, or another's, is set anew."""
    account = await _account(config, net)
    name = str(account.get("friendly_name") or config.account_sid)[:200]
    facts = [fact("Account", name), fact("Sender", config.sender), fact("How messages come", "Twilio calls us")]
    if config.number:
        number = await _number(config, net)
        if number.get("sms_url") != config.webhook_url or number.get("sms_application_sid"):
            await _set_webhook(config, number, config.webhook_url, net)
    else:
        facts.append(fact("Webhook", "set by hand in the Twilio Console"))
    return Health("ok", facts=tuple(facts))


async def disconnect(config: Config, net: Net) -> None:
    """Take the number's webhook back, unless it is another's by now."""
    if config.number:
        number = await _number(config, net)
        if number.get("sms_url") == config.webhook_url:
            await _set_webhook(config, number, "", net)


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
