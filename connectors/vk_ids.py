"""How messages of VK are named here, and the reactions that VK has.

A message has one number in its dialog ("cmid") and another in the community; reactions, edits and answers speak of the
first, so an external id is "<dialog>:<number in the dialog>".
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping

from connectors.contract import Rejected

# From here on a peer is a chat of several people.
FIRST_CHAT = 2_000_000_000
# The largest number of requests that one answer can take: their number is a part of random_id.
MOST_STEPS = 32

_PEER = re.compile(r"-?[0-9]{1,19}")
_OURS = re.compile(r"m([0-9]{1,18})(?:-|$)")
_MESSAGES = 2**26

# VK numbers its reactions and publishes no list of them; these are what its own apps show.
REACTIONS: Mapping[int, str] = {
    1: "❤️", 2: "🔥", 3: "😂", 4: "👍", 5: "💩", 6: "❓", 7: "😭", 8: "😡",
    9: "👎", 10: "👌", 11: "😃", 12: "🤔", 13: "🙏", 14: "😘", 15: "😍", 16: "🎉",
}  # fmt: skip
OTHER_REACTION = "✨"


def external_id_of(peer_id: int, number: int) -> str:
    """The external id of a message."""
    return f"{peer_id}:{number}"


def peer_of(address: str) -> int:
    """The dialog of an address; raises Rejected for what is none."""
    if not _PEER.fullmatch(address):
        raise Rejected("VK does not know this dialog.")
    return int(address)


def number_of(address: str, external_id: str | None) -> int | None:
    """The message's number in its dialog; None when the id is of another dialog or of no message."""
    peer, _, number = (external_id or "").rpartition(":")
    return int(number) if peer == address and number.isascii() and number.isdecimal() else None


def reaction_of(emoji: str) -> int:
    """The number of a reaction; raises Rejected for one that VK does not have."""
    plain = emoji.replace("\ufe0f", "")
    found = next((number for number, sign in REACTIONS.items() if sign.replace("\ufe0f", "") == plain), None)
    if found is None:
        raise Rejected("VK does not have this reaction.")
    return found


def random_id(dedup_key: str, step: int) -> int:
    """The number by which VK knows a repeated request: the message's own number and that of the request, 31 bits."""
    ours = _OURS.match(dedup_key)
    number = int(ours[1]) if ours else zlib.crc32(dedup_key.encode())
    return (number % _MESSAGES) * MOST_STEPS + step


def dedup_key_of(number: int | None) -> str | None:
    """The beginning of the key behind a random_id that comes back."""
    return f"m{number // MOST_STEPS}" if number is not None and number >= MOST_STEPS else None
