"""Staff: invitations, roles, leaving, working status, own settings. The last administrator always stays."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from inbox.actions.assign import drain, release
from inbox.actions.events import new_id, record
from inbox.actions.presence import note_stretch
from inbox.actions.sessions import revoke_all
from inbox.models import Agent, AgentLink
from inbox.rules.emails import looks_like_email
from inbox.rules.errors import Conflict, Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, Role, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

LINK_LIFE = {"invite": timedelta(days=7), "reset": timedelta(days=1)}
STATUSES = ("available", "busy", "away")
_OWN = frozenset({"name", "language", "time_zone", "theme", "sound"})


def invite_agent(tx: Tx, actor: Actor, name: str, email: str, role: str, *, token_hash: str) -> int:
    """Add somebody who will set a password by a link; returns their id. Raises Invalid."""
    require(actor, Permission.AGENT_MANAGE)
    address, title = email.strip().lower(), clean_name(name, 80)
    errors = {}
    if not title:
        errors["name"] = N_("Write the name.")
    if not looks_like_email(address):
        errors["email"] = N_("This is not an e-mail address.")
    elif tx.execute(select(Agent.id).where(Agent.email == address)).first() is not None:
        errors["email"] = N_("Somebody with this e-mail address is here already.")
    if role not in set(Role):
        errors["role"] = N_("Choose a role.")
    if errors:
        raise Invalid(errors)
    own = tx.execute(select(Agent.language, Agent.time_zone).where(Agent.id == actor.agent_id)).one_or_none()
    values = {
        "email": address,
        "name": title,
        "role": role,
        "language": own.language if own else "ru",
        "time_zone": own.time_zone if own else "Europe/Moscow",
        "created_at": tx.now,
    }
    agent_id = new_id(tx.execute(insert(Agent), values))
    record(tx, actor, EventKind.AGENT_INVITED, agent_id=agent_id, details={"role": role})
    _add_link(tx, agent_id, "invite", token_hash)
    return agent_id


def make_link(tx: Tx, actor: Actor, agent_id: int, token_hash: str) -> str:
    """A new link for somebody who lost theirs (invite) or their password (reset); older links stop working."""
    require(actor, Permission.AGENT_MANAGE)
    row = tx.execute(
        select(Agent.password_hash).where(Agent.id == agent_id, Agent.deactivated_at.is_(None))
    ).one_or_none()
    if row is None:
        raise NotFound
    kind = "invite" if row.password_hash is None else "reset"
    _end_links(tx, agent_id)
    _add_link(tx, agent_id, kind, token_hash)
    record(tx, actor, EventKind.AGENT_LINK_MADE, agent_id=agent_id, details={"kind": kind})
    return kind


def use_link(tx: Tx, actor: Actor, token_hash: str, password_hash: str) -> int:
    """Set the password of a link's owner and end their other sessions; returns their id. A link works once."""
    used = (
        update(AgentLink)
        .where(AgentLink.token_hash == token_hash, AgentLink.used_at.is_(None), AgentLink.expires_at > tx.now)
        .values(used_at=tx.now)
    )
    if not tx.execute(used).rowcount:
        raise NotFound(N_("This link was used already or is too old. Ask your administrator for a new one."))
    link = tx.execute(select(AgentLink.agent_id, AgentLink.kind).where(AgentLink.token_hash == token_hash)).one()
    set_password(tx, actor, link.agent_id, password_hash)
    if link.kind == "invite":
        record(tx, actor, EventKind.AGENT_JOINED, agent_id=link.agent_id)
    return int(link.agent_id)


def set_password(
    tx: Tx, actor: Actor, agent_id: int, password_hash: str, *, keep_session_id: int | None = None
) -> None:
    """Store a new password and end the agent's sessions, perhaps but the present one."""
    tx.execute(update(Agent).where(Agent.id == agent_id).values(password_hash=password_hash))
    revoke_all(tx, Actor.system(), agent_id, keep_session_id=keep_session_id)
    record(tx, actor, EventKind.AGENT_PASSWORD_SET, agent_id=agent_id)


