"""What stands in a console: cards, messages, lines and sheets as plain text, in the company's language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.console import ConsoleButton
from inbox.models.base import from_milliseconds
from inbox.queries.console_posts import PostView
from inbox.queries.console_work import ThreadView
from inbox.queries.contact_card import Card, CardTouch
from inbox.rules.lifecycle import MessageKind
from inbox.rules.texts import N_
from inbox.runtime.languages import Language
from inbox.runtime.phones import format_phone

Buttons = tuple[tuple[ConsoleButton, ...], ...]

QUOTED = 80
_NAMED = re.compile(r"\{(\w+)\}")

# Who does it (True: a person, False: the product) and what is done; the sentences are those of the screen.
_LINES: Mapping[tuple[str, bool], str] = {
    ("conversation.reopened", True): N_("%(name)s reopened the dialog"),
    ("conversation.reopened", False): N_("Dialog reopened: the client wrote again"),
    ("conversation.unassigned", True): N_("%(name)s returned the dialog to the queue"),
    ("conversation.unassigned", False): N_("The dialog went back to the queue"),
    ("conversation.resolved", True): N_("%(name)s resolved the dialog"),
    ("conversation.resolved", False): N_("Dialog resolved"),
    ("conversation.snoozed", True): N_("%(name)s snoozed the dialog until %(time)s"),
    ("conversation.unsnoozed", True): N_("The dialog is back from snooze"),
    ("conversation.unsnoozed", False): N_("The dialog is back from snooze"),
    ("conversation.dismissed", True): N_("%(name)s: no answer needed"),
}
# Inside f-strings no tool finds a text.
_CLIENT = N_("Client")
_ASSIGNEE = N_("Assignee")
_NOBODY_YET = N_("nobody yet")
_SOURCE = N_("Source")
_UNKNOWN = N_("unknown")
_PHONE = N_("Phone")
_TAGS = N_("Tags")
_FIRST_TOUCH = N_("First touch")
_EDITED = N_("edited")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A post in words."""

    text: str
    buttons: Buttons = ()


