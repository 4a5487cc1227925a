"""Keeping reports under a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import SavedReport
from inbox.queries.saved_reports import saved_report
from inbox.rules.errors import Invalid, NotAllowed
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, ActorKind, Permission, require
from inbox.rules.saved_reports import PAGES, kept_choices
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What the form sends; `choices` are those of the report's address."""

    name: str
    page: str
    choices: Mapping[str, str]
    shared: bool = False


def save_report(tx: Tx, actor: Actor, draft: ReportDraft) -> int:
    """Keep a report for the actor, or for everybody who may read reports; returns its id. Raises Invalid."""
    require(actor, Permission.REPORT_READ)
    if actor.kind is not ActorKind.AGENT or actor.agent_id is None:
        raise NotAllowed
    values = _checked(tx, actor.agent_id, 0, draft)
    row = {**values, "agent_id": actor.agent_id, "created_at": tx.now}
    report_id = new_id(tx.execute(insert(SavedReport), row))
    record(tx, actor, EventKind.REPORT_SAVED, details={"report_id": report_id, "name": values["name"]})
    return report_id


def change_report(tx: Tx, actor: Actor, report_id: int, draft: ReportDraft) -> None:
    """Change a kept report; raises Invalid, NotFound, and NotAllowed for somebody else's."""
    found = saved_report(tx, actor, report_id)
    if not found.may_change:
        raise NotAllowed
    values = _checked(tx, found.owner_id, report_id, draft)
    tx.execute(update(SavedReport).where(SavedReport.id == report_id).values(values))
    record(tx, actor, EventKind.REPORT_CHANGED, details={"report_id": report_id, "name": values["name"]})


def remove_report(tx: Tx, actor: Actor, report_id: int) -> None:
    """Forget a kept report; raises NotFound, and NotAllowed for somebody else's."""
    found = saved_report(tx, actor, report_id)
    if not found.may_change:
        raise NotAllowed
    tx.execute(delete(SavedReport).where(SavedReport.id == report_id))
    record(tx, actor, EventKind.REPORT_REMOVED, details={"report_id": report_id, "name": found.name})


def _checked(tx: Tx, owner_id: int, report_id: int, draft: ReportDraft) -> dict[str, Any]:
    title = clean_name(draft.name, 80)
    if not title:
        raise Invalid({"name": N_("Write the name of the report.")})
    if draft.page not in PAGES:
        raise Invalid({"name": N_("There is no such report: open one and save it from there.")})
    key = normalise(title)
    taken = select(SavedReport.id).where(
        SavedReport.agent_id == owner_id, SavedReport.name_key == key, SavedReport.id != report_id
    )
    if tx.execute(taken).first() is not None:
        raise Invalid({"name": N_("Another of your reports has this name already.")})
    kept = kept_choices(draft.choices)
    return {"name": title, "name_key": key, "page": draft.page, "query": kept, "shared": draft.shared}
