"""Teams: who answers which channels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from inbox.actions.assign import drain
from inbox.actions.events import new_id, record
from inbox.actions.sla_clocks import counting_clocks
from inbox.models import Agent, Channel, SlaPolicy, Team, TeamMember
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class TeamDraft:
    """What the form sends. A channel is answered by one team; without any, everybody answers it."""

    name: str
    members: Collection[int] = ()
    channels: Collection[int] = ()


def add_team(tx: Tx, actor: Actor, draft: TeamDraft) -> int:
    """Make a team; returns its id. Raises Invalid."""
    require(actor, Permission.SETTINGS_MANAGE)
    named = _named(tx, 0, draft.name)
    team_id = new_id(tx.execute(insert(Team), {**named, "created_at": tx.now}))
    _fill(tx, team_id, draft)
    record(tx, actor, EventKind.TEAM_ADDED, details={"team_id": team_id, "name": named["name"]})
    drain(tx, Actor.system())
    return team_id


def change_team(tx: Tx, actor: Actor, team_id: int, draft: TeamDraft) -> None:
    """Rename a team and choose its people and channels anew; raises Invalid and NotFound. Given dialogs stay given."""
    require(actor, Permission.SETTINGS_MANAGE)
    named = _named(tx, team_id, draft.name)
    if not tx.execute(update(Team).where(Team.id == team_id, Team.removed_at.is_(None)).values(named)).rowcount:
        raise NotFound
    _fill(tx, team_id, draft)
    record(tx, actor, EventKind.TEAM_CHANGED, details={"team_id": team_id, "name": named["name"]})
    drain(tx, Actor.system())


def remove_team(tx: Tx, actor: Actor, team_id: int) -> None:
    """Dissolve a team: everybody answers its channels again, and targets that named it end with it."""
    require(actor, Permission.SETTINGS_MANAGE)
    gone = update(Team).where(Team.id == team_id, Team.removed_at.is_(None)).values(removed_at=tx.now)
    if not tx.execute(gone).rowcount:
        raise NotFound
    _fill(tx, team_id, TeamDraft(""))
    named = update(SlaPolicy).where(SlaPolicy.team_id == team_id, SlaPolicy.removed_at.is_(None))
    tx.execute(named.values(removed_at=tx.now))
    record(tx, actor, EventKind.TEAM_REMOVED, details={"team_id": team_id})
    drain(tx, Actor.system())


def _named(tx: Tx, team_id: int, name: str) -> dict[str, str]:
    title = clean_name(name, 80)
    if not title:
        raise Invalid({"name": N_("Write the name of the team.")})
    taken = select(Team.id).where(Team.name_key == normalise(title), Team.id != team_id, Team.removed_at.is_(None))
    if tx.execute(taken).first() is not None:
        raise Invalid({"name": N_("Another team has this name already.")})
    return {"name": title, "name_key": normalise(title)}


def _fill(tx: Tx, team_id: int, draft: TeamDraft) -> None:
    """Members who exist and channels that exist; anything else that a form may name is left out."""
    tx.execute(delete(TeamMember).where(TeamMember.team_id == team_id))
    people = select(Agent.id).where(Agent.id.in_(sorted(draft.members)))
    for agent_id in tx.execute(people).scalars().all():
        tx.execute(insert(TeamMember), {"team_id": team_id, "agent_id": agent_id})
    # A channel goes by the hours of its team.
    with counting_clocks(tx):
        tx.execute(update(Channel).where(Channel.team_id == team_id).values(team_id=None))
        tx.execute(update(Channel).where(Channel.id.in_(sorted(draft.channels))).values(team_id=team_id))
