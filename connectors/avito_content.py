"""What a message of Avito holds: its words, files and cards, or the name of a kind that we cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.avito_wire import Content, Link, Message
from connectors.contract import Card, CardKind, Media, MediaKind
from connectors.unshown import kind_name

# A voice message has no address of its own; it is asked for by its name when it is fetched.
VOICE_REF = "voice:"


@dataclass(frozen=True, slots=True)
class Found:
    """What a message holds."""

    text: str = ""
    media: tuple[Media, ...] = ()
    cards: tuple[Card, ...] = ()
    unsupported: str | None = None


def content_of(message: Message) -> Found:
    """Everything that a message holds; of films, files and calls Avito tells nothing but the kind."""
    content = message.content or Content()
    text = content.text or ""
    picture = largest(content.image.sizes) if content.image else ""
    if picture:
        return Found(text, (Media(MediaKind.IMAGE, ref=picture),))
    if content.voice:
        # Opus inside MP4, says Avito.
        return Found(text, (Media(MediaKind.VOICE, "", "audio/mp4", None, VOICE_REF + content.voice.voice_id),))
    card = _card(content)
    if card is not None:
        return Found(_link_words(content.link) if content.link else text, (), (card,))
    if content.link and (words := _link_words(content.link)):
        return Found(words)
    if content.call:
        return Found(text, unsupported=kind_name(f"{content.call.status or ''} call"))
    return Found(text) if text else Found(unsupported=kind_name(message.type))


def largest(sizes: Mapping[str, Any] | None) -> str:
    """The address of the largest picture among those named "widthxheight"."""
    known = {
        name: url
        for name, url in (sizes or {}).items()
        if isinstance(url, str) and url.startswith(("https://", "http://"))
    }
    return known[max(known, key=_area)] if known else ""


def _area(name: str) -> int:
    width, _, height = name.partition("x")
    known = all(side.isascii() and side.isdecimal() and len(side) < 7 for side in (width, height))
    return int(width) * int(height) if known else 0


def _card(content: Content) -> Card | None:
    if content.item:
        return Card(
            CardKind.LISTING, content.item.title or "", content.item.price_string or "", content.item.item_url or ""
        )
    if content.location:
        place = content.location
        title = place.title or place.text or ""
        return Card(CardKind.PLACE, title, latitude=place.lat, longitude=place.lon)
    preview = content.link.preview if content.link else None
    if preview and preview.url:
        return Card(CardKind.LINK, preview.title or preview.url, (preview.description or "")[:500], preview.url)
    return None


def _link_words(link: Link) -> str:
    return link.text or link.url or ""
