"""What a message of MAX holds: its words, files and cards, or the name of a kind that we cannot show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from connectors.contract import Card, CardKind, Media, MediaKind
from connectors.found import Found, kind_in
from connectors.max_wire import Body, Markup, User
from connectors.wire import each

# A film has no address of its own; it is asked for by its token when it is fetched.
VIDEO_REF = "video:"
# What stands beside the words of a message and is nobody's.
_AROUND = frozenset({"inline_keyboard", "reply_keyboard", "data"})
_PHONE = re.compile(r"^TEL[^:\r\n]*:\s*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)
_NAME = re.compile(r"^FN[^:\r\n]*:\s*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)

Attachment = Mapping[str, Any]


def content_of(body: Body) -> Found:
    """Everything that a message holds."""
    found = Found([readable(body.text or "", list(each(Markup, body.markup)))])
    for attachment in body.attachments or ():
        kind = kind_in(attachment)
        if kind not in _AROUND:
            found.add(kind, _READERS[kind](attachment) if kind in _READERS else None)
    return found


def readable(text: str, markup: list[Markup]) -> str:
    """The text with the addresses of hidden links behind their words."""
    units = text.encode("utf-16-le", "surrogatepass")
    for part in sorted(markup, key=lambda part: part.start, reverse=True):
        end = (part.start + part.length) * 2
        words = units[part.start * 2 : end].decode("utf-16-le", "replace")
        if (
            part.type == "link"
            and part.url
            and words
            and part.url.rstrip("/") != words.rstrip("/")
            and end <= len(units)
        ):
            units = units[:end] + f" ({part.url})".encode("utf-16-le", "surrogatepass") + units[end:]
    return units.decode("utf-16-le", "replace")


def _payload(attachment: Attachment) -> Attachment:
    payload = attachment.get("payload")
    return payload if isinstance(payload, dict) else {}


def _word(node: Attachment, name: str) -> str:
    value = node.get(name)
    return value if isinstance(value, str) else ""


def _url(attachment: Attachment) -> str:
    url = _word(_payload(attachment), "url")
    return url if url.startswith(("https://", "http://")) else ""


def _image(attachment: Attachment) -> Media | None:
    url = _url(attachment)
    return Media(MediaKind.IMAGE, ref=url) if url else None


def _sticker(attachment: Attachment) -> Media | None:
    url = _url(attachment)
    return Media(MediaKind.IMAGE, "sticker", ref=url) if url else None


def _video(attachment: Attachment) -> Media | None:
    token = _word(_payload(attachment), "token")
    return Media(MediaKind.VIDEO, "", "video/mp4", None, VIDEO_REF + token[:1000]) if token else None


def _audio(attachment: Attachment) -> Media | None:
    """What is recorded in the dialog; songs come as files."""
    url = _url(attachment)
    return Media(MediaKind.VOICE, ref=url) if url else None


def _file(attachment: Attachment) -> Media | None:
    url, size = _url(attachment), attachment.get("size")
    known = size if type(size) is int and 0 < size < 2**53 else None
    return Media(MediaKind.FILE, _word(attachment, "filename")[:200], "", known, url) if url else None


def _contact(attachment: Attachment) -> Card | None:
    payload = _payload(attachment)
    card = _word(payload, "vcf_info")
    name, phone = _NAME.search(card), _PHONE.search(card)
    try:
        person = User.model_validate(payload.get("max_info"))
    except ValidationError:
        person = None
    title = name[1].strip() if name else person.full_name if person else ""
    number = phone[1].strip() if phone else ""
    return Card(CardKind.PERSON, title[:200], phone=number[:64]) if title or number else None


def _location(attachment: Attachment) -> Card | None:
    latitude, longitude = _degrees(attachment, "latitude", 90), _degrees(attachment, "longitude", 180)
    if latitude is None or longitude is None:
        return None
    return Card(CardKind.PLACE, latitude=latitude, longitude=longitude)


def _degrees(node: Attachment, name: str, most: int) -> float | None:
    value = node.get(name)
    known = isinstance(value, int | float) and not isinstance(value, bool) and -most <= value <= most
    return float(value) if known and value is not None else None


def _share(attachment: Attachment) -> Card | None:
    url = _url(attachment)
    title = _word(attachment, "title")[:200] or url
    return Card(CardKind.LINK, title, _word(attachment, "description")[:500], url) if url else None


_READERS: Mapping[str, Callable[[Attachment], Media | Card | None]] = {
    "image": _image,
    "video": _video,
    "audio": _audio,
    "file": _file,
    "sticker": _sticker,
    "contact": _contact,
    "location": _location,
    "share": _share,
}
