"""What a message of Telegram holds: its words, files and cards, or the name of a kind that we cannot show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.contract import Card, CardKind, Media, MediaKind
from connectors.telegram_entities import readable, rich_text
from connectors.telegram_updates import Message
from connectors.telegram_wire import File, Sticker, Story
from connectors.unshown import kind_name

_NAMED = {
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "voice": MediaKind.VOICE,
    "audio": MediaKind.AUDIO,
    "document": MediaKind.FILE,
}
_KINDS = {"image": MediaKind.IMAGE, "video": MediaKind.VIDEO, "audio": MediaKind.AUDIO}
# Telegram's own remarks in a chat: nobody said anything.
_REMARKS = frozenset({
    "pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "chat_background_set",
    "connected_website", "boost_added", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
    "forum_topic_reopened", "direct_message_price_changed", "paid_message_price_changed", "giveaway_created",
    "new_chat_photo", "delete_chat_photo", "new_chat_title", "managed_bot_created",
})  # fmt: skip
# What stands beside the content of a message.
_AROUND = frozenset({
    "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
    "sender_business_bot", "sender_tag", "date", "business_connection_id", "chat", "forward_origin",
    "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply", "quote", "reply_to_story",
    "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot", "guest_bot_caller_user",
    "guest_bot_caller_chat", "guest_query_id", "edit_date", "has_protected_content", "is_from_offline",
    "is_paid_post", "media_group_id", "author_signature", "paid_star_count", "entities", "caption_entities",
    "link_preview_options", "suggested_post_info", "effect_id", "show_caption_above_media", "has_media_spoiler",
    "reply_markup", "receiver_user", "ephemeral_message_id", "forward_date", "forward_from", "forward_from_chat",
    "forward_from_message_id", "forward_sender_name", "forward_signature",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds. `remark`: it is a remark of Telegram's own and holds nothing."""

    text: str = ""
    media: tuple[Media, ...] = ()
    cards: tuple[Card, ...] = ()
    unsupported: str | None = None
    remark: bool = False


def content_of(message: Message, raw: Mapping[str, Any]) -> Content:
    """Read a message; `raw` is what came, to name what we do not know."""
    words, media, cards = _text(message), _media(message), _cards(message)
    if words or media or cards:
        return Content(words, media, cards)
    kinds = [name for name in raw if name not in _AROUND]
    if kinds and _REMARKS.issuperset(kinds):
        return Content(remark=True)
    return Content(unsupported=kind_name(kinds[0]) if kinds else kind_name("empty message"))


def _text(message: Message) -> str:
    if message.text:
        return readable(message.text, message.entities or ())
    if message.caption:
        return readable(message.caption, message.caption_entities or ())
    if message.rich_message:
        return rich_text(message.rich_message)
    if message.dice:
        return f"{message.dice.emoji} {message.dice.value}"
    if message.checklist:
        return "\n".join([message.checklist.title, *(f"– {task.text}" for task in message.checklist.tasks or ())])
    if message.game:
        return f"🎮 {message.game.title}"
    if message.web_app_data:
        return f"{message.web_app_data.button_text or ''}: {message.web_app_data.data}".removeprefix(": ")
    if message.sticker and not _still(message.sticker):
        return message.sticker.emoji or ""
    return ""


def _media(message: Message) -> tuple[Media, ...]:
    if message.photo:
        return (_photo(message.photo[-1]),)
    # Both come a second time, as a document and as a photo, for programs that know no better.
    if message.animation:
        return (_file(message.animation, MediaKind.VIDEO),)
    if message.live_photo:
        return (_file(message.live_photo, MediaKind.VIDEO),)
    for name, kind in _NAMED.items():
        file: File | None = getattr(message, name)
        if file is not None:
            return (_file(file, kind),)
    if message.sticker and (still := _still(message.sticker)):
        emoji = message.sticker.emoji or ""
        return (Media(MediaKind.IMAGE, f"sticker {emoji}".strip()[:200], "image/webp", None, still),)
    if message.paid_media:
        items = message.paid_media.paid_media
        photos = [_photo(item.photo[-1]) for item in items if item.photo]
        return (*photos, *(_file(item.video, MediaKind.VIDEO) for item in items if item.video))
    return ()


def _still(sticker: Sticker) -> str | None:
    """The file of a picture that does not move."""
    if not sticker.is_animated and not sticker.is_video:
        return sticker.file_id
    return sticker.thumbnail.file_id if sticker.thumbnail else None


def _photo(size: File) -> Media:
    return Media(MediaKind.IMAGE, "", "image/jpeg", _size(size), size.file_id)


def _file(file: File, kind: MediaKind) -> Media:
    mime = (file.mime_type or "")[:100]
    if kind is MediaKind.FILE:
        kind = _KINDS.get(mime.split("/")[0], kind)
    return Media(kind, (file.file_name or "")[:200], mime, _size(file), file.file_id)


def _size(file: File) -> int | None:
    return file.file_size if file.file_size is not None and 0 <= file.file_size < 2**53 else None


def _cards(message: Message) -> tuple[Card, ...]:
    if message.venue:
        place, venue = message.venue.location, message.venue
        return (_place(place.latitude, place.longitude, venue.title or "", venue.address or ""),)
    if message.location:
        return (_place(message.location.latitude, message.location.longitude),)
    if message.contact:
        names = (message.contact.first_name, message.contact.last_name)
        name = " ".join(part for part in names if part and part.strip())
        return (Card(CardKind.PERSON, name, phone=message.contact.phone_number),)
    if message.poll:
        options = "\n".join(f"– {option.text}" for option in message.poll.options or ())
        return (Card(CardKind.POLL, message.poll.question, options),)
    if message.story:
        return (story_card(message.story),)
    return ()


def story_card(story: Story) -> Card:
    """A story: who tells it, and its address when the teller has a public name."""
    name = story.chat.username
    return Card(CardKind.LINK, story.chat.title or name or "", url=f"https://t.me/{name}/s/{story.id}" if name else "")


def _place(latitude: float, longitude: float, title: str = "", text: str = "") -> Card:
    return Card(CardKind.PLACE, title, text, latitude=latitude, longitude=longitude)
