"""Who may do what: one table of roles and permissions, and the actor that every action and query gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from inbox.rules.errors import NotAllowed


class Role(StrEnum):
    """What an agent is allowed to be."""

    AGENT = "agent"
    MANAGER = "manager"
    ADMIN = "admin"


class Permission(StrEnum):
    """A thing to do, as `noun:verb`."""

    INBOX_READ = "inbox:read"
    CONVERSATION_READ = "conversation:read"
    CONVERSATION_REPLY = "conversation:reply"
    CONVERSATION_ASSIGN = "conversation:assign"
    CONVERSATION_RESOLVE = "conversation:resolve"
    CONVERSATION_TAG = "conversation:tag"
    NOTE_WRITE = "note:write"
    CONTACT_READ = "contact:read"
    CONTACT_EDIT = "contact:edit"
    CONTACT_BLOCK = "contact:block"
    TEMPLATE_OWN = "template:own"
    TEMPLATE_SHARED = "template:shared"
    TAG_MANAGE = "tag:manage"
    LINK_MANAGE = "link:manage"
    REPORT_READ = "report:read"
    REPORT_EXPORT = "report:export"
    AGENT_READ = "agent:read"
    AGENT_MANAGE = "agent:manage"
    CHANNEL_READ = "channel:read"
    CHANNEL_MANAGE = "channel:manage"
    SETTINGS_MANAGE = "settings:manage"
    JOURNAL_READ = "journal:read"
    SELF_EDIT = "self:edit"


class ActorKind(StrEnum):
    """Who acts."""

    AGENT = "agent"
    CONTACT = "contact"
    CHANNEL = "channel"
    SYSTEM = "system"


_AGENT = frozenset(
    {
        Permission.INBOX_READ,
        Permission.CONVERSATION_READ,
        Permission.CONVERSATION_REPLY,
        Permission.CONVERSATION_ASSIGN,
        Permission.CONVERSATION_RESOLVE,
        Permission.CONVERSATION_TAG,
        Permission.NOTE_WRITE,
        Permission.CONTACT_READ,
        Permission.CONTACT_EDIT,
        Permission.TEMPLATE_OWN,
        Permission.AGENT_READ,
        Permission.SELF_EDIT,
    }
)
_MANAGER = _AGENT | {
    Permission.CONTACT_BLOCK,
    Permission.TEMPLATE_SHARED,
    Permission.TAG_MANAGE,
    Permission.LINK_MANAGE,
    Permission.REPORT_READ,
    Permission.REPORT_EXPORT,
    Permission.CHANNEL_READ,
}
_ADMIN = frozenset(Permission)

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.MANAGER: frozenset(_MANAGER),
    Role.ADMIN: _ADMIN,
}

# A platform's or visitor's request may only bring in what its connector parsed; it never reads the inbox.
_BY_KIND: Mapping[ActorKind, frozenset[Permission]] = {
    ActorKind.SYSTEM: frozenset(Permission),
    ActorKind.CHANNEL: frozenset(),
    ActorKind.CONTACT: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does or reads something. `agent_id` and `role` are set for agents, `channel_id` for channels only."""

    kind: ActorKind
    agent_id: int | None = None
    role: Role | None = None
    channel_id: int | None = None
    contact_id: int | None = None

    @classmethod
    def system(cls) -> Actor:
        """The product itself: timers, routing, the command line."""
        return _SYSTEM

    @classmethod
    def agent(cls, agent_id: int, role: Role) -> Actor:
        """A signed-in member of staff."""
        return cls(ActorKind.AGENT, agent_id=agent_id, role=role)

    @classmethod
    def channel(cls, channel_id: int) -> Actor:
        """A platform that brings messages and statuses of one channel."""
        return cls(ActorKind.CHANNEL, channel_id=channel_id)

    @classmethod
    def contact(cls, contact_id: int) -> Actor:
        """A visitor of the site chat."""
        return cls(ActorKind.CONTACT, contact_id=contact_id)


_SYSTEM = Actor(ActorKind.SYSTEM)


def allows(actor: Actor, permission: Permission) -> bool:
    """Whether the table grants this; an agent without a role gets nothing."""
    if actor.kind is ActorKind.AGENT:
        return actor.role is not None and permission in GRANTS[actor.role]
    return permission in _BY_KIND[actor.kind]


def require(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless the table grants this."""
    if not allows(actor, permission):
        raise NotAllowed
