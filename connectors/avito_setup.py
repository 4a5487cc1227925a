"""Connecting an account of Avito and looking after it; people, listings and voice messages."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.avito_call import Session, open_session
from connectors.avito_config import Config
from connectors.avito_content import VOICE_REF, largest
from connectors.avito_parse import KEY
from connectors.avito_poll import newest_moment
from connectors.avito_wire import Chat, Listing, User
from connectors.contract import (
    Card,
    CardKind,
    ChannelMisconfigured,
    Health,
    Net,
    Profile,
    Rejected,
    Unreachable,
    fact,
)
from connectors.download import download
from connectors.wire import each


async def connect(config: Config, url: str, net: Net) -> Config:
    """Ask whose keys these are and choose how messages come; the configuration to keep. `check` sets the webhook."""
    session = await open_session(config, net)
    me = await _me(session)
    secure = urlsplit(url).scheme == "https"
    if config.way == "webhook" and not secure:
        raise ChannelMisconfigured(
            "Avito calls only servers with a public https:// address; choose to ask Avito instead."
        )
    found: dict[str, Any] = {"user_id": me["id"], "user_name": str(me.get("name") or "")[:100]}
    session = Session(config.model_copy(update=found), net, session.token)
    if config.way == "webhook" or (config.way == "auto" and secure):
        # A new word each time: an address that leaked is worth nothing after the channel was saved.
        secret = secrets.token_urlsafe(32)
        found |= {"webhook_url": f"{url}?{urlencode({KEY: secret})}", "webhook_secret": secret}
    else:
        found |= {"webhook_url": "", "webhook_secret": ""}
    if config.webhook_url:
        await _unsubscribe(session, config.webhook_url)
    # Also asked for where Avito calls us: without the right plan this is refused, and better now than later.
    found["since"] = await newest_moment(session)
    return config.model_copy(update=found)


async def disconnect(config: Config, net: Net) -> None:
    """Take the webhook back."""
    if config.webhook_url:
        await _unsubscribe(await open_session(config, net), config.webhook_url)


async def _unsubscribe(session: Session, url: str) -> None:
    await session.post("/messenger/v1/webhook/unsubscribe", url=url)


async def _me(session: Session) -> dict[str, Any]:
    me = await session.call("GET", "/core/v1/accounts/self")
    if not isinstance(me, dict) or type(me.get("id")) is not int:
        raise Unreachable("Avito's answer could not be read.")
    return me


async def check(config: Config, net: Net) -> Health:
    """Whether the keys work and messages reach us; a webhook that is gone is set anew."""
    session = await open_session(config, net)
    me = await _me(session)
    polled = not config.webhook_url
    facts = (
        fact("Account", str(me.get("name") or me["id"])[:200]),
        fact("How messages come", "We ask Avito") if polled else fact("How messages come", "Avito calls us"),
    )
    if polled:
        await newest_moment(session)
        return Health("ok", facts=facts)
    answer = await session.post("/messenger/v1/subscriptions")
    listed = answer.get("subscriptions") if isinstance(answer, dict) else None
    known = {item.get("url") for item in listed if isinstance(item, dict)} if isinstance(listed, list) else set()
    if config.webhook_url not in known:
        await session.post("/messenger/v3/webhook", url=config.webhook_url)
    return Health("ok", facts=facts)


async def profile(address: str, config: Config, net: Net) -> Profile | None:
    """The client's name and picture, and the listing that the dialog is about."""
    session = await open_session(config, net)
    try:
        answer = await session.call("GET", session.chat(address, version=2))
    except Rejected:
        return None
    chat = next(each(Chat, [answer]), None)
    if chat is None:
        return None
    person = next((user for user in each(User, chat.users) if user.id != config.user_id), None)
    avatar = person.public_user_profile.avatar if person and person.public_user_profile else None
    picture = (largest(avatar.images) or avatar.default or "") if avatar else ""
    listing = chat.context.value if chat.context and chat.context.type == "item" else None
    return Profile(
        name=person.name or "" if person else "",
        picture=picture if picture.startswith(("https://", "http://")) else "",
        about=(_card(listing),) if listing and listing.title else (),
    )


def _card(listing: Listing) -> Card:
    return Card(CardKind.LISTING, listing.title or "", listing.price_string or "", listing.url or "")


async def fetch_media(ref: str, config: Config, net: Net, max_bytes: int) -> bytes:
    """The bytes of a client's file; the address of a voice message is good for an hour and asked for anew."""
    if not ref.startswith(VOICE_REF):
        return await download(ref, net, max_bytes)
    name = ref.removeprefix(VOICE_REF)
    session = await open_session(config, net)
    answer = await session.call("GET", f"/messenger/v1/accounts/{config.user_id}/getVoiceFiles", voice_ids=name)
    urls = answer.get("voices_urls") if isinstance(answer, dict) else None
    url = urls.get(name) if isinstance(urls, dict) else None
    return await download(url if isinstance(url, str) else "", net, max_bytes)
