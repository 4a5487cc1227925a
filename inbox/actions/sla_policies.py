"""Keeping the company's targets. A change touches only what begins later: clocks carry the words they began with."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import func, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import Channel, SlaPolicy, Tag, Team
from inbox.rules.attribution import LeadKind
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.sla import Conditions, Priority
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

# The least and the most of a target in seconds: ten seconds, and a quarter of a year.
_LEAST, _MOST = 10, 90 * 86_400
_TARGETS = ("first_response_seconds", "next_response_seconds", "resolution_seconds")
_ALIVE = SlaPolicy.removed_at.is_(None)


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """What the form sends; targets in seconds, None for none."""

    name: str
    first_response_seconds: int | None
    next_response_seconds: int | None
    resolution_seconds: int | None
    in_hours: bool = True
    pauses: bool = True
    conditions: Conditions = field(default_factory=Conditions)


def add_policy(tx: Tx, actor: Actor, draft: PolicyDraft) -> int:
    """Add a policy after the others; returns its id. Raises Invalid."""
    require(actor, Permission.SETTINGS_MANAGE)
    values = _checked(tx, draft)
    last = tx.execute(select(func.coalesce(func.max(SlaPolicy.position), 0)).where(_ALIVE)).scalar_one()
    policy_id = new_id(tx.execute(insert(SlaPolicy), {**values, "position": last + 1, "created_at": tx.now}))
    record(tx, actor, EventKind.POLICY_ADDED, details={"policy_id": policy_id, "name": values["name"]})
    return policy_id


def change_policy(tx: Tx, actor: Actor, policy_id: int, draft: PolicyDraft) -> None:
    """Change a policy; raises Invalid and NotFound."""
    require(actor, Permission.SETTINGS_MANAGE)
    values = _checked(tx, draft)
    if not tx.execute(update(SlaPolicy).where(SlaPolicy.id == policy_id, _ALIVE).values(values)).rowcount:
        raise NotFound
    record(tx, actor, EventKind.POLICY_CHANGED, details={"policy_id": policy_id, "name": values["name"]})


def move_policy(tx: Tx, actor: Actor, policy_id: int, *, up: bool) -> None:
    """Try a policy one place earlier or later; at the end nothing changes. Raises NotFound."""
    require(actor, Permission.SETTINGS_MANAGE)
    ordered = list(tx.execute(select(SlaPolicy.id).where(_ALIVE).order_by(SlaPolicy.position, SlaPolicy.id)).scalars())
    if policy_id not in ordered:
        raise NotFound
    place = ordered.index(policy_id)
    ordered.insert(max(0, place + (-1 if up else 1)), ordered.pop(place))
    for position, key in enumerate(ordered, start=1):
        tx.execute(update(SlaPolicy).where(SlaPolicy.id == key).values(position=position))
    record(tx, actor, EventKind.POLICY_CHANGED, details={"policy_id": policy_id, "position": ordered.index(policy_id)})


def remove_policy(tx: Tx, actor: Actor, policy_id: int) -> None:
    """End a policy. Clocks that run by it go on."""
    require(actor, Permission.SETTINGS_MANAGE)
    gone = update(SlaPolicy).where(SlaPolicy.id == policy_id, _ALIVE).values(removed_at=tx.now)
    if not tx.execute(gone).rowcount:
        raise NotFound
    record(tx, actor, EventKind.POLICY_REMOVED, details={"policy_id": policy_id})


def _checked(tx: Tx, draft: PolicyDraft) -> dict[str, Any]:
    errors, wanted = {}, draft.conditions
    title = clean_name(draft.name, 80)
    if not title:
        errors["name"] = N_("Give the target a name.")
    targets = {name: getattr(draft, name) for name in _TARGETS}
    for name, value in targets.items():
        if value is not None and not _LEAST <= value <= _MOST:
            errors[name] = N_("From 10 seconds to 90 days.")
    if all(value is None for value in targets.values()):
        errors["first_response_seconds"] = N_("Write at least one target.")
    known = {
        "channel_id": select(Channel.id).where(Channel.id == wanted.channel_id, Channel.removed_at.is_(None)),
        "team_id": select(Team.id).where(Team.id == wanted.team_id, Team.removed_at.is_(None)),
        "tag_id": select(Tag.id).where(Tag.id == wanted.tag_id),
    }
    for name, statement in known.items():
        if getattr(wanted, name) is not None and tx.execute(statement).first() is None:
            errors[name] = N_("This is no longer here: choose another.")
    if wanted.source_kind is not None and wanted.source_kind not in set(LeadKind):
        errors["source_kind"] = N_("This is no longer here: choose another.")
    if wanted.priority is not None and wanted.priority not in set(Priority):
        errors["priority"] = N_("This is no longer here: choose another.")
    if errors:
        raise Invalid(errors)
    return {"name": title, **targets, "in_hours": draft.in_hours, "pauses": draft.pauses, **asdict(wanted)}
