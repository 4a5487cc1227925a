"""Whose account in a messenger belongs to which agent: linked once, by a proof that only the signed-in agent has."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, select

from connectors.console_events import ConsoleLinked
from inbox.actions.events import record
from inbox.models import AgentAccount, Channel, ConsoleToken
from inbox.rules.errors import NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx

TOKEN_LIFE = timedelta(minutes=15)


def begin_link(tx: Tx, actor: Actor, channel_id: int, token_hash: str) -> None:
    """Let the actor link an account on this channel by the token within TOKEN_LIFE; an earlier token stops working."""
    require(actor, Permission.SELF_EDIT)
    alive = select(Channel.id).where(Channel.id == channel_id, Channel.removed_at.is_(None))
    if tx.execute(alive).scalar_one_or_none() is None:
        raise NotFound
    mine = (ConsoleToken.channel_id == channel_id) & (ConsoleToken.agent_id == actor.agent_id)
    tx.execute(delete(ConsoleToken).where(mine | (ConsoleToken.expires_at <= tx.now)))
    tx.execute(
        insert(ConsoleToken),
        {
            "token_hash": token_hash,
            "channel_id": channel_id,
            "agent_id": actor.agent_id,
            "expires_at": tx.now + TOKEN_LIFE,
        },
    )


def link_account(tx: Tx, actor: Actor, channel_id: int, event: ConsoleLinked, token_hash: str) -> int | None:
    """Bind the person to the agent of the token; returns the agent, None for a token that does not work (any more).

    A person is one agent and an agent one person on a channel: the newest link stands.
    """
    valid = (
        ConsoleToken.token_hash == token_hash,
        ConsoleToken.channel_id == channel_id,
        ConsoleToken.agent_id.is_not(None),
        ConsoleToken.expires_at > tx.now,
    )
    agent_id = tx.execute(select(ConsoleToken.agent_id).where(*valid)).scalar_one_or_none()
    if agent_id is None or not event.person.id:
        return None
    tx.execute(delete(ConsoleToken).where(*valid))
    same = (AgentAccount.person == event.person.id) | (AgentAccount.agent_id == agent_id)
    tx.execute(delete(AgentAccount).where(AgentAccount.channel_id == channel_id, same))
    values = {
        "agent_id": agent_id,
        "channel_id": channel_id,
        "person": event.person.id,
        "name": clean_name(event.person.name),
        "linked_at": tx.now,
    }
    tx.execute(insert(AgentAccount), values)
    record(tx, actor, EventKind.ACCOUNT_LINKED, channel_id=channel_id, agent_id=agent_id)
    return int(agent_id)


def unlink_account(tx: Tx, actor: Actor, channel_id: int) -> None:
    """Take the actor's own link back."""
    require(actor, Permission.SELF_EDIT)
    mine = (AgentAccount.channel_id == channel_id, AgentAccount.agent_id == actor.agent_id)
    if tx.execute(delete(AgentAccount).where(*mine)).rowcount:
        record(tx, actor, EventKind.ACCOUNT_UNLINKED, channel_id=channel_id, agent_id=actor.agent_id)
