"""Connecting a number of WhatsApp, looking after it, its files and its approved templates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.contract import ApprovedTemplate, Health, Net, Rejected, TooLarge, fact
from connectors.meta_graph import ask, callback_of, fetch, subscribe_app
from connectors.whatsapp_config import Config
from connectors.whatsapp_errors import MEANINGS
from connectors.whatsapp_parse import KIND
from connectors.whatsapp_templates import template_of

FIELDS = "messages,smb_message_echoes,account_update,message_template_status_update"
_ASKED = "display_phone_number,verified_name,quality_rating,messaging_limit_tier,webhook_configuration"
_QUALITY = {
    "GREEN": fact("Quality in the eyes of WhatsApp", "good"),
    "YELLOW": fact("Quality in the eyes of WhatsApp", "middling"),
    "RED": fact("Quality in the eyes of WhatsApp", "bad"),
}
MOST_PAGES = 20


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask whose number it is, then lead the webhooks of the app, the account and the number to `url`."""
    number = await ask(config, net, "GET", config.phone_number_id, MEANINGS, query={"fields": _ASKED})
    await subscribe_app(config, net, MEANINGS, kind=KIND, fields=FIELDS, url=url)
    await ask(config, net, "POST", f"{config.account_id}/subscribed_apps", MEANINGS, body={})
    # Several numbers of one app have an address each.
    own = {"override_callback_uri": url, "verify_token": url.rpartition("/")[2]}
    await ask(config, net, "POST", config.phone_number_id, MEANINGS, body={"webhook_configuration": own})
    found = {"number": str(number.get("display_phone_number") or "")[:32], "webhook_url": url}
    return config.model_copy(update=found)


async def disconnect(config: Config, net: Net) -> None:
    """Take the number's own webhook back; that of the app may serve others."""
    own = {"override_callback_uri": ""}
    await ask(config, net, "POST", config.phone_number_id, MEANINGS, body={"webhook_configuration": own})


async def check(config: Config, net: Net) -> Health:
    """Whether the token works and the messages reach us."""
    number = await ask(config, net, "GET", config.phone_number_id, MEANINGS, query={"fields": _ASKED})
    quality = str(number.get("quality_rating") or "")
    facts = [
        fact("Number", str(number.get("display_phone_number") or "")[:32]),
        fact("Name", str(number.get("verified_name") or "")[:100]),
        _QUALITY.get(quality, fact("Quality in the eyes of WhatsApp", "not known yet")),
        fact("New clients that templates may reach in a day", str(number.get("messaging_limit_tier") or "—")[:32]),
    ]
    there = await _webhook(config, net, number)
    if there != config.webhook_url:
        return Health("degraded", "WhatsApp sends the messages to another address. Save the channel.", tuple(facts))
    if quality == "RED":
        return Health(
            "degraded", "Clients complain of messages of this number: WhatsApp may restrict it.", tuple(facts)
        )
    return Health("ok", "", tuple(facts))


async def _webhook(config: Config, net: Net, number: dict[str, Any]) -> str:
    """Where the messages of a number go: to its own address, else to its account's, else to its app's."""
    told = number.get("webhook_configuration")
    places = told if isinstance(told, dict) else {}
    for place in ("phone_number", "whatsapp_business_account", "application"):
        if isinstance(places.get(place), str) and places[place]:
            return str(places[place])
    return callback_of(await ask(config, net, "GET", f"{config.app_id}/subscriptions", MEANINGS, as_app=True), KIND)


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file: its address lasts five minutes and wants the token."""
    if not ref.isascii() or not ref.replace("-", "").replace("_", "").isalnum():
        raise Rejected("The file could not be fetched.")
    told = await ask(config, net, "GET", ref, MEANINGS, query={"phone_number_id": config.phone_number_id})
    size, url = told.get("file_size"), told.get("url")
    if type(size) is int and size > max_bytes:
        raise TooLarge("The file is larger than this server stores.")
    if not isinstance(url, str):
        raise Rejected("The file could not be fetched.")
    return await fetch(config, net, url, max_bytes, with_token=True)


async def approved_templates(config: Config, net: Net) -> Sequence[ApprovedTemplate]:
    """Every approved template of the account that can be sent with texts alone."""
    query = {"fields": "name,language,status,category,components,parameter_format", "limit": "100"}
    found: list[ApprovedTemplate] = []
    for _ in range(MOST_PAGES):
        said = await ask(config, net, "GET", f"{config.account_id}/message_templates", MEANINGS, query=query)
        items = said.get("data")
        read = (template_of(item) for item in (items if isinstance(items, list) else ()))
        found += [template for template in read if template is not None]
        after = _next(said)
        if not after:
            break
        query["after"] = after
    return found


def _next(said: dict[str, Any]) -> str:
    paging = said.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) and paging.get("next") else None
    after = cursors.get("after") if isinstance(cursors, dict) else None
    return after if isinstance(after, str) else ""
