"""The company's settings: name, language, zone, how dialogs are given out, targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from sqlalchemy import select, update

from inbox.actions.assign import drain
from inbox.actions.business_hours import move_hours
from inbox.actions.events import record
from inbox.actions.roll_up import forget_all
from inbox.actions.sla_clocks import counting_clocks
from inbox.models import Company
from inbox.rules.assignment import Mode
from inbox.rules.errors import Invalid
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.texts import N_
from inbox.runtime.database import Tx

# The least and the most; targets and windows in seconds.
_BOUNDS = {
    "capacity": (1, 1000),
    "first_response_target_seconds": (10, 864_000),
    "next_response_target_seconds": (10, 864_000),
    "reopen_window_seconds": (0, 31_536_000),
}
_WORDS = frozenset({"name", "language", "time_zone", "assignment_mode", "asks_rating"})


def change_company(tx: Tx, actor: Actor, values: Mapping[str, Any]) -> None:
    """Change some of the settings; raises Invalid with every mistake. Waits that ended keep their numbers."""
    require(actor, Permission.SETTINGS_MANAGE)
    wanted = {name: value for name, value in values.items() if name in _WORDS or name in _BOUNDS}
    if "name" in wanted:
        wanted["name"] = clean_name(wanted["name"], 80)
    errors = _mistakes(wanted)
    if errors:
        raise Invalid(errors)
    before = tx.execute(select(Company.time_zone)).scalar_one()
    tx.execute(update(Company).values(**wanted))
    if wanted.get("time_zone", before) != before:
        with counting_clocks(tx):
            move_hours(tx, before, wanted["time_zone"])
        forget_all(tx)
    record(tx, actor, EventKind.SETTINGS_CHANGED, details={"changed": sorted(wanted)})
    # A larger capacity or another mode may free somebody for clients who wait.
    drain(tx, Actor.system())


def _mistakes(wanted: Mapping[str, Any]) -> dict[str, str]:
    errors = {}
    for name, (least, most) in _BOUNDS.items():
        if name in wanted and not least <= wanted[name] <= most:
            errors[name] = N_("This number is out of range.")
    if "name" in wanted and not wanted["name"]:
        errors["name"] = N_("Fill this in.")
    if "language" in wanted and not wanted["language"]:
        errors["language"] = N_("Choose a language.")
    if "time_zone" in wanted and wanted["time_zone"] not in available_timezones():
        errors["time_zone"] = N_("Choose a time zone.")
    if "assignment_mode" in wanted and wanted["assignment_mode"] not in set(Mode):
        errors["assignment_mode"] = N_("Choose how dialogs are given out.")
    return errors
