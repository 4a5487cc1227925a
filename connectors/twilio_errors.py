"""What Twilio's error codes mean, in the answer to a request and, late, in a status.

Source: https://www.twilio.com/docs/api/errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from connectors.contract import (
    ChannelMisconfigured,
    ContactStopped,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    WindowClosed,
    with_detail,
)

# Twilio does not say how long; the queue of a number empties by one to a hundred messages a second.
PAUSE_SECONDS = 5.0
QUEUE_PAUSE_SECONDS = 60.0


def _slow() -> SendError:
    return Throttled("Twilio asks to wait.", PAUSE_SECONDS, everybody=True)


def _full() -> SendError:
    return Throttled("Too many messages wait at Twilio to go out.", QUEUE_PAUSE_SECONDS, everybody=True)


def _wrong_keys() -> SendError:
    return ChannelMisconfigured("Twilio does not accept the Account SID and Auth Token.")


def _inactive() -> SendError:
    return ChannelMisconfigured("Twilio has suspended this account: see the Twilio Console.")


def _no_sender() -> SendError:
    return ChannelMisconfigured("This account of Twilio cannot send from this sender.")


def _no_number() -> SendError:
    return Rejected("This number cannot get messages.")


def _unreachable() -> SendError:
    return Rejected("The client's phone could not be reached.")


def _filtered() -> SendError:
    return Rejected("The client's operator has blocked this message.")


def _bad_file() -> SendError:
    return Rejected("Twilio could not fetch the file or does not take it.")


def _no_whatsapp() -> SendError:
    return Rejected("The number has no WhatsApp.")


def _stopped() -> SendError:
    return ContactStopped("The client has opted out of your messages.")


def _country() -> SendError:
    return Rejected("Messages to the client's country are switched off: see Geo permissions in the Twilio Console.")


def _too_long() -> SendError:
    return TooLarge("The message is longer than Twilio takes.")


def _no_template() -> SendError:
    return Rejected("Twilio does not have this template any more: choose another one.")


def _wrong_gaps() -> SendError:
    return Rejected("WhatsApp does not take what the gaps were filled with, or the template was changed.")


def _failed() -> SendError:
    return Rejected("Twilio could not hand this over.")


_MEANINGS: Mapping[int, Callable[[], SendError]] = {
    14107: _slow,
    20003: _wrong_keys,
    20005: _inactive,
    20429: _slow,
    21211: _no_number,
    21212: _no_sender,
    21408: _country,
    21603: _no_sender,
    21606: _no_sender,
    21608: lambda: Rejected("A trial account of Twilio can only write to verified numbers."),
    21610: _stopped,
    21611: _full,
    21612: _no_number,
    21614: _no_number,
    21617: _too_long,
    21620: _bad_file,
    21623: _bad_file,
    21655: _no_template,
    21656: _wrong_gaps,
    21658: _too_long,
    21659: _no_sender,
    21660: _no_sender,
    21703: _no_sender,
    30001: _full,
    30002: _inactive,
    30003: _unreachable,
    30004: _filtered,
    30005: _no_number,
    30006: _no_number,
    30007: _filtered,
    30008: _failed,
    30022: _slow,
    30034: lambda: Rejected("Messages to the USA need a registered number: see A2P 10DLC in the Twilio Console."),
    63003: _no_whatsapp,
    63007: _no_sender,
    63013: lambda: Rejected("WhatsApp does not allow this message."),
    63015: lambda: Rejected("The client has not joined your WhatsApp sandbox."),
    63016: lambda: WindowClosed("More than 24 hours have passed since the client wrote."),
    63018: _slow,
    63019: _bad_file,
    63024: _no_whatsapp,
    63027: _no_template,
    63028: _wrong_gaps,
    63033: _stopped,
    63049: lambda: Rejected("WhatsApp holds this advertisement back: the client gets too many, or is in the USA."),
    92006: _no_template,
}


def meaning(code: int | None, words: str = "") -> SendError:
    """The error behind a code; of a code that we do not know, Twilio's words or the number to look up."""
    made = _MEANINGS.get(code or 0)
    if made is not None:
        return made()
    if not words and not code:
        return _failed()
    return Rejected(with_detail("Twilio refuses this message.", words[:300] or f"twilio.com/docs/api/errors/{code}"))