def change_role(tx: Tx, actor: Actor, agent_id: int, role: str, capacity: int | None) -> None:
    """Change what somebody may do and how many dialogs they hold at most (None: the company's number)."""
    require(actor, Permission.AGENT_MANAGE)
    if role not in set(Role):
        raise Invalid({"role": N_("Choose a role.")})
    if capacity is not None and not 0 <= capacity <= 1000:
        raise Invalid({"capacity": N_("Write a number from 0 to 1000.")})
    if role != Role.ADMIN:
        _keep_an_admin(tx, agent_id)
    if not tx.execute(update(Agent).where(Agent.id == agent_id).values(role=role, capacity=capacity)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.AGENT_CHANGED, agent_id=agent_id, details={"role": role, "capacity": capacity})
    drain(tx, Actor.system())


def deactivate(tx: Tx, actor: Actor, agent_id: int) -> int:
    """Let somebody go: sessions and links end, open dialogs return to the queue; returns how many."""
    require(actor, Permission.AGENT_MANAGE)
    _keep_an_admin(tx, agent_id)
    # A link that is still on its way must not open the door again after a return.
    _end_links(tx, agent_id)
    gone = update(Agent).where(Agent.id == agent_id, Agent.deactivated_at.is_(None)).values(deactivated_at=tx.now)
    if not tx.execute(gone).rowcount:
        raise NotFound
    revoke_all(tx, actor, agent_id)
    record(tx, actor, EventKind.AGENT_DEACTIVATED, agent_id=agent_id)
    return release(tx, actor, agent_id, waiting_only=False)


def reactivate(tx: Tx, actor: Actor, agent_id: int) -> None:
    """Take somebody back; their password works again."""
    require(actor, Permission.AGENT_MANAGE)
    back = update(Agent).where(Agent.id == agent_id, Agent.deactivated_at.is_not(None)).values(deactivated_at=None)
    if tx.execute(back).rowcount:
        record(tx, actor, EventKind.AGENT_REACTIVATED, agent_id=agent_id)


def change_status(tx: Tx, actor: Actor, status: str) -> None:
    """The actor's own working status; becoming available drains the queue."""
    if status not in STATUSES:
        raise Invalid({"status": N_("Choose a status.")})
    changed = (
        update(Agent)
        .where(Agent.id == actor.agent_id, Agent.status != status)
        .values(status=status, status_changed_at=tx.now)
    )
    if tx.execute(changed).rowcount:
        note_stretch(tx, actor.agent_id or 0, status)
        record(tx, actor, EventKind.AGENT_PRESENCE, agent_id=actor.agent_id, details={"status": status})
        drain(tx, Actor.system())


def change_self(tx: Tx, actor: Actor, values: Mapping[str, Any]) -> None:
    """The actor's own name, language, zone, theme and sound."""
    own = {name: value for name, value in values.items() if name in _OWN}
    if "name" in own:
        own["name"] = clean_name(own["name"], 80)
        if not own["name"]:
            raise Invalid({"name": N_("Write the name.")})
    tx.execute(update(Agent).where(Agent.id == actor.agent_id).values(**own))
    record(tx, actor, EventKind.AGENT_CHANGED, agent_id=actor.agent_id, details={"changed": sorted(own)})


def _end_links(tx: Tx, agent_id: int) -> None:
    open_links = update(AgentLink).where(AgentLink.agent_id == agent_id, AgentLink.used_at.is_(None))
    tx.execute(open_links.values(used_at=tx.now))


def _add_link(tx: Tx, agent_id: int, kind: str, token_hash: str) -> None:
    values = {"agent_id": agent_id, "kind": kind, "token_hash": token_hash, "created_at": tx.now}
    tx.execute(insert(AgentLink), {**values, "expires_at": tx.now + LINK_LIFE[kind]})


def _keep_an_admin(tx: Tx, agent_id: int) -> None:
    others = select(func.count()).where(
        Agent.role == Role.ADMIN.value,
        Agent.deactivated_at.is_(None),
        Agent.password_hash.is_not(None),
        Agent.id != agent_id,
    )
    if not tx.execute(others).scalar_one():
        raise Conflict(N_("This is the last administrator. Make somebody else one first."))
