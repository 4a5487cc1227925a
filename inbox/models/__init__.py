"""SQLAlchemy tables. Columns for core facts; no methods that query."""

from __future__ import annotations

from inbox.models.agent import Agent, AgentLink, AgentPresence, AgentSession
from inbox.models.approved_template import ApprovedTemplate
from inbox.models.base import Base, UtcDateTime
from inbox.models.channel import Channel, ChannelLog, Inbound
from inbox.models.company import BusinessDay, BusinessHours, BusinessInterval, Company
from inbox.models.console import (
    AgentAccount,
    Console,
    ConsoleChannel,
    ConsolePost,
    ConsoleThread,
    ConsoleToken,
    Notice,
    NoticeChoice,
)
from inbox.models.contact import Address, Contact, ContactField, ContactFieldValue, Visitor
from inbox.models.conversation import Assignment, Conversation, ConversationTag, Tag
from inbox.models.entry_link import Click, EntryLink
from inbox.models.event import Event, Lease
from inbox.models.lead_source import LeadSource, Touch
from inbox.models.merge import ContactMerge, Distinction, MergedItem
from inbox.models.message import (
    Amendment,
    Attachment,
    Delivery,
    Mention,
    Message,
    MessageCard,
    MessageEnvelope,
    MessagePart,
)
from inbox.models.moment import ConversationMoment
from inbox.models.reply_template import ReplyTemplate, ReplyTemplateFile
from inbox.models.report_column import ReportColumn
from inbox.models.saved_report import ReportDelivery, ReportRecipient, ReportSchedule, SavedReport
from inbox.models.sla import SlaClock, SlaPolicy
from inbox.models.team import Team, TeamMember
from inbox.models.turn import Turn, TurnSegment

__all__ = [
    "Address",
    "Agent",
    "AgentAccount",
    "AgentLink",
    "AgentPresence",
    "AgentSession",
    "Amendment",
    "ApprovedTemplate",
    "Assignment",
    "Attachment",
    "Base",
    "BusinessDay",
    "BusinessHours",
    "BusinessInterval",
    "Channel",
    "ChannelLog",
    "Click",
    "Company",
    "Console",
    "ConsoleChannel",
    "ConsolePost",
    "ConsoleThread",
    "ConsoleToken",
    "Contact",
    "ContactField",
    "ContactFieldValue",
    "ContactMerge",
    "Conversation",
    "ConversationMoment",
    "ConversationTag",
    "Delivery",
    "Distinction",
    "EntryLink",
    "Event",
    "Inbound",
    "LeadSource",
    "Lease",
    "Mention",
    "MergedItem",
    "Message",
    "MessageCard",
    "MessageEnvelope",
    "MessagePart",
    "Notice",
    "NoticeChoice",
    "ReplyTemplate",
    "ReplyTemplateFile",
    "ReportColumn",
    "ReportDelivery",
    "ReportRecipient",
    "ReportSchedule",
    "SavedReport",
    "SlaClock",
    "SlaPolicy",
    "Tag",
    "Team",
    "TeamMember",
    "Touch",
    "Turn",
    "TurnSegment",
    "UtcDateTime",
    "Visitor",
]
