"""First run: the company, its administrator, the site chat, the starter templates, in one transaction or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from inbox.actions.business_hours import store_schedule
from inbox.actions.channels import add_channel
from inbox.actions.events import new_id, record
from inbox.models import Agent, Company, ReplyTemplate
from inbox.rules.business_hours import Interval
from inbox.rules.errors import Conflict
from inbox.rules.events import EventKind
from inbox.rules.holidays import PRESETS
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Role
from inbox.rules.schedules import Schedule
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Starter:
    """A ready answer of a starter pack."""

    title: str
    shortcut: str
    text: str


@dataclass(frozen=True, slots=True)
class FirstRun:
    """What the set-up page asks. `channel_config` is locked; `weekdays` with minutes since midnight are the hours."""

    company: str
    language: str
    time_zone: str
    name: str
    email: str
    password_hash: str
    channel_kind: str
    channel_name: str
    channel_config: dict[str, Any]
    weekdays: Sequence[int] = ()
    opens_minute: int = 540
    closes_minute: int = 1140
    starters: Sequence[Starter] = ()


def is_set_up(tx: Tx) -> bool:
    """Whether an agent exists: from then on set-up is refused."""
    return tx.execute(select(Agent.id).limit(1)).first() is not None


def set_up(tx: Tx, actor: Actor, run: FirstRun) -> tuple[int, int]:
    """Make everything; returns the ids of the administrator and the channel. Raises Conflict when an agent exists."""
    if is_set_up(tx):
        raise Conflict(N_("This inbox is set up already: sign in."))
    hours_id = _hours(tx, run)
    tx.execute(
        insert(Company),
        {
            "id": 1,
            "name": clean_name(run.company, 80),
            "language": run.language,
            "time_zone": run.time_zone,
            "created_at": tx.now,
            "business_hours_id": hours_id,
        },
    )
    agent_id = new_id(
        tx.execute(
            insert(Agent),
            {
                "email": run.email.strip().lower(),
                "name": clean_name(run.name, 80),
                "role": Role.ADMIN.value,
                "password_hash": run.password_hash,
                "language": run.language,
                "time_zone": run.time_zone,
                "created_at": tx.now,
            },
        )
    )
    admin = Actor.agent(agent_id, Role.ADMIN)
    channel_id = add_channel(tx, admin, run.channel_kind, run.channel_name, run.channel_config)
    for starter in run.starters:
        values = {"title": starter.title, "shortcut": starter.shortcut, "text": starter.text}
        tx.execute(insert(ReplyTemplate), {**values, "created_at": tx.now, "changed_at": tx.now})
    record(tx, admin, EventKind.SETUP_DONE, agent_id=agent_id)
    return agent_id, channel_id


def _hours(tx: Tx, run: FirstRun) -> int | None:
    """The working hours; none when no weekday is chosen: always open."""
    if not run.weekdays:
        return None
    weekly = tuple(Interval(weekday, run.opens_minute, run.closes_minute) for weekday in run.weekdays)
    holidays = run.language if run.language in PRESETS else ""
    return store_schedule(tx, run.company, Schedule(run.time_zone, weekly, holidays))
