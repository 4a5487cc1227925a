"""Reading one message of Avito, however it came: by the webhook or by asking. Pure."""

from __future__ import annotations

import hmac
from typing import Any

import orjson

from connectors.avito_config import Config
from connectors.avito_content import content_of
from connectors.avito_wire import Message, Update
from connectors.contract import (
    Echo,
    InboundEvent,
    MessageDeleted,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Request,
    Unauthorized,
)
from connectors.wire import as_documented, moment

# Avito signs nothing that is documented: the proof is a word of ours in the address that only Avito was told.
KEY = "key"
# Avito itself speaks under these numbers.
_AVITO = frozenset({0, 1})


def verify(request: Request, config: Config) -> None:
    """Compare the word in the address; raises Unauthorized, also when no webhook is set."""
    given = request.query.get(KEY, "").encode("utf-8", "surrogateescape")
    if not config.webhook_secret or not hmac.compare_digest(given, config.webhook_secret.encode()):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read a message; raises BadPayload for what is none. What says nothing to us is no event."""
    with as_documented():
        payload = Update.model_validate(orjson.loads(request.body)).payload
        if payload.type != "message":
            return Parsed()
        message = Message.model_validate(payload.value)
    # A message that is taken back comes once more under its own name, as another type.
    key = f"{config.user_id}-{message.id}-{message.type}"
    return Parsed(_events(message, config), dedupe_key=key)


def _events(message: Message, config: Config) -> tuple[InboundEvent, ...]:
    at = moment(message.created)
    ours = message.author_id == (config.user_id or message.user_id)
    if message.type == "deleted":
        return (MessageDeleted(message.id, at),)
    system = message.type == "system" or message.author_id in _AVITO
    if system and not ours:
        return ()
    found = content_of(message)
    if ours:
        echo = Echo(
            address=message.chat_id,
            external_id=message.id,
            text=found.text,
            at=at,
            media=found.media,
            cards=found.cards,
            automatic=system,
            unkeyed=True,
            unsupported=found.unsupported,
        )
        return (echo,)
    said = MessageReceived(
        address=message.chat_id,
        external_id=message.id,
        text=found.text,
        at=at,
        media=found.media,
        profile=Profile(wanted=True),
        reply_to=message.quote.id if message.quote else None,
        referral=_referral(message.item_id),
        unsupported=found.unsupported,
        cards=found.cards,
    )
    return (said,)


def _referral(item_id: Any) -> Referral | None:
    return Referral(kind="listing", source="avito", content=str(item_id)) if item_id else None
