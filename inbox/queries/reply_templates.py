"""Reply templates: the list, and offers for the composer with their variables filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from inbox.models import Agent, Company, Contact, ContactField, ContactFieldValue, ReplyTemplate, ReplyTemplateFile
from inbox.queries.access import conversation_state
from inbox.rules.errors import NotFound
from inbox.rules.names import first_name
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.reply_templates import Part, Problem, check, expand
from inbox.rules.search_text import normalise, other_layout
from inbox.runtime.database import Tx
from inbox.runtime.phones import format_phone

OFFERS = 8


@dataclass(frozen=True, slots=True)
class TemplateFile:
    """A file that goes out with a template."""

    id: int
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class TemplateLine:
    """A template in the list."""

    id: int
    title: str
    shortcut: str
    text: str
    buttons: str
    personal: bool
    used_count: int
    used_at: datetime | None
    files: tuple[TemplateFile, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A template for one dialog: text in parts (given, filled, missing)."""

    id: int
    title: str
    shortcut: str
    personal: bool
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    files: int


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as it would go out: to a client with a full card, and to one about whom nothing is known."""

    known: tuple[Part, ...]
    unknown: tuple[Part, ...]
    problems: tuple[Problem, ...]

    @property
    def differs(self) -> bool:
        """Whether the two clients get different texts."""
        return self.known != self.unknown


def template_list(tx: Tx, actor: Actor) -> list[TemplateLine]:
    """Everybody's templates and the actor's own, the most used first."""
    template = ReplyTemplate
    statement = (
        select(template.__table__)
        .where(template.removed_at.is_(None), or_(template.owner_id.is_(None), template.owner_id == actor.agent_id))
        .order_by(template.used_count.desc(), template.title)
    )
    files = _files(tx)
    return [
        TemplateLine(
            row.id,
            row.title,
            row.shortcut,
            row.text,
            row.buttons,
            row.owner_id is not None,
            row.used_count,
            row.used_at,
            files.get(row.id, ()),
        )
        for row in tx.execute(statement)
    ]


def template_by_id(tx: Tx, actor: Actor, template_id: int) -> TemplateLine:
    """One template that the actor may use; raises NotFound."""
    for line in template_list(tx, actor):
        if line.id == template_id:
            return line
    raise NotFound


def template_offers(tx: Tx, actor: Actor, conversation_id: int, typed: str) -> list[Offer]:
    """Templates whose shortcut or title fits what was typed after "/", also in the wrong keyboard layout."""
    require(actor, Permission.CONVERSATION_REPLY)
    values = template_values(tx, actor, conversation_id)
    lines = template_list(tx, actor)
    found = _fitting(lines, typed) or _fitting(lines, other_layout(typed))
    offers = []
    for line in found[:OFFERS]:
        made = expand(line.text, values)
        offers.append(
            Offer(line.id, line.title, line.shortcut, line.personal, made.parts, made.missing, len(line.files))
        )
    return offers


def template_preview(tx: Tx, actor: Actor, text: str, sample: Mapping[str, str]) -> Preview:
    """What a text that is being written would become; `sample` is the card of a client who does not exist."""
    require(actor, Permission.TEMPLATE_OWN)
    fields = {row.key: row.label for row in tx.execute(select(ContactField.key, ContactField.label))}
    own = {"company": tx.execute(select(Company.name)).scalar_one_or_none() or "", **_agent_values(tx, actor)}
    full = own | {f"contact.{key}": label for key, label in fields.items()} | dict(sample)
    return Preview(expand(text, full).parts, expand(text, own).parts, check(text, fields))


def template_values(tx: Tx, actor: Actor, conversation_id: int) -> Mapping[str, str]:
    """What the variables mean in this dialog, for this agent. Unknown values are left out."""
    state = conversation_state(tx, actor, conversation_id)
    contact = tx.execute(select(Contact.name, Contact.phone, Contact.email).where(Contact.id == state.contact_id)).one()
    values = {
        "contact.name": contact.name,
        "contact.first_name": first_name(contact.name),
        "contact.phone": format_phone(contact.phone) if contact.phone else "",
        "contact.email": contact.email or "",
        "company": tx.execute(select(Company.name)).scalar_one_or_none() or "",
    }
    own = (
        select(ContactField.key, ContactFieldValue.value)
        .join(ContactFieldValue, ContactFieldValue.contact_field_id == ContactField.id)
        .where(ContactFieldValue.contact_id == state.contact_id)
    )
    values.update({f"contact.{key}": value for key, value in tx.execute(own)})
    values |= _agent_values(tx, actor)
    return {name: value for name, value in values.items() if value}


def _agent_values(tx: Tx, actor: Actor) -> dict[str, str]:
    name = tx.execute(select(Agent.name).where(Agent.id == actor.agent_id)).scalar_one_or_none()
    return {} if name is None else {"agent.name": name, "agent.first_name": first_name(name)}


def _fitting(lines: list[TemplateLine], typed: str) -> list[TemplateLine]:
    wanted = normalise(typed)
    begins = [line for line in lines if normalise(line.shortcut).startswith(wanted)]
    holds = [
        line
        for line in lines
        if line not in begins and wanted in f"{normalise(line.title)}\n{normalise(line.shortcut)}"
    ]
    return begins + holds


def _files(tx: Tx) -> dict[int, tuple[TemplateFile, ...]]:
    found: dict[int, tuple[TemplateFile, ...]] = {}
    file = ReplyTemplateFile
    for row in tx.execute(select(file.reply_template_id, file.id, file.name, file.size).order_by(file.id)):
        found[row.reply_template_id] = (*found.get(row.reply_template_id, ()), TemplateFile(row.id, row.name, row.size))
    return found


def template_count(tx: Tx) -> int:
    """How many templates are in use."""
    return int(tx.execute(select(func.count()).where(ReplyTemplate.removed_at.is_(None))).scalar_one())
