"""By which way a report reaches a recipient, or why nobody may get it any more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from inbox.models import Agent, AgentAccount, Channel, Company, ReportSchedule, SavedReport
from inbox.queries.report_schedules import letter_channels
from inbox.rules.permissions import Actor, Permission, Role, allows
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

_NO_READER = N_("This person no longer works here or may not read reports.")
_NO_OWNER = N_("Whoever saved this report no longer works here or may not read reports: save it anew, for everybody.")
_NO_ACCOUNT = N_("This person has no account in a messenger linked any more.")
_NO_MAILBOX = N_("The mailbox of this schedule was removed: choose another one.")


@dataclass(frozen=True, slots=True)
class Route:
    """A way: the channel (`config` is still locked), the address or the name of the private talk, and the words.

    `reader` is whose rights the report is read with. `by_letter`: as a letter, else in a messenger.
    """

    by_letter: bool
    channel_id: int
    channel_kind: str
    config: dict[str, Any]
    to: str
    language: str
    reader: Actor


def report_route(tx: Tx, schedule_id: int, agent_id: int | None, email: str | None) -> Route | str:
    """The way of a schedule to an agent or an address; a sentence when there is none."""
    s, r = ReportSchedule, SavedReport
    joined = select(s.channel_id, r.shared, Agent.id, Agent.role, Agent.language, Agent.deactivated_at)
    joined = joined.join(r, r.id == s.saved_report_id).join(Agent, Agent.id == r.agent_id)
    owner = tx.execute(joined.where(s.id == schedule_id)).one()
    language = tx.execute(select(Company.language)).scalar_one() if owner.shared else owner.language
    reader = Actor.system() if owner.shared else Actor.agent(owner.id, Role(owner.role))
    if not owner.shared and not _may_read(owner):
        return _NO_OWNER
    if agent_id is None:
        gone = tx.execute(select(Agent.deactivated_at).where(Agent.email == email)).scalar_one_or_none()
        return _NO_READER if gone is not None else _letter(tx, owner.channel_id, email or "", language, reader)
    agent = tx.execute(
        select(Agent.id, Agent.role, Agent.language, Agent.deactivated_at).where(Agent.id == agent_id)
    ).one()
    if not _may_read(agent):
        return _NO_READER
    reader = Actor.agent(agent.id, Role(agent.role))
    if email is not None:
        return _letter(tx, owner.channel_id, email, agent.language, reader)
    return _talk(tx, agent, reader)


def _may_read(agent: Any) -> bool:
    return agent.deactivated_at is None and allows(Actor.agent(agent.id, Role(agent.role)), Permission.REPORT_READ)


def _letter(tx: Tx, channel_id: int | None, email: str, language: str, reader: Actor) -> Route | str:
    """Through the mailbox of the schedule; a trial of one without is sent through any."""
    known = [key for key, _ in letter_channels(tx)]
    chosen = channel_id if channel_id is not None else next(iter(known), None)
    if chosen not in known:
        return _NO_MAILBOX
    channel = tx.execute(select(Channel.kind, Channel.config).where(Channel.id == chosen)).one()
    return Route(True, chosen or 0, channel.kind, channel.config, email, language, reader)


def _talk(tx: Tx, agent: Any, reader: Actor) -> Route | str:
    account = tx.execute(
        select(Channel.id, Channel.kind, Channel.config, AgentAccount.person)
        .join(Channel, Channel.id == AgentAccount.channel_id)
        .where(AgentAccount.agent_id == agent.id, Channel.removed_at.is_(None))
        .order_by(AgentAccount.linked_at.desc(), AgentAccount.id.desc())
        .limit(1)
    ).one_or_none()
    if account is None:
        return _NO_ACCOUNT
    return Route(False, account.id, account.kind, account.config, account.person, agent.language, reader)
