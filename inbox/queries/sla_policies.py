"""The company's targets: for the clocks, and in words for their settings page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import Channel, SlaPolicy, Tag, Team
from inbox.rules.errors import NotFound
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.sla import Conditions, Policy
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

_ORDERED = Lean(
    select(
        SlaPolicy.id,
        SlaPolicy.first_response_seconds,
        SlaPolicy.next_response_seconds,
        SlaPolicy.resolution_seconds,
        SlaPolicy.in_hours,
        SlaPolicy.pauses,
        SlaPolicy.channel_id,
        SlaPolicy.team_id,
        SlaPolicy.source_kind,
        SlaPolicy.tag_id,
        SlaPolicy.priority,
    )
    .where(SlaPolicy.removed_at.is_(None))
    .order_by(SlaPolicy.position, SlaPolicy.id)
)


def policies(tx: Tx) -> list[Policy]:
    """Every policy in the order in which they are tried."""
    return [
        Policy(
            id=row.id,
            first_response_seconds=row.first_response_seconds,
            next_response_seconds=row.next_response_seconds,
            resolution_seconds=row.resolution_seconds,
            in_hours=row.in_hours,
            pauses=row.pauses,
            conditions=Conditions(row.channel_id, row.team_id, row.source_kind, row.tag_id, row.priority),
        )
        for row in _ORDERED.rows(tx, {})
    ]


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """A policy with the names of what its conditions point to (None: any)."""

    policy: Policy
    name: str
    channel: str | None
    team: str | None
    tag: str | None


def policy_list(tx: Tx, actor: Actor) -> list[PolicyLine]:
    """Every policy in its order, in words."""
    require(actor, Permission.SETTINGS_MANAGE)
    named = (
        select(SlaPolicy.id, SlaPolicy.name, Channel.name, Team.name, Tag.name)
        .outerjoin(Channel, Channel.id == SlaPolicy.channel_id)
        .outerjoin(Team, Team.id == SlaPolicy.team_id)
        .outerjoin(Tag, Tag.id == SlaPolicy.tag_id)
        .where(SlaPolicy.removed_at.is_(None))
    )
    names = {row[0]: row[1:] for row in tx.execute(named)}
    return [PolicyLine(policy, *names[policy.id]) for policy in policies(tx)]


def policy_line(tx: Tx, actor: Actor, policy_id: int) -> PolicyLine:
    """One policy; raises NotFound."""
    for line in policy_list(tx, actor):
        if line.policy.id == policy_id:
            return line
    raise NotFound
