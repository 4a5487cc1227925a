"""What an answer of an agent becomes at Twilio.

Facts: https://www.twilio.com/docs/messaging/api/message-resource. Files go as links that Twilio fetches.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from connectors.contract import MediaKind, Net, Outgoing, Rejected, SendError, TooLarge, Unreachable
from connectors.twilio_call import ask
from connectors.twilio_config import WHATSAPP, Config

MAX_TEXT = 1600
# WhatsApp takes files of so many bytes through Twilio, MMS so many.
LARGEST_FILE = 16 << 20
LARGEST_MMS = 5 << 20

_WITH_WORDS = frozenset({MediaKind.IMAGE, MediaKind.VIDEO})


def plan(outgoing: Outgoing) -> list[dict[str, str]]:
    """The messages, in order, a file each. The last words go with the first file where both are shown."""
    steps = [{"Body": part} for part in outgoing.parts if part.strip()]
    files = [{"MediaUrl": file.url} for file in outgoing.media]
    # WhatsApp shows no words below sounds and documents.
    if files and steps and (not _in_whatsapp(outgoing) or outgoing.media[0].kind in _WITH_WORDS):
        files[0] |= steps.pop()
    return [*steps, *files]


async def send(outgoing: Outgoing, config: Config, net: Net) -> Sequence[str]:
    """Send what of a message is not there yet; returns the ids of this attempt. A SendError has its `sent` filled."""
    _check_files(outgoing)
    common = {"To": outgoing.address}
    common["MessagingServiceSid" if config.sender.startswith("MG") else "From"] = config.sender
    if urlsplit(config.webhook_url).scheme == "https":
        common["StatusCallback"] = config.webhook_url
    sent: list[str] = []
    for step in plan(outgoing)[len(outgoing.done) :]:
        try:
            said = await ask(config, net, "/Messages.json", **common, **step)
            name = said.get("sid")
            if not isinstance(name, str) or not name:
                raise Unreachable("Twilio's answer could not be read.", maybe_sent=True)
        except SendError as error:
            error.sent = tuple(sent)
            raise
        sent.append(name)
    return sent


def _in_whatsapp(outgoing: Outgoing) -> bool:
    """By the client's address: a Messaging Service sends to both."""
    return outgoing.address.startswith(WHATSAPP)


def _check_files(outgoing: Outgoing) -> None:
    if any(not file.url.startswith("https://") for file in outgoing.media):
        raise Rejected("Twilio fetches files from this server, which needs a public https:// address for that.")
    if not _in_whatsapp(outgoing) and any(file.size > LARGEST_MMS for file in outgoing.media):
        raise TooLarge("A file in an MMS may have 5 MB at most.")
