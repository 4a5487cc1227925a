"""How chats and messages of Telegram are named here.

A private chat with the bot is the address "<chat>". A chat of a business account that the bot answers for is
"<connection>:<chat>", because its chat id may be that of a private chat too. A message's number is unique in its chat
only, so its external id is "<address>:<message>".
"""

from __future__ import annotations

import re

from connectors.contract import Rejected

_NUMBER = re.compile(r"-?[0-9]{1,20}")


def address_of(chat_id: int, connection_id: str | None) -> str:
    """The address of a chat."""
    return f"{connection_id}:{chat_id}" if connection_id else str(chat_id)


def chat_of(address: str) -> tuple[int, str | None]:
    """The chat id and the business connection of an address; raises Rejected for what is none."""
    connection_id, _, chat_id = address.rpartition(":")
    if not _NUMBER.fullmatch(chat_id):
        raise Rejected("Telegram does not know this chat.")
    return int(chat_id), connection_id or None


def external_id_of(address: str, message_id: int) -> str:
    """The external id of a message."""
    return f"{address}:{message_id}"


def number_of(address: str, external_id: str | None) -> int | None:
    """The message's number in its chat; None when the id is of another chat or not of a message."""
    place, _, number = (external_id or "").rpartition(":")
    return int(number) if place == address and number.isascii() and number.isdecimal() else None
