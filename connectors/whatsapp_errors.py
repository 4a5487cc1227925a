"""What WhatsApp's refusals mean, in the answer to a request and, late, in a status.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes.
"""

from __future__ import annotations

from connectors.contract import (
    ChannelMisconfigured,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    WindowClosed,
)
from connectors.meta_errors import Meanings

# WhatsApp lets one message through to a client every six seconds when many were sent at once.
PAIR_PAUSE_SECONDS = 6.0


def _account_slow() -> SendError:
    return Throttled("WhatsApp asks to send more slowly.", 30.0, everybody=True)


def _template_differs() -> SendError:
    return Rejected("The approved template has changed at WhatsApp. Choose it again.")


def _template_gone() -> SendError:
    return Rejected("WhatsApp does not allow this approved template any more.")


MEANINGS: Meanings = {
    (130429, None): _account_slow,
    (131048, None): _account_slow,
    (131056, None): lambda: Throttled("Too many messages to this client at once.", PAIR_PAUSE_SECONDS),
    (133016, None): _account_slow,
    (131016, None): lambda: Unreachable("WhatsApp is overloaded for a moment."),
    (131057, None): lambda: Unreachable("WhatsApp is being maintained for some minutes."),
    (131000, None): lambda: Unreachable("WhatsApp failed for a moment."),
    (131005, None): lambda: ChannelMisconfigured("The access token lacks a permission that this channel needs."),
    (131031, None): lambda: ChannelMisconfigured("WhatsApp has locked this account: see WhatsApp Manager."),
    (131045, None): lambda: ChannelMisconfigured("The number is not registered: see WhatsApp Manager."),
    (133010, None): lambda: ChannelMisconfigured("The number is not registered: see WhatsApp Manager."),
    (131026, None): lambda: Rejected(
        "WhatsApp could not hand this over: the number has no WhatsApp, or an old one, or the client has blocked you."
    ),
    (131030, None): lambda: Rejected("A test number can only write to the numbers on its list."),
    (131021, None): lambda: Rejected("A number cannot write to itself."),
    (131047, None): lambda: WindowClosed("More than 24 hours have passed since the client wrote."),
    (131042, None): lambda: Rejected("WhatsApp wants a payment method: see WhatsApp Manager."),
    (131049, None): lambda: Rejected("WhatsApp limits how many advertisements this client gets. Try another day."),
    (131050, None): lambda: Rejected("The client has switched advertisements from you off."),
    (131051, None): lambda: Rejected("WhatsApp does not know this kind of message."),
    (131052, None): lambda: Rejected("WhatsApp could not fetch the file."),
    (131053, None): lambda: Rejected("WhatsApp does not take this file."),
    (131062, None): lambda: Rejected("WhatsApp takes this kind of message only for a phone number."),
    (130472, None): lambda: Rejected("WhatsApp keeps advertisements from this client for an experiment of its own."),
    (130497, None): lambda: Rejected("WhatsApp does not let this account write to the client's country."),
    (132000, None): _template_differs,
    (132001, None): _template_gone,
    (132005, None): lambda: TooLarge("The filled template is too long."),
    (132007, None): _template_gone,
    (132008, None): _template_differs,
    (132012, None): _template_differs,
    (132015, None): _template_gone,
    (132016, None): _template_gone,
}
