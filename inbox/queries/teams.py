"""Teams, their people and their channels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import Agent, Channel, Team, TeamMember
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class TeamLine:
    """A team with (id, name) of its active members and of its channels."""

    id: int
    name: str
    members: Sequence[tuple[int, str]]
    channels: Sequence[tuple[int, str]]
    own_hours: bool


def team_list(tx: Tx, actor: Actor) -> list[TeamLine]:
    """Every team by name."""
    members: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    people = select(TeamMember.team_id, Agent.id, Agent.name).join(Agent, Agent.id == TeamMember.agent_id)
    for team_id, agent_id, name in tx.execute(people.where(Agent.deactivated_at.is_(None)).order_by(Agent.name)):
        members[team_id].append((agent_id, name))
    channels: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    answered = select(Channel.team_id, Channel.id, Channel.name).where(
        Channel.team_id.is_not(None), Channel.removed_at.is_(None)
    )
    for team_id, channel_id, name in tx.execute(answered.order_by(Channel.name)):
        channels[team_id].append((channel_id, name))
    alive = select(Team.id, Team.name, Team.business_hours_id).where(Team.removed_at.is_(None)).order_by(Team.name_key)
    return [
        TeamLine(row.id, row.name, members[row.id], channels[row.id], row.business_hours_id is not None)
        for row in tx.execute(alive)
    ]


def team_by_id(tx: Tx, actor: Actor, team_id: int) -> TeamLine:
    """One team; raises NotFound."""
    for team in team_list(tx, actor):
        if team.id == team_id:
            return team
    raise NotFound


def team_names(tx: Tx, actor: Actor) -> list[tuple[int, str]]:
    """(id, name) of every team, for choosing one."""
    alive = select(Team.id, Team.name).where(Team.removed_at.is_(None)).order_by(Team.name_key)
    return [(row.id, row.name) for row in tx.execute(alive)]
