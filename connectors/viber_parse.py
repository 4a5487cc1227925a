"""Reading one callback of Viber. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from connectors.contract import (
    Card,
    CardKind,
    ContactStoppedUs,
    InboundEvent,
    Media,
    MediaKind,
    MessageReceived,
    Parsed,
    Profile,
    Referral,
    Rejected,
    Reply,
    Request,
    Started,
    StatusChanged,
    Unauthorized,
    with_detail,
)
from connectors.unshown import kind_name
from connectors.viber_config import Config
from connectors.viber_wire import Callback, Left, Message, Opened, Reached, Said, User
from connectors.wire import as_documented, moment

_HEADER = "x-viber-content-signature"
# A session is free of charge for so long after the client's last message; what goes out later is billed each.
SESSION_SECONDS = 86_400
MOST_NAME = 28

_FILES = {"picture": MediaKind.IMAGE, "video": MediaKind.VIDEO, "file": MediaKind.FILE, "sticker": MediaKind.IMAGE}

# Events, and who it is about where the callback has no token.
Read = tuple[tuple[InboundEvent, ...], str]


def verify(request: Request, config: Config) -> None:
    """Compare the signature of the body, made with the bot's token; raises Unauthorized."""
    given = request.headers.get(_HEADER, "").encode("utf-8", "surrogateescape")
    wanted = hmac.new(config.token.encode(), request.body, hashlib.sha256).hexdigest().encode()
    if not config.token or not hmac.compare_digest(given, wanted):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read a callback; raises BadPayload for what is none. Kinds that say nothing to us are no events."""
    with as_documented():
        tree = orjson.loads(request.body)
        callback = Callback.model_validate(tree)
        reader = _READERS.get(callback.event)
        events, who = reader(tree, callback) if reader else ((), "")
    reply = _welcome(config) if callback.event == "conversation_started" and config.welcome.strip() else Reply()
    if not events:
        return Parsed(reply=reply)
    name = callback.message_token or f"{who}-{callback.timestamp or 0}"
    return Parsed(events, reply, f"{config.account_id}-{callback.event}-{name}")


def _said(tree: Any, callback: Callback) -> Read:
    said = Said.model_validate(tree)
    message = said.message
    media, cards = _files(message), _cards(message)
    text = message.text or ""
    shown = media or cards or (text and message.type == "text")
    event = MessageReceived(
        address=said.sender.id,
        external_id=str(said.message_token),
        text=text,
        at=moment(callback.timestamp),
        media=media,
        profile=_profile(said.sender),
        unsupported=None if shown else kind_name(message.type),
        cards=cards,
        window_seconds=SESSION_SECONDS,
    )
    return (event,), said.sender.id


def _files(message: Message) -> tuple[Media, ...]:
    kind = _FILES.get(message.type)
    if kind is None or not message.media:
        return ()
    name = "sticker" if message.type == "sticker" else (message.file_name or "")[:200]
    size = message.size if message.size is not None and message.size > 0 else None
    return (Media(kind, name, size=size, ref=message.media),)


def _cards(message: Message) -> tuple[Card, ...]:
    if message.type == "contact" and message.contact is not None:
        person = message.contact
        if person.name or person.phone_number:
            return (Card(CardKind.PERSON, person.name or "", phone=person.phone_number or ""),)
    if message.type == "location" and message.location is not None:
        return (Card(CardKind.PLACE, latitude=message.location.lat, longitude=message.location.lon),)
    if message.type == "url" and message.media:
        return (Card(CardKind.LINK, url=message.media),)
    return ()


def _reached(tree: Any, callback: Callback) -> Read:
    """What became of a message. Viber tells it of the client's own messages too, which changes nothing."""
    reached = Reached.model_validate(tree)
    token, at = str(reached.message_token), moment(callback.timestamp)
    if callback.event == "failed":
        error = Rejected(with_detail("Viber could not hand this over.", (reached.desc or "")[:300]))
        return (StatusChanged(token, "failed", at, error.reason, error_code=error.code),), token
    return (StatusChanged(token, "read" if callback.event == "seen" else "delivered", at),), token


def _opened(tree: Any, callback: Callback) -> Read:
    """The dialog was opened. Whoever is subscribed already may be written to, others by the welcome only."""
    opened = Opened.model_validate(tree)
    at = moment(callback.timestamp)
    referral = Referral(kind="deep_link", token=opened.context[:200]) if opened.context else None
    started = Started(opened.user.id, _profile(opened.user), referral, at)
    subscribed = opened.subscribed or callback.event == "subscribed"
    again = (ContactStoppedUs(opened.user.id, stopped=False, at=at),) if subscribed else ()
    return (started, *again), opened.user.id


def _left(tree: Any, callback: Callback) -> Read:
    left = Left.model_validate(tree)
    return (ContactStoppedUs(left.user_id, stopped=True, at=moment(callback.timestamp)),), left.user_id


def _profile(user: User) -> Profile:
    country = {"country": user.country[:60]} if user.country else {}
    language = (user.language or "")[:16]
    return Profile(name=user.name or "", language=language, wanted=bool(user.avatar), attributes=country)


def _welcome(config: Config) -> Reply:
    """One message that Viber shows at once; nobody has to be subscribed for it."""
    words = {"sender": {"name": config.account_name[:MOST_NAME] or "Bot"}, "type": "text", "text": config.welcome}
    return Reply(body=orjson.dumps(words), content_type="application/json")


_READERS: Mapping[str, Callable[[Any, Callback], Read]] = {
    "message": _said,
    "delivered": _reached,
    "seen": _reached,
    "failed": _reached,
    "conversation_started": _opened,
    "subscribed": _opened,
    "unsubscribed": _left,
}
# What Viber is asked to tell; messages it tells always.
KINDS = tuple(kind for kind in _READERS if kind != "message")
