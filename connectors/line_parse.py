"""Reading one request of LINE: any number of events. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import orjson
from pydantic import ValidationError

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Request,
    Unauthorized,
)
from connectors.line_config import Config
from connectors.line_wire import Body, Event, Message, Postback, Unsent
from connectors.marks import without_mark
from connectors.unshown import kind_name
from connectors.wire import as_documented, first_mistake, moment, unread_parts

_HEADER = "x-line-signature"
_KINDS = {
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "audio": MediaKind.VOICE,
    "file": MediaKind.FILE,
}

Raw = Mapping[str, Any]


def verify(request: Request, config: Config) -> None:
    """The body as it came must be signed with the channel's secret; raises Unauthorized."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    digest = hmac.new(config.channel_secret.encode(), request.body, hashlib.sha256).digest()
    if not config.channel_secret or not hmac.compare_digest(given, base64.b64encode(digest)):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read every event by itself; raises BadPayload for what is no body of LINE's."""
    with as_documented():
        items = Body.model_validate(orjson.loads(request.body)).events
    events: list[InboundEvent] = []
    mistakes: list[str] = []
    for item in items:
        try:
            event = _event(item)
        except ValidationError as error:
            mistakes.append(first_mistake(error))
        else:
            events += [] if event is None else [event]
    return Parsed(tuple(events), unread=unread_parts(mistakes))


def _event(raw: Any) -> InboundEvent | None:
    event = Event.model_validate(raw)
    source = event.source
    if source is None or source.type != "user" or source.userId is None:
        # Groups are talks of many people; the account's own news has no person.
        return None
    read = _READERS.get(event.type)
    return None if read is None else read(raw, source.userId, moment(event.timestamp), event)


def _message(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    message = Message.model_validate(raw.get("message"))
    text, token = without_mark(message.text or "")
    media, cards = _files(message), _cards(message)
    if message.type == "sticker":
        text = " ".join(word for word in message.keywords or () if isinstance(word, str))[:100]
    told = bool(text or token or media or cards)
    return MessageReceived(
        address=address,
        external_id=message.id,
        text=text,
        at=at,
        media=media,
        profile=Profile(wanted=True),
        reply_to=message.quotedMessageId,
        referral=Referral(token=token) if token else None,
        unsupported=None if told else kind_name(message.type),
        cards=cards,
    )


def _files(message: Message) -> tuple[Media, ...]:
    kind = _KINDS.get(message.type)
    kept_by_line = message.contentProvider is None or message.contentProvider.type in ("line", None)
    if kind is None or not kept_by_line or not message.id.isdecimal():
        return ()
    size = message.fileSize if message.fileSize is not None and message.fileSize >= 0 else None
    return (Media(kind, message.fileName or "", size=size, ref=message.id),)


def _cards(message: Message) -> tuple[Card, ...]:
    latitude, longitude = message.latitude, message.longitude
    if message.type != "location" or latitude is None or longitude is None:
        return ()
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return ()
    place = (message.title or "", message.address or "")
    return (Card(CardKind.PLACE, *place, latitude=latitude, longitude=longitude),)


def _edited(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    message = Message.model_validate(raw.get("message"))
    return MessageEdited(message.id, message.text or "", at)


def _unsent(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    return MessageDeleted(Unsent.model_validate(raw.get("unsend")).messageId, at)


def _postback(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    press = Postback.model_validate(raw.get("postback"))
    stamp = "" if at is None else str(int(at.timestamp() * 1000))
    return MessageReceived(
        address=address,
        external_id=event.webhookEventId or f"postback-{address}-{stamp}",
        text=press.data,
        at=at,
        profile=Profile(wanted=True),
        unsupported=None if press.data else kind_name("button without words"),
    )


def _follow(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    return ContactStoppedUs(address, stopped=False, at=at)


def _unfollow(raw: Raw, address: str, at: datetime | None, event: Event) -> InboundEvent | None:
    return ContactStoppedUs(address, stopped=True, at=at)


_READERS: Mapping[str, Callable[[Raw, str, datetime | None, Event], InboundEvent | None]] = {
    "message": _message,
    "messageEdited": _edited,
    "unsend": _unsent,
    "postback": _postback,
    "follow": _follow,
    "unfollow": _unfollow,
}
