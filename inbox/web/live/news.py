"""The words of a sound and a browser notification: who wrote, was it to me, and how it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inbox.queries.event_log import Fact
from inbox.queries.news import NEWSWORTHY, News, news
from inbox.rules.events import EventKind
from inbox.rules.permissions import Actor
from inbox.rules.sla import KIND_WORDS
from inbox.rules.texts import N_
from inbox.runtime.database import Database
from inbox.runtime.languages import Language

_VISITOR = N_("Visitor %(number)s")
_FILE = N_("File")
_MENTIONED = N_("%(name)s mentioned you: %(text)s")
_GIVEN_BY = N_("%(name)s gave you the dialog: %(text)s")
_GIVEN = N_("A dialog for you: %(text)s")

_TARGETS = {
    EventKind.SLA_WARNED: N_("%(target)s: the deadline is near. %(text)s"),
    EventKind.SLA_BREACHED: N_("%(target)s: the deadline is missed. %(text)s"),
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """An agent with a tab open, and the language they read."""

    actor: Actor
    language: Language


async def find_news(
    database: Database, recipients: Sequence[Recipient], facts: Sequence[Fact]
) -> dict[int, list[dict[str, Any]]]:
    """What each recipient should hear of, by agent id, as the `news` of frames."""
    if not recipients or not any(fact.kind in NEWSWORTHY for fact in facts):
        return {}
    found = await database.read(news, [recipient.actor for recipient in recipients], facts)
    spoken = {recipient.actor.agent_id: recipient.language for recipient in recipients}
    return {agent_id: [_told(spoken[agent_id], item) for item in items] for agent_id, items in found.items()}


def _told(language: Language, item: News) -> dict[str, Any]:
    say = language.gettext
    text = item.text or say(_FILE)
    if item.kind is EventKind.AGENT_MENTIONED:
        text = say(_MENTIONED) % {"name": item.author, "text": text}
    elif item.kind is EventKind.CONVERSATION_ASSIGNED:
        text = say(_GIVEN_BY if item.author else _GIVEN) % {"name": item.author, "text": text}
    elif item.kind in _TARGETS and item.target is not None:
        text = say(_TARGETS[item.kind]) % {"target": say(KIND_WORDS[item.target]), "text": text}
    title = item.contact_name or say(_VISITOR) % {"number": item.contact_id}
    return {"conversation": item.conversation_id, "title": title, "text": text}
