"""Reading one event of Odnoklassniki. Pure.

Facts: https://apiok.ru/dev/graph_api/methods/graph.user/graph.user.subscribe/post and the messages of Graph API.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any

import orjson

from connectors.contract import (
    Card,
    CardKind,
    Media,
    MediaKind,
    MessageReceived,
    Parsed,
    Profile,
    Request,
    Unauthorized,
)
from connectors.found import Found, kind_in
from connectors.ok_config import Config
from connectors.unshown import kind_name
from connectors.wire import Maybe, Name, Wire, as_documented, moment

# OK signs nothing: the address that it is told carries a secret of ours in this parameter.
SECRET = "key"  # noqa: S105 - the parameter's name.
_AROUND = frozenset({"INLINE_KEYBOARD"})

Attachment = Mapping[str, Any]


class Sender(Wire):
    """Who wrote."""

    user_id: Maybe[Name] = None
    name: Maybe[str] = None


class Recipient(Wire):
    """The chat."""

    chat_id: Name


class Message(Wire):
    """What was written."""

    mid: Name
    text: Maybe[str] = None
    attachments: Maybe[list[Any]] = None
    attachment: Any = None
    reply_to: Maybe[Name] = None


class Update(Wire):
    """One event. Early webhooks have no type: they are messages."""

    webhook_type: Maybe[Name] = None
    sender: Maybe[Sender] = None
    recipient: Recipient
    timestamp: Maybe[int] = None


class Created(Wire):
    """MESSAGE_CREATED."""

    message: Message


class Pressed(Wire):
    """MESSAGE_CALLBACK: a button was pressed; `payload` is what we gave it, its title."""

    callback_id: Name
    payload: Maybe[str] = None
    mid: Maybe[Name] = None


def verify(request: Request, config: Config) -> None:
    """Compare the secret in the address; raises Unauthorized, also when no webhook is set."""
    given = request.query.get(SECRET, "").encode("utf-8", "surrogateescape")
    if not config.webhook_secret or not hmac.compare_digest(given, config.webhook_secret.encode()):
        raise Unauthorized


def parse(request: Request, config: Config) -> Parsed:
    """Read an event; raises BadPayload for what is none. Kinds that say nothing to us are no events."""
    with as_documented():
        tree: Any = orjson.loads(request.body)
        named = {**tree, "webhook_type": tree.get("webhookType")} if isinstance(tree, dict) else tree
        update = Update.model_validate(named)
        kind = update.webhook_type or "MESSAGE_CREATED"
        event = _READERS[kind](named, update) if kind in _READERS else None
    if event is None:
        return Parsed()
    return Parsed((event,), dedupe_key=f"{config.group_id}-{event.external_id}")


def _created(tree: Attachment, update: Update) -> MessageReceived:
    message = Created.model_validate(tree).message
    found = Found([message.text or ""])
    for attachment in [*(message.attachments or ()), message.attachment]:
        if attachment is not None:
            _attach(attachment, found)
    return MessageReceived(
        address=update.recipient.chat_id,
        external_id=message.mid,
        text=found.text,
        at=moment(update.timestamp),
        media=tuple(found.media),
        profile=_profile(update),
        reply_to=message.reply_to,
        unsupported=found.unsupported,
        cards=tuple(found.cards),
    )


def _pressed(tree: Attachment, update: Update) -> MessageReceived:
    """A button below an answer of ours: its title is what the client says."""
    pressed = Pressed.model_validate({**tree, "callback_id": tree.get("callbackId")})
    return MessageReceived(
        address=update.recipient.chat_id,
        external_id=f"press-{pressed.callback_id}",
        text=pressed.payload or "",
        at=moment(update.timestamp),
        profile=_profile(update),
        reply_to=pressed.mid,
        unsupported=None if pressed.payload else kind_name("button without words"),
    )


_READERS: Mapping[str, Callable[[Attachment, Update], MessageReceived]] = {
    "MESSAGE_CREATED": _created,
    "MESSAGE_CALLBACK": _pressed,
}


def _profile(update: Update) -> Profile | None:
    name = update.sender.name if update.sender else None
    return Profile(name=name) if name else None


def _attach(attachment: Any, found: Found) -> None:
    kind = kind_in(attachment)
    if kind in _AROUND:
        return
    payload = attachment.get("payload") if kind else None
    found.add(kind, _ATTACHMENTS[kind](payload) if kind in _ATTACHMENTS and isinstance(payload, dict) else None)


def _word(payload: Attachment, *names: str) -> str:
    return next((value for name in names if isinstance(value := payload.get(name), str) and value), "")


def _url(payload: Attachment) -> str:
    url = _word(payload, "url")
    return url if url.startswith(("https://", "http://")) else ""


def _file(kind: MediaKind, name: str = "") -> Callable[[Attachment], Media | None]:
    def read(payload: Attachment) -> Media | None:
        url = _url(payload)
        return Media(kind, (_word(payload, "name", "filename") or name)[:200], ref=url) if url else None

    return read


def _link(payload: Attachment) -> Card | None:
    url = _url(payload)
    return Card(CardKind.LINK, _word(payload, "title", "name")[:200] or url, url=url) if url else None


def _contact(payload: Attachment) -> Card | None:
    name, phone = _word(payload, "name"), _word(payload, "phone", "phone_number")
    return Card(CardKind.PERSON, name[:200], phone=phone[:64]) if name or phone else None


def _place(payload: Attachment) -> Card | None:
    latitude, longitude = _degrees(payload.get("latitude"), 90), _degrees(payload.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return Card(CardKind.PLACE, latitude=latitude, longitude=longitude)


def _degrees(value: Any, most: int) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
    return float(value) if known else None


# A film comes as the address of its page.
_ATTACHMENTS: Mapping[str, Callable[[Attachment], Media | Card | None]] = {
    "IMAGE": _file(MediaKind.IMAGE),
    "STICKER": _file(MediaKind.IMAGE, "sticker"),
    "AUDIO": _file(MediaKind.VOICE),
    "FILE": _file(MediaKind.FILE),
    "VIDEO": _link,
    "SHARE": _link,
    "CONTACT": _contact,
    "LOCATION": _place,
}
