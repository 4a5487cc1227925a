"""Reading the messaging webhooks that Messenger and Instagram share. Pure.

Items come in batches, from `messaging` (the thread is ours) or `standby` (another program has it now): both are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from connectors.contract import (
    Card,
    CardKind,
    Echo,
    InboundEvent,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Profile,
    Reacted,
    Referral,
    Request,
    Started,
    StatusChanged,
)
from connectors.meta_body import Found, Reading, Unreadable, entries_of
from connectors.meta_graph import is_file_of_meta
from connectors.meta_wire import (
    Attachment,
    Delivery,
    Edit,
    Item,
    Message,
    OptIn,
    Postback,
    Reaction,
    Read,
    Source,
)
from connectors.unshown import kind_name
from connectors.wire import each, moment

DAY_SECONDS = 24 * 3600
# With the permission "Human Agent" a person may answer for a week.
HUMAN_AGENT_SECONDS = 7 * DAY_SECONDS

# Meta's own inboxes, in which people answer; any other program among the senders is a bot.
_INBOXES = frozenset({"263902037430900", "124024574287414"})
_KINDS = {
    "image": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "audio": MediaKind.AUDIO,
    "file": MediaKind.FILE,
    # What these hold is seen when they are fetched.
    "story_mention": MediaKind.FILE,
    "share": MediaKind.FILE,
    "ig_post": MediaKind.FILE,
    "ig_reel": MediaKind.FILE,
    "reel": MediaKind.FILE,
    "ig_story": MediaKind.FILE,
}
_SIGNS = {"love": "❤️", "like": "👍", "dislike": "👎", "smile": "😆", "angry": "😠", "sad": "😢", "wow": "😮"}
_HEART = "❤️"
LONGEST_ID = 512


@dataclass(frozen=True, slots=True)
class Place:
    """Whose messages are read: the kind of object, the account, our app, how long we may answer, the site of ads."""

    kind: str
    account_id: str
    app_id: str
    window_seconds: int
    source: str


def read_body(request: Request, place: Place) -> Parsed:
    """Every item of a body that is about our account; raises BadPayload for what is no body of this kind."""
    reading = Reading()
    for entry in entries_of(request.body, frozenset({place.kind})):
        if str(entry.get("id")) == place.account_id:
            for name in ("messaging", "standby"):
                reading.each(entry.get(name), lambda raw: _item(raw, place))
    return Parsed(tuple(reading.events), unread=reading.unread)


def accounts_in(request: Request, kind: str) -> frozenset[str]:
    """The accounts that a body is about."""
    return frozenset(str(entry["id"]) for entry in entries_of(request.body, frozenset({kind})) if entry.get("id"))


def _item(raw: Mapping[str, Any], place: Place) -> Found:
    item = Item.model_validate(raw)
    part = next((name for name in _READERS if getattr(item, name) is not None), None)
    if part is None:
        missing = next((name for name in _READERS if name in raw), None)
        if missing is not None:
            raise Unreadable(missing)
        return None
    echo = part == "message" and (item.message or {}).get("is_echo") is True
    party = item.recipient if echo else item.sender
    if party is None:
        raise Unreadable("recipient" if echo else "sender")
    return _READERS[part](getattr(item, part), party.id, moment(item.timestamp), place)


def _message(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    message = Message.model_validate(raw)
    if message.is_deleted:
        return MessageDeleted(message.mid, at)
    media, cards, words = _attachments(message)
    text = message.text or words
    answered = message.reply_to
    if answered and answered.story and answered.story.url:
        cards = (*cards, Card(CardKind.LINK, "", url=answered.story.url))
    reply_to = answered.mid if answered else None
    unsupported = None if text or media or cards else _kind_of(message)
    if message.is_echo:
        echo = Echo(address, message.mid, text, at, media, cards=cards, reply_to=reply_to, unsupported=unsupported)
        return _echo(message, echo, place)
    return MessageReceived(
        address=address,
        external_id=message.mid,
        text=text,
        at=at,
        media=media,
        profile=Profile(wanted=True),
        reply_to=reply_to,
        referral=_source(message.referral, place),
        unsupported=unsupported,
        cards=cards,
        window_seconds=place.window_seconds,
    )


def _echo(message: Message, echo: Echo, place: Place) -> Echo | None:
    """An answer that did not come by our request, or news of one of ours."""
    app = str(message.app_id or "")
    if app == place.app_id and app:
        # Without our mark the answer to the request names the message.
        mark = message.metadata
        return Echo(echo.address, echo.external_id, echo.text, echo.at, dedup_key=mark) if mark else None
    by_program = bool(app) and app not in _INBOXES
    return replace(echo, automatic=by_program)


def _attachments(message: Message) -> tuple[tuple[Media, ...], tuple[Card, ...], str]:
    media: list[Media] = []
    cards: list[Card] = []
    words = ""
    for item in each(Attachment, message.attachments):
        url = (item.payload.url if item.payload else None) or item.url or ""
        title = item.title or (item.payload.title if item.payload else None) or ""
        kind = _KINDS.get(item.type)
        if item.type == "like_heart":
            words = _HEART
        elif item.payload and item.payload.coordinates:
            point = item.payload.coordinates
            cards.append(Card(CardKind.PLACE, title, url=url, latitude=point.lat, longitude=point.long))
        elif kind is not None and is_file_of_meta(url):
            name = unquote(urlsplit(url).path.rpartition("/")[2]) if item.type == "file" else ""
            media.append(Media(kind, name[:200], ref=url))
        elif url or title:
            cards.append(Card(CardKind.LINK, title, url=url))
    return tuple(media), tuple(cards), words


def _kind_of(message: Message) -> str:
    """The name of what we cannot show."""
    known = next((item.type for item in each(Attachment, message.attachments)), "")
    return kind_name(known) if known else kind_name("something that the platform keeps to itself")


def _postback(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    press = Postback.model_validate(raw)
    stamp = "" if at is None else str(int(at.timestamp() * 1000))
    return MessageReceived(
        address=address,
        external_id=press.mid or f"postback-{address}-{stamp}",
        text=press.title or press.payload or "",
        at=at,
        profile=Profile(wanted=True),
        referral=_source(press.referral, place),
        unsupported=None if press.title or press.payload else kind_name("button without words"),
        window_seconds=place.window_seconds,
    )


def _referral(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    return Started(address, Profile(wanted=True), _source(Source.model_validate(raw), place), at)


def _optin(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    return Started(address, Profile(wanted=True), _source(Source(ref=OptIn.model_validate(raw).ref), place), at)


def _delivery(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> Found:
    """By the ids where they are told, else everything up to a moment."""
    arrived = Delivery.model_validate(raw)
    until = moment(arrived.watermark)
    ids = [name for name in arrived.mids or () if isinstance(name, str) and 0 < len(name) <= LONGEST_ID]
    if ids or until is None:
        return tuple(StatusChanged(name, "delivered", until) for name in ids)
    return StatusChanged("", "delivered", until, address=address, watermark=True)


def _read(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    read = Read.model_validate(raw)
    until = at if read.mid else moment(read.watermark)
    if until is None and not read.mid:
        raise Unreadable("read")
    return StatusChanged(read.mid or "", "read", until, address=address, watermark=True)


def _reaction(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    sign = Reaction.model_validate(raw)
    taken_back = sign.action == "unreact"
    return Reacted(sign.mid, "" if taken_back else sign.emoji or _SIGNS.get(sign.reaction or "", _HEART), at)


def _edit(raw: Mapping[str, Any], address: str, at: datetime | None, place: Place) -> InboundEvent | None:
    edit = Edit.model_validate(raw)
    return MessageEdited(edit.mid, edit.text, at)


def _source(told: Source | None, place: Place) -> Referral | None:
    """An advertisement by its id, or what our own link was given as its mark."""
    if told is None or not (told.ad_id or told.ref or told.referer_uri):
        return None
    if told.ad_id or (told.source or "").upper() == "ADS":
        return Referral(
            kind="ad",
            source=place.source,
            medium="cpc",
            campaign=told.ref or "",
            content=(told.ads_context_data.ad_title if told.ads_context_data else None) or "",
            ad_id=told.ad_id or "",
            confidence="ad",
        )
    return Referral(token=told.ref or "", page_url=told.referer_uri or "")


Reader = Callable[[Mapping[str, Any], str, datetime | None, Place], Found]
_READERS: Mapping[str, Reader] = {
    "message": _message,
    "postback": _postback,
    "referral": _referral,
    "optin": _optin,
    "delivery": _delivery,
    "read": _read,
    "reaction": _reaction,
    "message_edit": _edit,
}
