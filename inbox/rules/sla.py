"""Targets: which policy a dialog falls under, and when its clocks reach 50, 80 and 100 percent.

A clock is a sum of running stretches. It runs while the dialog is open, and counts either every second or working time
only; a snoozed dialog's clock stands when the policy says so. Answering at the deadline itself is in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from inbox.rules import business_hours
from inbox.rules.business_hours import Hours
from inbox.rules.lifecycle import Status
from inbox.rules.texts import N_

THRESHOLDS: Final = (50, 80, 100)
BREACH: Final = 100


class Kind(StrEnum):
    """What a target is for."""

    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


RESPONSES: Final = (Kind.FIRST_RESPONSE, Kind.NEXT_RESPONSE)


class Priority(StrEnum):
    """How urgent a dialog is, as an agent sees it."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


PRIORITY_WORDS: Final[Mapping[str, str]] = {
    Priority.URGENT: N_("Urgent"),
    Priority.HIGH: N_("High priority"),
    Priority.NORMAL: N_("Normal priority"),
    Priority.LOW: N_("Low priority"),
}
KIND_WORDS: Final[Mapping[str, str]] = {
    Kind.FIRST_RESPONSE: N_("First response"),
    Kind.NEXT_RESPONSE: N_("Next response"),
    Kind.RESOLUTION: N_("Resolution"),
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Which dialogs a policy is for; None is any."""

    channel_id: int | None = None
    team_id: int | None = None
    source_kind: str | None = None
    tag_id: int | None = None
    priority: str | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Targets in seconds (None: none) for the dialogs that fit."""

    id: int
    first_response_seconds: int | None
    next_response_seconds: int | None
    resolution_seconds: int | None
    in_hours: bool
    pauses: bool
    conditions: Conditions

    def target(self, kind: Kind) -> int | None:
        """The target of a kind."""
        return {
            Kind.FIRST_RESPONSE: self.first_response_seconds,
            Kind.NEXT_RESPONSE: self.next_response_seconds,
            Kind.RESOLUTION: self.resolution_seconds,
        }[kind]


@dataclass(frozen=True, slots=True)
class Dialog:
    """What a policy is chosen by."""

    channel_id: int
    team_id: int | None
    source_kind: str | None
    priority: str
    tags: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class DialogFacts:
    """What a policy is chosen by, and which clocks the dialog is due."""

    dialog: Dialog
    status: str
    waiting_since: datetime | None
    turn_count: int
    begun_at: datetime


def choose_policy(policies: Iterable[Policy], dialog: Dialog) -> Policy | None:
    """The first of the policies, in the order of the settings, whose conditions all hold."""
    return next((policy for policy in policies if _fits(policy.conditions, dialog)), None)


def _fits(wanted: Conditions, dialog: Dialog) -> bool:
    return (
        wanted.channel_id in (None, dialog.channel_id)
        and wanted.team_id in (None, dialog.team_id)
        and wanted.source_kind in (None, dialog.source_kind)
        and wanted.priority in (None, dialog.priority)
        and (wanted.tag_id is None or wanted.tag_id in dialog.tags)
    )


def wanted_kinds(facts: DialogFacts) -> Iterator[tuple[Kind, datetime]]:
    """The clocks that a dialog is due, each with the moment from which it counts. A reopened dialog begins anew."""
    if facts.waiting_since is not None:
        yield Kind.FIRST_RESPONSE if facts.turn_count <= 1 else Kind.NEXT_RESPONSE, facts.waiting_since
    if facts.status != Status.RESOLVED:
        yield Kind.RESOLUTION, facts.begun_at


@dataclass(frozen=True, slots=True)
class Clock:
    """One target of one dialog. `spent_seconds` are those before `running_since` (None: it stands)."""

    target_seconds: int
    spent_seconds: int = 0
    running_since: datetime | None = None
    warned_percent: int = 0


def spent(clock: Clock, hours: Hours | None, now: datetime) -> int:
    """The seconds that count by now. Hours of None count them all."""
    if clock.running_since is None:
        return clock.spent_seconds
    return clock.spent_seconds + _seconds(hours, clock.running_since, now)


def reached_at(clock: Clock, hours: Hours | None, percent: int) -> datetime | None:
    """When a running clock reaches a share of its target; None while it stands, or when nobody works any more."""
    if clock.running_since is None:
        return None
    left = max(0, clock.target_seconds * percent // 100 - clock.spent_seconds)
    if hours is None:
        return clock.running_since + timedelta(seconds=left)
    return business_hours.deadline(hours, clock.running_since, left)


def next_threshold(clock: Clock) -> int | None:
    """The next percentage that somebody is to hear of; None after the breach."""
    return next((percent for percent in THRESHOLDS if percent > clock.warned_percent), None)


def next_at(clock: Clock, hours: Hours | None) -> datetime | None:
    """When the next threshold is reached."""
    percent = next_threshold(clock)
    return None if percent is None else reached_at(clock, hours, percent)


def passed(clock: Clock, hours: Hours | None, now: datetime) -> int:
    """The highest threshold that is reached and was not told yet; 0 for none."""
    if clock.running_since is None:
        return 0
    moments = {percent: reached_at(clock, hours, percent) for percent in THRESHOLDS if percent > clock.warned_percent}
    return max((percent for percent, moment in moments.items() if moment is not None and moment <= now), default=0)


def pause(clock: Clock, hours: Hours | None, now: datetime) -> Clock:
    """Let a clock stand."""
    return replace(clock, spent_seconds=spent(clock, hours, now), running_since=None)


def resume(clock: Clock, now: datetime) -> Clock:
    """Let a clock run on."""
    return clock if clock.running_since is not None else replace(clock, running_since=now)


def _seconds(hours: Hours | None, start: datetime, end: datetime) -> int:
    if hours is not None:
        return business_hours.seconds_between(hours, start, end)
    return max(0, (end - start) // timedelta(seconds=1))