@dataclass(frozen=True, slots=True)
class ConsoleWords:
    """Draws for one place. `address` is where the screens are; `public`: buttons may lead there."""

    language: Language
    time_zone: str
    address: str
    public: bool

    def card(self, view: ThreadView) -> Drawn:
        """The card that is pinned on top of a thread."""
        say = self.language.gettext
        where = view.channel_name
        lines = [f"{view.client or say(_CLIENT)} · {where}", self._standing(view)]
        lines.append(f"{say(_ASSIGNEE)}: {view.assignee or say(_NOBODY_YET)}")
        lines.append(f"{say(_SOURCE)}: {view.source or say(_UNKNOWN)}")
        if view.phone:
            lines.append(f"{say(_PHONE)}: {format_phone(view.phone)}")
        if not self.public:
            lines.append(self.link(view.conversation_id))
        return Drawn("\n".join(lines), self._card_buttons(view))

    def post(self, post: PostView, view: ThreadView) -> Drawn:
        """A message, a line, late files, or words of ours."""
        if post.words is not None:
            return Drawn(self.sentence(post.words), self._buttons(post.words))
        if post.message_kind == MessageKind.ACTIVITY:
            return Drawn(f"— {self.line(post.author, post.activity or {})}")
        parts = [self._author(post, view), *self._marks(post)]
        if post.text and post.kind != "files":
            parts.append(post.text)
        return Drawn("\n".join([*parts, *post.cards]))

    def line(self, author: str | None, activity: Mapping[str, Any]) -> str:
        """The sentence of a line of the timeline."""
        kind = str(activity.get("kind", ""))
        say = self.language.gettext
        if kind == "conversation.assigned":
            name = activity.get("name")
            if author and author == name:
                return say(N_("%(name)s took the dialog")) % {"name": author}
            if author:
                return say(N_("%(name)s gave the dialog to %(other)s")) % {"name": author, "other": name}
            return say(N_("Assignee: %(name)s")) % {"name": name}
        until = activity.get("until")
        time = self.language.moment(from_milliseconds(int(until)), self.time_zone) if until else ""
        known = _LINES.get((kind, author is not None)) or _LINES.get((kind, True), kind)
        sentence = say(known) % {"name": author or "", "time": time}
        return f"{sentence} · {activity['reason']}" if activity.get("reason") else sentence

    def card_sheet(self, card: Card) -> str:
        """The client's card on request."""
        say = self.language.gettext
        lines = [card.name or say(N_("Client"))]
        lines += [line for line in (format_phone(card.phone) if card.phone else "", card.email, card.note) if line]
        lines += [f"{address.channel_name}: {address.title}".rstrip(": ") for address in card.addresses]
        lines += [f"{own.label}: {own.value}" for own in card.fields if own.value]
        if card.tags:
            lines.append(f"{say(_TAGS)}: {', '.join(tag.name for tag in card.tags)}")
        return "\n".join([*lines, self.link(card.conversation_id)])

    def source_sheet(self, card: Card) -> str:
        """Where the client came from, on request."""
        say = self.language.gettext
        touch = card.last_touch or card.first_touch
        if touch is None:
            return say(N_("Nobody knows where this client came from."))
        first = "" if card.first_touch in (None, touch) else _touch_line(card.first_touch)
        told = [f"{say(_SOURCE)}: {_touch_line(touch)}"]
        told += [f"{say(_FIRST_TOUCH)}: {first}"] if first else []
        told += [address for address in (touch.landing_url, touch.referrer) if address]
        return "\n".join(told)

    def _standing(self, view: ThreadView) -> str:
        say = self.language.gettext
        if view.status == "resolved":
            return say(N_("Resolved"))
        if view.status == "snoozed" and view.snoozed_until is not None:
            return say(N_("Snoozed until {time}")).format(time=self.language.moment(view.snoozed_until, self.time_zone))
        if view.waiting_since is not None:
            return say(N_("Waits since {time}")).format(time=self.language.moment(view.waiting_since, self.time_zone))
        return say(N_("Answered"))

    def _card_buttons(self, view: ThreadView) -> Buttons:
        say, number = self.language.gettext, view.conversation_id
        rows: list[tuple[ConsoleButton, ...]] = []
        if view.status != "resolved":
            take = ConsoleButton(say(N_("Take")), f"take:{number}")
            rows.append((take, ConsoleButton(say(N_("Resolve")), f"resolve:{number}")))
            hour = ConsoleButton(say(N_("Snooze for an hour")), f"snooze:{number}:1h")
            rows.append((hour, ConsoleButton(say(N_("Until tomorrow")), f"snooze:{number}:tomorrow")))
        if self.public:
            rows.append((ConsoleButton(say(N_("Open in the inbox")), url=self.link(number)),))
        return tuple(rows)

    def _author(self, post: PostView, view: ThreadView) -> str:
        say = self.language.gettext
        if post.message_kind == MessageKind.INCOMING:
            return f"{view.client or say(_CLIENT)}:"
        if post.message_kind == MessageKind.NOTE:
            return say(N_("{name}, note (the client does not see it):")).format(name=post.author or "")
        if post.author or post.native:
            return say(N_("{name} to the client:")).format(name=post.author or say(N_("From the app of the channel")))
        return say(N_("Automatic reply:"))

    def _marks(self, post: PostView) -> list[str]:
        say = self.language.gettext
        marks = []
        quoted = post.quote or post.answers or ""
        if quoted:
            marks.append(f"> {' '.join(quoted.split())[:QUOTED]}")
        if post.forwarded_from:
            marks.append(say(N_("Forwarded from {name}")).format(name=post.forwarded_from))
        if post.deleted:
            marks.append(say(N_("The message was deleted")))
        elif post.unsupported:
            marks.append(say(N_("Not supported yet: %(kind)s")) % {"kind": post.unsupported})
        elif post.edited:
            marks.append(f"({say(_EDITED)})")
        if post.reaction:
            marks.append(f"({post.reaction})")
        return marks

    def sentence(self, words: Mapping[str, Any]) -> str:
        """Words of ours: a key, and what fills it."""
        say = self.language.gettext
        params = {name: str(value) for name, value in (words.get("params") or {}).items()}
        for name in words.get("translated") or ():
            plain = {key: value for key, value in params.items() if key != name}
            params[name] = _filled(say(params[name]), plain)
        if params.get("profile", "").startswith("/"):
            params["profile"] = self.address + params["profile"]
        return _filled(say(str(words.get("key", ""))), params)

    def _buttons(self, words: Mapping[str, Any]) -> Buttons:
        say, rows = self.language.gettext, words.get("buttons") or ()
        return tuple(tuple(ConsoleButton(say(title), action) for title, action in row) for row in rows)

    def link(self, conversation_id: int) -> str:
        """Where a dialog is."""
        return f"{self.address}/conversations/{conversation_id}"


def _filled(sentence: str, params: Mapping[str, str]) -> str:
    """A sentence with its {names} filled. It may be a platform's own words, so any other brace is left alone."""
    return _NAMED.sub(lambda found: params.get(found[1], found[0]), sentence)


def _touch_line(touch: CardTouch | None) -> str:
    if touch is None:
        return ""
    parts = (touch.source or touch.label, touch.medium, touch.campaign, touch.content, touch.term)
    return " / ".join(part for part in parts if part)
