"""Keeping reply templates. Agents own their personal ones, managers the shared ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update

from inbox.actions.events import new_id, record
from inbox.models import ContactField, ReplyTemplate, ReplyTemplateFile
from inbox.rules.buttons import read_buttons
from inbox.rules.errors import Invalid, NotFound
from inbox.rules.events import EventKind
from inbox.rules.names import clean_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.reply_templates import check
from inbox.rules.search_text import normalise
from inbox.rules.texts import N_
from inbox.runtime.blobs import StoredBlob
from inbox.runtime.database import Tx

MAX_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class TemplateDraft:
    """What the form gives; `buttons` are lines as rules/buttons.py reads them, `files` are new ones (blob, name)."""

    title: str
    shortcut: str
    text: str
    personal: bool
    buttons: str = ""
    files: Sequence[tuple[StoredBlob, str]] = ()
    removed_files: Sequence[int] = ()


def save_template(tx: Tx, actor: Actor, template_id: int | None, draft: TemplateDraft) -> int:
    """Add (None) or change a template; returns its id. Raises Invalid with every mistake, NotFound, NotAllowed."""
    if template_id is not None:
        _require_ownership(tx, actor, template_id)
    require(actor, Permission.TEMPLATE_OWN if draft.personal else Permission.TEMPLATE_SHARED)
    values = _checked(tx, actor, template_id, draft)
    if template_id is None:
        template_id = new_id(tx.execute(insert(ReplyTemplate), {**values, "created_at": tx.now}))
        kind = EventKind.TEMPLATE_ADDED
    else:
        tx.execute(update(ReplyTemplate).where(ReplyTemplate.id == template_id).values(values))
        kind = EventKind.TEMPLATE_CHANGED
    if draft.removed_files:
        gone = ReplyTemplateFile.id.in_(list(draft.removed_files))
        tx.execute(delete(ReplyTemplateFile).where(ReplyTemplateFile.reply_template_id == template_id, gone))
    for blob, name in draft.files:
        file = {"name": clean_name(name) or "file", "mime": blob.mime, "kind": blob.kind, "size": blob.size}
        tx.execute(insert(ReplyTemplateFile), {**file, "reply_template_id": template_id, "blob_key": blob.key})
    record(tx, actor, kind, details={"template_id": template_id, "title": values["title"]})
    return template_id


def remove_template(tx: Tx, actor: Actor, template_id: int) -> None:
    """Take a template out of use; messages that were written with it keep pointing to it."""
    _require_ownership(tx, actor, template_id)
    tx.execute(update(ReplyTemplate).where(ReplyTemplate.id == template_id).values(removed_at=tx.now))
    record(tx, actor, EventKind.TEMPLATE_REMOVED, details={"template_id": template_id})


def _require_ownership(tx: Tx, actor: Actor, template_id: int) -> None:
    row = tx.execute(
        select(ReplyTemplate.owner_id).where(ReplyTemplate.id == template_id, ReplyTemplate.removed_at.is_(None))
    ).one_or_none()
    if row is None or (row.owner_id is not None and row.owner_id != actor.agent_id):
        raise NotFound
    require(actor, Permission.TEMPLATE_OWN if row.owner_id is not None else Permission.TEMPLATE_SHARED)


def _checked(tx: Tx, actor: Actor, template_id: int | None, draft: TemplateDraft) -> dict[str, object]:
    title, text = clean_name(draft.title, 120), draft.text.replace("\r\n", "\n").strip()
    shortcut = normalise(draft.shortcut).strip("/").replace(" ", "-")[:40]
    owner_id = actor.agent_id if draft.personal else None
    errors = {}
    if not title:
        errors["title"] = N_("Write a title.")
    if not shortcut:
        errors["shortcut"] = N_("Write what is typed after “/”.")
    elif _taken(tx, shortcut, owner_id, template_id):
        errors["shortcut"] = N_("Another template has this shortcut already.")
    if not text and not draft.files:
        errors["text"] = N_("Write the text.")
    elif len(text) > MAX_TEXT:
        errors["text"] = N_("The text is too long.")
    try:
        read_buttons(draft.buttons)
    except ValueError as mistake:
        raise Invalid({"buttons": N_("This is not a button: {written}")}, {"written": str(mistake)}) from mistake
    problems = () if "text" in errors else check(text, tx.execute(select(ContactField.key)).scalars().all())
    if problems:
        errors["text"] = problems[0].key
    if errors:
        raise Invalid(errors, problems[0].params if problems else None)
    buttons = draft.buttons.replace("\r\n", "\n").strip()
    kept = {"title": title, "shortcut": shortcut, "text": text, "buttons": buttons}
    return {**kept, "owner_id": owner_id, "changed_at": tx.now}


def _taken(tx: Tx, shortcut: str, owner_id: int | None, template_id: int | None) -> bool:
    same = select(ReplyTemplate.id).where(
        ReplyTemplate.shortcut == shortcut,
        ReplyTemplate.removed_at.is_(None),
        ReplyTemplate.owner_id.is_not_distinct_from(owner_id),
        ReplyTemplate.id != (template_id or 0),
    )
    return tx.execute(same).first() is not None
