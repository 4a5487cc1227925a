"""What agents do in a console, by the same actions as on the screen: same clock, same assignment, same refusals.

A refusal never fails the request: it goes back into the thread in words. Nothing that somebody wrote there reaches a
client unless it is known who wrote it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from connectors.console_events import (
    ConsoleClaimed,
    ConsoleEdited,
    ConsoleEvent,
    ConsoleLeft,
    ConsoleLinked,
    ConsoleMessage,
    ConsoleMoved,
    ConsolePerson,
    ConsolePressed,
    ConsoleThreadChanged,
)
from inbox.actions.agent_accounts import link_account
from inbox.actions.amend import edit_note, edit_reply
from inbox.actions.console_commands import press, run_command
from inbox.actions.console_follow import is_note, newest_shown
from inbox.actions.console_posts import keep_own_post, owe_post
from inbox.actions.consoles import claim_console, move_console, set_console_state
from inbox.actions.notices import owe_words
from inbox.actions.parts import join_own_album
from inbox.actions.presence import be_present_in_console
from inbox.actions.reply import Draft, NewerReply, note, reply
from inbox.actions.resolve import reopen, resolve
from inbox.models import Agent, Console, ConsolePost, ConsoleThread, Message
from inbox.queries.consoles import KnownThread, LinkedAgent, known_thread, linked_agent, posted_message
from inbox.rules.console_commands import Command, Note, read_message
from inbox.rules.errors import DomainError
from inbox.rules.mentions import mentioned
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_
from inbox.runtime.database import Tx
from inbox.runtime.secrets import hash_token

_STRANGER = N_(
    "{name}, this was not sent: the inbox does not know who you are. Link your account in your profile there: {profile}"
)
_HIDDEN = N_(
    "This was not sent: you write as the group. Switch off “Remain anonymous” in your rights as an administrator."
)
_NEWER = N_("Not sent: {name} has just answered this client, see above. Send it again if it is still needed.")
_REFUSED = N_("Not done: {reason}")


def receive_console_event(tx: Tx, actor: Actor, channel_id: int, event: ConsoleEvent) -> None:
    """Apply one event of a console. What is from another group, or here already, changes nothing."""
    match event:
        case ConsoleMessage():
            _wrote(tx, channel_id, event)
        case ConsoleEdited():
            _edited(tx, channel_id, event)
        case ConsolePressed():
            _pressed(tx, channel_id, event)
        case ConsoleThreadChanged():
            _changed(tx, channel_id, event)
        case ConsoleLinked():
            _linked(tx, actor, channel_id, event)
        case ConsoleClaimed():
            claim_console(tx, actor, channel_id, event, hash_token(event.token))
        case ConsoleMoved():
            move_console(tx, actor, channel_id, event.space, event.to)
        case ConsoleLeft():
            _left(tx, actor, channel_id, event)


def say(tx: Tx, thread_id: int, key: str, reply_to: str | None = None, **params: Any) -> None:
    """Owe the agents a sentence in a thread."""
    owe_post(tx, thread_id, "words", words={"key": key, "params": params}, reply_to=reply_to)


def refuse(tx: Tx, thread_id: int, error: DomainError, reply_to: str | None) -> None:
    """Owe the agents the words of a refusal."""
    words = {"key": _REFUSED, "params": {"reason": error.key, **error.params}, "translated": ["reason"]}
    owe_post(tx, thread_id, "words", words=words, reply_to=reply_to)


def _wrote(tx: Tx, channel_id: int, event: ConsoleMessage) -> None:
    thread = known_thread(tx, channel_id, event.space, event.thread)
    if thread is None or _is_here(tx, thread.id, event.external_id):
        return
    agent = _who(tx, channel_id, event.person, thread, event.external_id)
    if agent is None:
        return
    answered = posted_message(tx, thread.id, event.reply_to) if event.reply_to else None
    meant = read_message(event.text, answers_note=answered is not None and is_note(tx, answered))
    try:
        with tx.savepoint():
            if isinstance(meant, Command):
                run_command(tx, agent, thread, meant, event.external_id)
            else:
                _write(tx, channel_id, agent, thread, event, meant.text, answered, as_note=isinstance(meant, Note))
    except NewerReply as newer:
        name = select(Agent.name).join(Message, Message.agent_id == Agent.id).where(Message.id == newer.message_id)
        say(tx, thread.id, _NEWER, event.external_id, name=tx.execute(name).scalar_one())
    except DomainError as error:
        refuse(tx, thread.id, error, event.external_id)


def _write(
    tx: Tx,
    channel_id: int,
    agent: LinkedAgent,
    thread: KnownThread,
    event: ConsoleMessage,
    text: str,
    answered: int | None,
    *,
    as_note: bool,
) -> None:
    group = None if event.group is None else f"console-{thread.id}-{event.group}"
    first = None
    if group is not None:
        first = join_own_album(tx, agent.actor, thread.conversation_id, group, event.media, channel_id)
    if first is not None:
        keep_own_post(tx, thread.id, first, event.external_id, "", part=True)
        return
    draft = Draft(
        client_id=f"console-{thread.id}-{event.external_id}",
        text=text,
        seen_message_id=newest_shown(tx, thread.id),
        reply_to_id=answered,
        media=event.media,
        media_channel_id=channel_id,
        group=group,
    )
    if as_note:
        working = tx.execute(select(Agent.id, Agent.name).where(Agent.deactivated_at.is_(None)))
        named = mentioned(text, [(row.id, row.name) for row in working])
        message_id = note(tx, agent.actor, thread.conversation_id, draft, named)
    else:
        message_id = reply(tx, agent.actor, thread.conversation_id, draft)
    keep_own_post(tx, thread.id, message_id, event.external_id, text)


def _edited(tx: Tx, channel_id: int, event: ConsoleEdited) -> None:
    thread = known_thread(tx, channel_id, event.space, event.thread)
    message_id = None if thread is None else posted_message(tx, thread.id, event.external_id)
    if thread is None or message_id is None:
        return
    agent = _who(tx, channel_id, event.person, thread, event.external_id)
    if agent is None:
        return
    text = event.text.strip()
    here = (ConsolePost.console_thread_id == thread.id, ConsolePost.message_id == message_id, ConsolePost.own.is_(True))
    if is_note(tx, message_id):
        meant = read_message(text, answers_note=True)
        text = meant.text if isinstance(meant, Note) else text
    shown = tx.execute(select(ConsolePost.text).where(*here, ConsolePost.kind == "message")).scalar_one_or_none()
    if shown is None or shown == text:
        return
    try:
        with tx.savepoint():
            if is_note(tx, message_id):
                edit_note(tx, agent.actor, message_id, text)
            else:
                edit_reply(tx, agent.actor, message_id, text)
            tx.execute(update(ConsolePost).where(*here).values(text=text))
    except DomainError as error:
        refuse(tx, thread.id, error, event.external_id)


def _pressed(tx: Tx, channel_id: int, event: ConsolePressed) -> None:
    thread = None if event.thread is None else known_thread(tx, channel_id, event.space, event.thread)
    agent = _who(tx, channel_id, event.person, thread, None)
    if agent is None:
        return
    try:
        with tx.savepoint():
            press(tx, agent, thread, event.action)
    except DomainError as error:
        if thread is not None:
            refuse(tx, thread.id, error, None)
        else:
            owe_words(tx, agent.actor, _REFUSED, {"reason": error.key, **error.params}, ("reason",))


def _changed(tx: Tx, channel_id: int, event: ConsoleThreadChanged) -> None:
    """A thread that was closed by hand is a resolved dialog; closed by a stranger, the worker opens it again."""
    thread = known_thread(tx, channel_id, event.space, event.thread)
    if thread is None:
        return
    tx.execute(update(ConsoleThread).where(ConsoleThread.id == thread.id).values(closed=event.closed, due=True))
    agent = _who(tx, channel_id, event.person, thread, None)
    if agent is None:
        return
    try:
        with tx.savepoint():
            (resolve if event.closed else reopen)(tx, agent.actor, thread.conversation_id)
    except DomainError as error:
        refuse(tx, thread.id, error, None)


def _linked(tx: Tx, actor: Actor, channel_id: int, event: ConsoleLinked) -> None:
    if link_account(tx, actor, channel_id, event, hash_token(event.token)) is None:
        return
    agent = linked_agent(tx, channel_id, event.person.id)
    if agent is not None:
        owe_words(tx, agent.actor, N_("Done: here you are {name} of the inbox."), {"name": agent.name}, ())


def _left(tx: Tx, actor: Actor, channel_id: int, event: ConsoleLeft) -> None:
    here = (Console.channel_id == channel_id, Console.space == event.space)
    console_id = tx.execute(select(Console.id).where(*here)).scalar_one_or_none()
    if console_id is not None:
        set_console_state(tx, actor, console_id, "degraded", N_("The bot was put out of the group. Add it again."))


def _who(
    tx: Tx, channel_id: int, person: ConsolePerson, thread: KnownThread | None, reply_to: str | None
) -> LinkedAgent | None:
    """The agent behind an account, who is at work now; strangers are told in the thread how to become one."""
    agent = linked_agent(tx, channel_id, person.id) if person.id else None
    if agent is not None:
        be_present_in_console(tx, agent.actor)
    elif thread is not None:
        if person.id:
            say(tx, thread.id, _STRANGER, reply_to, name=person.name, profile="/profile")
        else:
            say(tx, thread.id, _HIDDEN, reply_to)
    return agent


def _is_here(tx: Tx, thread_id: int, external_id: str) -> bool:
    """Whether this message was taken in, or answered with words, before."""
    same = (ConsolePost.external_id == external_id) | (ConsolePost.reply_to == external_id) & (
        ConsolePost.kind == "words"
    )
    here = select(ConsolePost.id).where(ConsolePost.console_thread_id == thread_id, same)
    return tx.execute(here.limit(1)).first() is not None
