"""What a message of WhatsApp holds: its words, files and cards, or the name of a kind that we cannot show."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic import ValidationError

from connectors.contract import Card, CardKind, Media, MediaKind
from connectors.unshown import kind_name
from connectors.whatsapp_wire import (
    Body,
    Choice,
    ContactCard,
    File,
    Interactive,
    Item,
    Location,
    Message,
    Order,
    Phone,
    Pressed,
    Problem,
)
from connectors.wire import each

_KINDS = {
    "image": MediaKind.IMAGE,
    "sticker": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "audio": MediaKind.AUDIO,
    "document": MediaKind.FILE,
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds."""

    text: str = ""
    media: tuple[Media, ...] = ()
    cards: tuple[Card, ...] = ()
    unsupported: str | None = None


def content_of(message: Message, raw: Mapping[str, Any]) -> Content:
    """Read a message by its type; whatever cannot be read is named, so that the agent knows of it."""
    read = _READERS.get(message.type)
    try:
        found = read(raw.get(message.type)) if read is not None else None
    except ValidationError:
        found = None
    if found is not None and (found.text or found.media or found.cards):
        return found
    told = next((problem.title for problem in each(Problem, message.errors) if problem.title), None)
    return Content(unsupported=kind_name(told or message.type))


def words_of(raw: Any) -> str | None:
    """The text or caption of a message inside another one; None when it has neither."""
    if not isinstance(raw, dict):
        return None
    inside = raw.get(str(raw.get("type")))
    found = (inside.get("body"), inside.get("caption")) if isinstance(inside, dict) else ()
    return next((text for text in found if isinstance(text, str)), None)


def _text(raw: Any) -> Content:
    return Content(Body.model_validate(raw).body)


def _file(kind: MediaKind) -> Callable[[Any], Content]:
    def read(raw: Any) -> Content:
        file = File.model_validate(raw)
        shown = MediaKind.VOICE if file.voice and kind is MediaKind.AUDIO else kind
        return Content(file.caption or "", (Media(shown, file.filename or "", file.mime_type or "", ref=file.id),))

    return read


def _location(raw: Any) -> Content:
    place = Location.model_validate(raw)
    card = Card(
        CardKind.PLACE,
        place.name or "",
        place.address or "",
        place.url or "",
        latitude=place.latitude,
        longitude=place.longitude,
    )
    return Content(cards=(card,))


def _contacts(raw: Any) -> Content:
    cards = []
    for person in each(ContactCard, raw if isinstance(raw, list) else None):
        name = (person.name.formatted_name if person.name else None) or ""
        phones = [phone.phone for phone in each(Phone, person.phones) if phone.phone] or [""]
        cards += [Card(CardKind.PERSON, name, phone=phone) for phone in phones if name or phone]
    return Content(cards=tuple(cards))


def _pressed(raw: Any) -> Content:
    return Content(Pressed.model_validate(raw).text)


def _interactive(raw: Any) -> Content:
    answer = Interactive.model_validate(raw)
    chosen: Choice | None = answer.button_reply or answer.list_reply
    if chosen is not None:
        return Content("\n".join(text for text in (chosen.title, chosen.description) if text))
    if answer.nfm_reply is not None:
        return Content(_filled_form(answer.nfm_reply.response_json) or answer.nfm_reply.body or "")
    return Content()


def _filled_form(text: str | None) -> str:
    try:
        form: Any = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return ""
    if not isinstance(form, dict):
        return ""
    lines = (f"{name}: {value}" for name, value in form.items() if name != "flow_token" and value not in ("", None))
    return "\n".join(lines).encode("utf-8", "ignore").decode()


def _order(raw: Any) -> Content:
    order = Order.model_validate(raw)
    cards = tuple(
        Card(CardKind.LISTING, item.product_retailer_id, _price(item)) for item in each(Item, order.product_items)
    )
    return Content(order.text or "", cards=cards)


def _price(item: Item) -> str:
    price = f"{item.item_price} {item.currency or ''}".strip() if item.item_price is not None else ""
    return " × ".join(part for part in (str(item.quantity or ""), price) if part)


_READERS: Mapping[str, Callable[[Any], Content]] = {
    "text": _text,
    "location": _location,
    "contacts": _contacts,
    "button": _pressed,
    "interactive": _interactive,
    "order": _order,
    **{name: _file(kind) for name, kind in _KINDS.items()},
}
