"""Every word that chat.js shows, by its name there. The server translates them; the script holds no language."""

from __future__ import annotations

from collections.abc import Mapping

from inbox.rules.texts import N_
from inbox.runtime.languages import Language

_WORDS: Mapping[str, str] = {
    "sending": N_("sending"),
    "sent": N_("sent"),
    "delivered": N_("delivered"),
    "read": N_("read"),
    "retry": N_("Retry"),
    "typing": N_("{name} is typing…"),
    "online": N_("We are here"),
    "away": N_("We will answer as soon as we can"),
    "agentOnline": N_("{name} is here"),
    "opens": N_("We open {day} at {time}"),
    "closed": N_("We are closed now"),
    "edited": N_("edited"),
    "deleted": N_("The message was deleted"),
    "fileComing": N_("The file is on its way"),
    "fileFailed": N_("The file did not arrive"),
    "picture": N_("picture.png"),
    "remove": N_("Remove {name}"),
    "tooBig": N_("{name} is larger than {size}"),
    "tooLong": N_("At most {most} characters fit into one message"),
    "uploadFailed": N_("{name} was not uploaded. Check the connection and try again"),
    "needed": N_("Fill in this field."),
    "badPhone": N_("This does not look like a phone number."),
    "badMail": N_("This does not look like an e-mail address."),
    "badReach": N_("Leave a phone or an e-mail, so that we can answer."),
    "needConsent": N_("We need your consent to answer."),
    "offlineTitle": N_("Nobody is here now"),
    "offlineLead": N_("Leave your question: we will answer where it suits you."),
    "start": N_("Start the chat"),
    "leave": N_("Send"),
}
DEFAULT_HEADING = N_("Ask us")
DEFAULT_LEAD = N_("A person will answer, not a machine.")
DEFAULT_CONSENT = N_("I agree to the processing of my personal data.")

# The button's words, in both languages at once: the loader is one file for all pages of a site.
_LOADER = (N_("Open the chat"), N_("Close the chat"), N_("new messages"))


def words(spoken: Language) -> dict[str, str]:
    """The words of chat.js in a language."""
    return {name: spoken.gettext(key) for name, key in _WORDS.items()}


def loader_words(spoken: Language) -> tuple[str, ...]:
    """The words of loader.js in a language: open, close, unread."""
    return tuple(spoken.gettext(key) for key in _LOADER)
