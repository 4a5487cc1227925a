"""Commands and buttons of a console. Each is the action that the screen's own button calls."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from sqlalchemy import select

from inbox.actions.assign import assign
from inbox.actions.console_follow import newest_shown
from inbox.actions.console_posts import owe_post
from inbox.actions.notices import owe_words
from inbox.actions.reply import Draft, reply
from inbox.actions.resolve import resolve, snooze
from inbox.actions.retry import confirm_arrived, retry_delivery
from inbox.models import Agent, Contact, Conversation
from inbox.queries.consoles import KnownThread, LinkedAgent
from inbox.queries.reply_templates import TemplateLine, template_list, template_values
from inbox.rules.console_commands import Command, Verb, named, snooze_until
from inbox.rules.errors import Invalid
from inbox.rules.reply_templates import expand
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.languages import zone

_UNKNOWN = N_(
    "There is no such command. Known are: /take, /assign Name, /resolve, /snooze 2h, /t template, /source, /card. "
    "“//” begins a note."
)


def run_command(tx: Tx, agent: LinkedAgent, thread: KnownThread, command: Command, reply_to: str) -> None:
    """Do what a command asks for; raises Invalid and whatever the action raises."""
    match command.verb:
        case None:
            raise Invalid({"command": _UNKNOWN})
        case Verb.TAKE:
            assign(tx, agent.actor, thread.conversation_id, agent.actor.agent_id)
        case Verb.ASSIGN:
            assign(tx, agent.actor, thread.conversation_id, _colleague(tx, command.words))
        case Verb.RESOLVE:
            resolve(tx, agent.actor, thread.conversation_id)
        case Verb.SNOOZE:
            _snooze(tx, agent, thread.conversation_id, command.words)
        case Verb.TEMPLATE:
            _answer_by_template(tx, agent, thread, command.words)
        case Verb.SOURCE | Verb.CARD:
            owe_post(tx, thread.id, "words", words={"sheet": command.verb.name.lower()}, reply_to=reply_to)


def press(tx: Tx, agent: LinkedAgent, thread: KnownThread | None, action: str) -> None:
    """Do what a button says ("take:12"). An unknown or broken one does nothing: it may be from an older version."""
    name, _, rest = action.partition(":")
    number, _, words = rest.partition(":")
    presses: dict[str, Callable[[int], object]] = {
        "take": lambda wanted: _take(tx, agent, thread, wanted),
        "resolve": lambda wanted: resolve(tx, agent.actor, wanted),
        "snooze": lambda wanted: _snooze(tx, agent, wanted, words),
        "again": lambda wanted: retry_delivery(tx, agent.actor, wanted),
        "arrived": lambda wanted: confirm_arrived(tx, agent.actor, wanted),
    }
    if name in presses and number.isdecimal() and number.isascii() and len(number) < 19:
        presses[name](int(number))


def _take(tx: Tx, agent: LinkedAgent, thread: KnownThread | None, conversation_id: int) -> None:
    assign(tx, agent.actor, conversation_id, agent.actor.agent_id)
    if thread is None:
        client = select(Contact.name).join(Conversation, Conversation.contact_id == Contact.id)
        name = tx.execute(client.where(Conversation.id == conversation_id)).scalar_one()
        owe_words(tx, agent.actor, N_("The dialog with {name} is yours."), {"name": name}, ())


def _snooze(tx: Tx, agent: LinkedAgent, conversation_id: int, words: str) -> None:
    until = snooze_until(words, tx.now.astimezone(zone(agent.time_zone)))
    if until is None:
        raise Invalid({"until": N_("Write until when: /snooze 30m, /snooze 2h, /snooze tomorrow.")})
    snooze(tx, agent.actor, conversation_id, until)


def _colleague(tx: Tx, words: str) -> int:
    rows = tx.execute(
        select(Agent.id, Agent.name).where(Agent.deactivated_at.is_(None), Agent.password_hash.is_not(None))
    )
    people = {row.id: row.name for row in rows}
    found = named(words, people)
    if found is None:
        names = ", ".join(sorted(people.values()))
        raise Invalid({"agent": N_("Write whom to give the dialog to: {names}.")}, {"names": names})
    return found


def _answer_by_template(tx: Tx, agent: LinkedAgent, thread: KnownThread, words: str) -> None:
    line = _template(template_list(tx, agent.actor), words)
    made = expand(line.text, template_values(tx, agent.actor, thread.conversation_id))
    if made.missing:
        raise Invalid(
            {"text": N_("The template needs what is not known about the client: {names}.")},
            {"names": ", ".join(made.missing)},
        )
    draft = Draft(secrets.token_urlsafe(12), made.text, newest_shown(tx, thread.id), reply_template_id=line.id)
    reply(tx, agent.actor, thread.conversation_id, draft)


def _template(lines: list[TemplateLine], words: str) -> TemplateLine:
    wanted = normalise(words).strip("/")
    exact = [line for line in lines if normalise(line.shortcut) == wanted]
    begins = [line for line in lines if wanted and normalise(line.shortcut).startswith(wanted)]
    found = exact or begins
    if len(found) == 1:
        return found[0]
    known = ", ".join(line.shortcut for line in (found or lines)[:20])
    raise Invalid({"template": N_("Write which template: /t {names}.")}, {"names": known or "…"})
