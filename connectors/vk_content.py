"""What a message of VK holds: its words, files and cards, or the names of kinds that we cannot show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.contract import Card, CardKind, Media, MediaKind
from connectors.found import Found, kind_in
from connectors.vk_wire import Forward, Geo, Message
from connectors.wire import each

# Bounds for what strangers may nest.
MOST_FORWARDS = 100
DEEPEST_FORWARD = 8
MOST_MEDIA = 50

_SITE = "https://vk.com"


def content_of(message: Message) -> Found:
    """Everything that a message holds, what it passes on included."""
    found = Found([message.text or ""])
    _attach(message.attachments, found)
    if message.geo is not None:
        found.cards.append(_place(message.geo))
    for forward in _forwards(message.fwd_messages, DEEPEST_FORWARD):
        found.texts.append(forward.text or "")
        _attach(forward.attachments, found)
    del found.media[MOST_MEDIA:]
    return found


def forwarded_from(message: Message) -> str:
    """Whose words are passed on, as the address of their page: VK tells no names."""
    first = next(_forwards(message.fwd_messages, DEEPEST_FORWARD), None)
    if first is None or not first.from_id:
        return ""
    return f"vk.com/id{first.from_id}" if first.from_id > 0 else f"vk.com/club{-first.from_id}"


def _forwards(items: list[Any] | None, depth: int) -> Iterator[Forward]:
    """Forwards and what they pass on themselves, in order, bounded."""
    yielded = 0
    for forward in each(Forward, items) if depth else ():
        for one in (forward, *_forwards(forward.fwd_messages, depth - 1)):
            yielded += 1
            if yielded > MOST_FORWARDS:
                return
            yield one


def _place(geo: Geo) -> Card:
    title = geo.place.title or "" if geo.place else ""
    city = geo.place.city or "" if geo.place else ""
    point = geo.coordinates
    return Card(CardKind.PLACE, title, city, latitude=point.latitude, longitude=point.longitude)


def _attach(items: list[Any] | None, found: Found) -> None:
    for item in items or ():
        kind = kind_in(item)
        body = item.get(kind) if kind else None
        found.add(kind, _READERS[kind](body) if kind in _READERS and isinstance(body, dict) else None)


Body = Mapping[str, Any]


def _word(body: Body, name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _number(body: Body, name: str) -> int | None:
    value = body.get(name)
    return value if type(value) is int and abs(value) < 2**53 else None


def _link(body: Body, *names: str) -> str:
    """The first of these fields that is an address."""
    return next((url for name in names if (url := _word(body, name)).startswith(("https://", "http://"))), "")


def _page(kind: str, body: Body, owner: str = "owner_id") -> str:
    """The address of something at VK."""
    owner_id, number = _number(body, owner), _number(body, "id")
    if owner_id is None or number is None:
        return ""
    key = _word(body, "access_key")
    return f"{_SITE}/{kind}{owner_id}_{number}" + (f"_{key}" if key else "")


def _largest(sizes: Any) -> str:
    """The address of the largest picture; sizes without a width come in the order of their size."""
    known = [size for size in sizes if isinstance(size, dict) and _link(size, "url")] if isinstance(sizes, list) else []
    best = max(known, key=lambda size: (_number(size, "width") or 0) * (_number(size, "height") or 0), default=None)
    return "" if best is None else _link(best, "url")


def _picture(url: str, name: str = "") -> Media | None:
    return Media(MediaKind.IMAGE, name, ref=url) if url else None


def _photo(body: Body) -> Media | None:
    whole = body.get("orig_photo")
    return _picture(_link(whole, "url") if isinstance(whole, dict) else "") or _picture(_largest(body.get("sizes")))


def _doc(body: Body) -> Media | None:
    url = _link(body, "url")
    # 3 is an animation, 4 a picture: https://dev.vk.com/reference/objects/doc
    kind = MediaKind.IMAGE if _number(body, "type") in (3, 4) else MediaKind.FILE
    size = _number(body, "size")
    return Media(kind, _word(body, "title")[:200], "", size if size and size > 0 else None, url) if url else None


def _voice(body: Body) -> Media | None:
    mp3, ogg = _link(body, "link_mp3"), _link(body, "link_ogg")
    if not mp3 and not ogg:
        return None
    return Media(MediaKind.VOICE, "", "audio/mpeg" if mp3 else "audio/ogg", None, mp3 or ogg)


def _audio(body: Body) -> Media | Card | None:
    title = " – ".join(part for part in (_word(body, "artist"), _word(body, "title")) if part)
    url = _link(body, "url")
    if url:
        return Media(MediaKind.AUDIO, title[:200], "audio/mpeg", None, url)
    page = _page("audio", body)
    return Card(CardKind.LINK, title or page, url=page) if page else None


def _sticker(body: Body) -> Media | None:
    return _picture(_largest(body.get("images")), "sticker")


def _graffiti(body: Body) -> Media | None:
    return _picture(_link(body, "url"), "graffiti")


def _gift(body: Body) -> Media | None:
    return _picture(_link(body, "thumb_256", "thumb_96", "thumb_48"), "gift")


def _paged(kind: str, title: str = "title", text: str = "", owner: str = "owner_id") -> Callable[[Body], Card | None]:
    """A reader of what can only be looked at on its page at VK."""

    def read(body: Body) -> Card | None:
        url = _page(kind, body, owner)
        return Card(CardKind.LINK, _word(body, title)[:200] or url, _word(body, text)[:500], url) if url else None

    return read


def _wall(body: Body) -> Card | None:
    owner = next((name for name in ("from_id", "owner_id", "to_id") if _number(body, name) is not None), "owner_id")
    url = _page("wall", {**body, "access_key": ""}, "owner_id" if _number(body, "owner_id") is not None else owner)
    return Card(CardKind.LINK, _word(body, "text")[:200] or url, url=url) if url else None


def _market(body: Body) -> Card | None:
    """A product of the community's shop: what the client asks about."""
    url = _page("market", {**body, "access_key": ""})
    price = body.get("price")
    cost = _word(price, "text") if isinstance(price, dict) else ""
    return Card(CardKind.LISTING, _word(body, "title")[:200] or url, cost, url) if url else None


def _web(body: Body) -> Card | None:
    url = _link(body, "url")
    return (
        Card(CardKind.LINK, _word(body, "title")[:200] or url, _word(body, "description")[:500], url) if url else None
    )


def _poll(body: Body) -> Card | None:
    answers = body.get("answers")
    lines = (
        [_word(answer, "text") for answer in answers if isinstance(answer, dict)] if isinstance(answers, list) else []
    )
    question = _word(body, "question")
    return Card(CardKind.POLL, question[:500], "\n".join(f"– {line}" for line in lines if line)) if question else None


_READERS: Mapping[str, Callable[[Body], Media | Card | None]] = {
    "photo": _photo,
    "doc": _doc,
    "audio_message": _voice,
    "audio": _audio,
    "sticker": _sticker,
    "graffiti": _graffiti,
    "gift": _gift,
    "video": _paged("video", text="description"),
    "video_message": _paged("video"),
    "clip": _paged("clip"),
    "story": _paged("story"),
    "article": _web,
    "podcast": _paged("podcast"),
    "wall": _wall,
    "wall_reply": _wall,
    "market": _market,
    "link": _web,
    "poll": _poll,
}
