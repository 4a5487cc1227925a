"""What Telegram's refusals mean, as one of the SendError family with words for the agent.

Sources: https://core.telegram.org/bots/api#making-requests, aiogram.exceptions, and the descriptions that the server is
known for (it documents no list of them).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.console import SpaceMoved, ThreadGone
from connectors.contract import (
    ChannelMisconfigured,
    ContactStopped,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
    with_detail,
)

# Server failures after which the request may have been carried out all the same.
_UNSURE = frozenset({500, 504})


class PhotoRefused(Rejected):
    """A picture that Telegram takes as a file only: too long, too wide, or not to be read as a photo."""


class Unchanged(Rejected):
    """Nothing to do: it is so already, or it is gone already."""


# A part of the description in lower case, and what it means. The first that fits counts.
_MEANINGS: tuple[tuple[str, Callable[[], SendError]], ...] = (
    ("message is not modified", Unchanged),
    ("topic_not_modified", Unchanged),
    ("message to delete not found", Unchanged),
    ("message thread not found", lambda: ThreadGone("The topic was deleted in Telegram.")),
    ("topic_deleted", lambda: ThreadGone("The topic was deleted in Telegram.")),
    ("blocked by the user", lambda: ContactStopped("The client has blocked the bot.")),
    ("user_is_blocked", lambda: ContactStopped("The client has blocked the bot.")),
    ("user is deactivated", lambda: ContactStopped("The client's account does not exist any more.")),
    ("input_user_deactivated", lambda: ContactStopped("The client's account does not exist any more.")),
    ("can't initiate conversation", lambda: ContactStopped("The client has to write to the bot first.")),
    ("peer_id_invalid", lambda: ContactStopped("The client has to write to the bot first.")),
    ("bot was kicked", lambda: ContactStopped("The bot was removed from this chat.")),
    (
        "business_peer_usage_missing",
        lambda: WindowClosed("Telegram lets us answer for 24 hours after the client wrote."),
    ),
    ("business_peer_invalid", lambda: WindowClosed("The business account does not let the bot into this chat.")),
    ("business connection not found", lambda: Rejected("The business account took the bot away.")),
    ("business_connection_invalid", lambda: Rejected("The business account took the bot away.")),
    ("business_connection_not_allowed", lambda: Rejected("The business account does not let the bot do this.")),
    ("bot_access_forbidden", lambda: Rejected("The business account does not let the bot do this.")),
    ("photo_invalid_dimensions", PhotoRefused),
    ("image_process_failed", PhotoRefused),
    ("too big for a photo", PhotoRefused),
    ("photo_save_file_invalid", PhotoRefused),
    ("file is too big", lambda: TooLarge("The file is larger than Telegram takes.")),
    ("file_part_size_invalid", lambda: TooLarge("The file is larger than Telegram takes.")),
    ("is too long", lambda: TooLarge("The text is longer than Telegram takes.")),
    ("voice_messages_forbidden", lambda: Rejected("The client does not accept voice messages.")),
    ("reaction_invalid", lambda: Rejected("Telegram does not have this reaction.")),
    ("can't be edited", lambda: Rejected("Telegram does not let this message be changed any more.")),
    ("message to edit not found", lambda: Rejected("The message is not in Telegram any more.")),
    ("message can't be deleted", lambda: Rejected("Telegram does not let this message be taken back any more.")),
    ("chat not found", lambda: Rejected("Telegram does not know this chat.")),
    (
        "webhook is active",
        lambda: Rejected("Another program has set a webhook for this bot. Save the channel to take the bot over."),
    ),
    (
        "terminated by other getupdates",
        lambda: Rejected(
            "Another program takes this bot's messages away. Stop it, or make a new token by /revoke in @BotFather."
        ),
    ),
)


def refusal(status: int, said: Mapping[str, Any], retry_after: str = "") -> SendError:
    """The error behind an answer that is not "ok". `retry_after` is the header of that name."""
    told = said.get("parameters")
    parameters: Mapping[str, Any] = told if isinstance(told, dict) else {}
    description = str(said.get("description") or "")[:300]
    if status == 429:
        return Throttled("Telegram asks to wait.", _seconds(parameters.get("retry_after"), retry_after))
    if status >= 500:
        return Unreachable("Telegram has trouble of its own.", maybe_sent=status in _UNSURE)
    if type(parameters.get("migrate_to_chat_id")) is int:
        return SpaceMoved("The group has become a supergroup: connect it anew.", str(parameters["migrate_to_chat_id"]))
    if status in (401, 404):
        return ChannelMisconfigured("Telegram does not accept the token any more: make a new one in @BotFather.")
    if status == 413:
        return TooLarge("The file is larger than Telegram takes.")
    for part, meaning in _MEANINGS:
        if part in description.lower():
            return meaning()
    if status == 403:
        return ContactStopped("The client does not let the bot write.")
    if status < 400:
        return Unreachable("Telegram's answer could not be read.", maybe_sent=True)
    return Rejected(with_detail("Telegram refuses this message.", description or status))


def _seconds(told: Any, header: str) -> float | None:
    if type(told) in (int, float):
        return float(told)
    return float(header) if header.isascii() and header.isdecimal() else None
