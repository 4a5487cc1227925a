"""Where Twilio keeps the webhook of each kind of sender, and how it is told another one.

Facts: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource (numbers),
https://www.twilio.com/docs/sms/api/short-code-resource (short codes),
https://www.twilio.com/docs/messaging/api/service-resource (Messaging Services),
https://www.twilio.com/docs/whatsapp/api/senders (WhatsApp).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from connectors.contract import ChannelMisconfigured, Net, Rejected, Unreachable
from connectors.twilio_call import account_url, ask, call, next_page
from connectors.twilio_config import Config

MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Hook:
    """The webhook of a sender.

    It is told at `resource` and leads to `now` ("" also when something else than an address is called); `beside` goes
    with a new address. `inside` names the object of JSON that holds it; without one it is told in a form.
    """

    resource: str
    now: str
    url_field: str
    beside: Mapping[str, str] = field(default_factory=dict)
    inside: str = ""


async def find_hook(config: Config, net: Net) -> Hook | None:
    """The sender's webhook; None when Twilio's API does not show it (the WhatsApp sandbox).

    Raises ChannelMisconfigured for a sender that the account does not have.
    """
    if config.whatsapp:
        try:
            return await _of_whatsapp(config, net)
        except (Rejected, ChannelMisconfigured):
            # The keys are good by now: it is this young API that is not for everybody.
            return None
    if config.service:
        return await _of_service(config, net)
    if config.number:
        return await _of_number(config, net)
    return await _of_short_code(config, net)


async def set_hook(hook: Hook, url: str, config: Config, net: Net) -> None:
    """Lead the sender's messages to `url`; "" to nowhere. Raises SendError."""
    told = {hook.url_field: url, **hook.beside}
    if hook.inside:
        await call(config, net, hook.resource, tree={hook.inside: told})
    else:
        await call(config, net, hook.resource, form=told)


async def _of_number(config: Config, net: Net) -> Hook:
    said = await ask(config, net, f"/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': config.number})}")
    # Twilio finds also numbers that hold the asked one as a part.
    number = _one(said, "incoming_phone_numbers", phone_number=config.number)
    if number is None:
        raise ChannelMisconfigured("This account of Twilio has no such number.")
    # An application of Twilio's, where one is set, would be called instead.
    application = number.get("sms_application_sid")
    return Hook(
        account_url(config, f"/IncomingPhoneNumbers/{quote(number['sid'], safe='')}.json"),
        "" if application else str(number.get("sms_url") or ""),
        "SmsUrl",
        {"SmsMethod": "POST", "SmsApplicationSid": ""},
    )


async def _of_short_code(config: Config, net: Net) -> Hook:
    said = await ask(config, net, f"/SMS/ShortCodes.json?{urlencode({'ShortCode': config.sender})}")
    code = _one(said, "short_codes", short_code=config.sender)
    if code is None:
        raise ChannelMisconfigured("This account of Twilio has no such number.")
    resource = account_url(config, f"/SMS/ShortCodes/{quote(code['sid'], safe='')}.json")
    return Hook(resource, str(code.get("sms_url") or ""), "SmsUrl", {"SmsMethod": "POST"})


async def _of_service(config: Config, net: Net) -> Hook:
    resource = f"{config.messaging_url}/v1/Services/{config.sender}"
    try:
        said = await call(config, net, resource)
    except Rejected as error:
        raise ChannelMisconfigured("This account of Twilio has no such Messaging Service.") from error
    # Otherwise the numbers of the service are called by addresses of their own.
    own = said.get("use_inbound_webhook_on_number") is True
    beside = {"InboundMethod": "POST", "UseInboundWebhookOnNumber": "false"}
    return Hook(resource, "" if own else str(said.get("inbound_request_url") or ""), "InboundRequestUrl", beside)


async def _of_whatsapp(config: Config, net: Net) -> Hook | None:
    senders = f"{config.messaging_url}/v2/Channels/Senders"
    url = f"{senders}?{urlencode({'Channel': 'whatsapp', 'PageSize': 100})}"
    for _ in range(MOST_PAGES):
        said = await call(config, net, url)
        sender = _one(said, "senders", sender_id=config.sender)
        if sender is not None:
            told = sender.get("webhook")
            now = told.get("callback_url") if isinstance(told, dict) else ""
            resource = f"{senders}/{quote(sender['sid'], safe='')}"
            return Hook(resource, str(now or ""), "callback_url", {"callback_method": "POST"}, inside="webhook")
        url = next_page(said, config.messaging_url)
        if not url:
            break
    return None


def _one(said: Mapping[str, Any], listed: str, **wanted: str) -> dict[str, Any] | None:
    """The listed thing that is the wanted one; raises Unreachable when there is no list."""
    items = said.get(listed)
    if not isinstance(items, list):
        raise Unreachable("Twilio's answer could not be read.")
    for item in items:
        if isinstance(item, dict) and wanted.items() <= item.items() and isinstance(item.get("sid"), str):
            return item
    return None
