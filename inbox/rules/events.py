"""The names of facts. One list for the outbox, the audit and the screens: a fact that is not here did not happen."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """A fact, as `noun.past_tense` of what it changed."""

    MESSAGE_RECEIVED = "message.received"
    MESSAGE_REPLIED = "message.replied"
    MESSAGE_NOTED = "message.noted"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_DELETED = "message.deleted"
    MESSAGE_JOINED = "message.joined"
    MESSAGE_REACTED = "message.reacted"
    MESSAGE_AUTOMATIC = "message.automatic"
    MESSAGE_ECHOED = "message.echoed"
    DELIVERY_CHANGED = "delivery.changed"
    AMENDMENT_CHANGED = "amendment.changed"
    ATTACHMENT_READY = "attachment.ready"
    ATTACHMENT_FAILED = "attachment.failed"

    CONVERSATION_OPENED = "conversation.opened"
    CONVERSATION_REOPENED = "conversation.reopened"
    CONVERSATION_ASSIGNED = "conversation.assigned"
    CONVERSATION_UNASSIGNED = "conversation.unassigned"
    CONVERSATION_SNOOZED = "conversation.snoozed"
    CONVERSATION_UNSNOOZED = "conversation.unsnoozed"
    CONVERSATION_RESOLVED = "conversation.resolved"
    CONVERSATION_DISMISSED = "conversation.dismissed"
    CONVERSATION_MOVED = "conversation.moved"
    CONVERSATION_TAGGED = "conversation.tagged"
    CONVERSATION_UNTAGGED = "conversation.untagged"
    CONVERSATION_READ = "conversation.read"
    CONVERSATION_ATTRIBUTED = "conversation.attributed"

    CONTACT_CHANGED = "contact.changed"
    CONTACT_PAGE = "contact.page"
    CONTACT_PRESENCE = "contact.presence"
    CONTACT_IDENTIFIED = "contact.identified"
    CONTACT_STOPPED = "contact.stopped"
    CONTACT_RETURNED = "contact.returned"
    CONTACT_BLOCKED = "contact.blocked"
    CONTACT_UNBLOCKED = "contact.unblocked"

    AGENT_INVITED = "agent.invited"
    AGENT_JOINED = "agent.joined"
    AGENT_CHANGED = "agent.changed"
    AGENT_PRESENCE = "agent.presence"
    AGENT_MENTIONED = "agent.mentioned"
    AGENT_DEACTIVATED = "agent.deactivated"
    AGENT_REACTIVATED = "agent.reactivated"
    AGENT_LINK_MADE = "agent.link_made"
    AGENT_PASSWORD_SET = "agent.password_set"  # noqa: S105 - the name of a fact

    SESSION_STARTED = "session.started"
    SESSION_ENDED = "session.ended"
    SESSION_REVOKED = "session.revoked"
    SESSION_REFUSED = "session.refused"

    CHANNEL_ADDED = "channel.added"
    CHANNEL_CHANGED = "channel.changed"
    CHANNEL_REMOVED = "channel.removed"
    INBOUND_FAILED = "inbound.failed"
    INBOUND_REPLAYED = "inbound.replayed"

    LINK_ADDED = "link.added"
    LINK_REMOVED = "link.removed"

    CONSOLE_CHANGED = "console.changed"
    CONSOLE_REMOVED = "console.removed"
    ACCOUNT_LINKED = "account.linked"
    ACCOUNT_UNLINKED = "account.unlinked"

    TEMPLATE_ADDED = "template.added"
    TEMPLATE_CHANGED = "template.changed"
    TEMPLATE_REMOVED = "template.removed"
    SOURCE_ADDED = "source.added"
    TAG_ADDED = "tag.added"
    TAG_CHANGED = "tag.changed"
    TAG_REMOVED = "tag.removed"
    FIELD_CHANGED = "field.changed"
    HOURS_CHANGED = "hours.changed"
    SETTINGS_CHANGED = "settings.changed"
    SETUP_DONE = "setup.done"
    REPORT_EXPORTED = "report.exported"
