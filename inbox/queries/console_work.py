"""What a console's relay has to do next, with everything that it draws."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select

from inbox.models import (
    Agent,
    Channel,
    Company,
    Console,
    ConsolePost,
    ConsoleThread,
    Contact,
    Conversation,
    LeadSource,
)
from inbox.queries.event_log import newest_event_id
from inbox.runtime.database import Tx

RECENT_IDS = 100

_OWED = ("queued", "sending")


@dataclass(frozen=True, slots=True)
class ThreadView:
    """A thread with its dialog: what the platform shows, and what it should."""

    id: int
    conversation_id: int
    thread: str | None
    title: str
    opening: bool
    closed: bool
    pinned: bool
    status: str
    client: str
    contact_id: int
    channel_kind: str
    channel_name: str
    assignee: str | None
    waiting_since: datetime | None
    snoozed_until: datetime | None
    source: str | None
    source_kind: str | None
    phone: str | None
    email: str | None

    @property
    def wanted_title(self) -> str:
        """The name that the thread should have."""
        return f"{self.client or self.contact_id} · {self.channel_name}"


@dataclass(frozen=True, slots=True)
class Voice:
    """The words and the clock of a place that everybody shares."""

    language: str
    time_zone: str


def company_voice(tx: Tx) -> Voice:
    """The company's language and zone."""
    row = tx.execute(select(Company.language, Company.time_zone)).one_or_none()
    return Voice("en", "UTC") if row is None else Voice(*row)


def is_behind(tx: Tx, console_id: int) -> bool:
    """Whether the log has facts that the console has not read."""
    cursor = tx.execute(select(Console.cursor).where(Console.id == console_id)).scalar_one_or_none()
    return cursor is not None and newest_event_id(tx) > cursor


def owed_threads(tx: Tx, console_id: int) -> list[int]:
    """Threads with posts that are owed: first those whose last request has an unknown outcome, then the oldest."""
    first = func.min(ConsolePost.id)
    statement = (
        select(ConsoleThread.id)
        .join(ConsolePost, ConsolePost.console_thread_id == ConsoleThread.id)
        .where(
            ConsoleThread.console_id == console_id,
            ConsoleThread.gone.is_(False),
            ConsolePost.state.in_(_OWED),
        )
        .group_by(ConsoleThread.id)
        .order_by(func.min(case((ConsolePost.state == "sending", 0), else_=1)), first)
        .limit(50)
    )
    return list(tx.execute(statement).scalars())


def owed_count(tx: Tx, console_id: int) -> int:
    """How many posts are owed to the whole group."""
    statement = (
        select(func.count())
        .select_from(ConsolePost)
        .join(ConsoleThread, ConsoleThread.id == ConsolePost.console_thread_id)
        .where(ConsoleThread.console_id == console_id, ConsolePost.state.in_(_OWED))
    )
    return int(tx.execute(statement).scalar_one())


def due_threads(tx: Tx, console_id: int) -> list[int]:
    """Threads in which something may have to be brought in line."""
    due = select(ConsoleThread.id).where(
        ConsoleThread.console_id == console_id, ConsoleThread.due.is_(True), ConsoleThread.gone.is_(False)
    )
    return list(tx.execute(due.order_by(ConsoleThread.id).limit(50)).scalars())


def thread_view(tx: Tx, thread_id: int) -> ThreadView | None:
    """One thread; None when it is not there any more."""
    row = tx.execute(
        select(
            ConsoleThread.id,
            ConsoleThread.conversation_id,
            ConsoleThread.thread,
            ConsoleThread.title,
            ConsoleThread.opening,
            ConsoleThread.closed,
            ConsoleThread.pinned,
            Conversation.status,
            Contact.name,
            Contact.id.label("contact_id"),
            Channel.kind,
            Channel.name.label("channel_name"),
            Agent.name.label("assignee"),
            Conversation.waiting_since,
            Conversation.snoozed_until,
            func.coalesce(func.nullif(LeadSource.label, ""), LeadSource.source),
            LeadSource.kind.label("source_kind"),
            Contact.phone,
            Contact.email,
        )
        .join(Conversation, Conversation.id == ConsoleThread.conversation_id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .join(Channel, Channel.id == Conversation.channel_id)
        .outerjoin(Agent, Agent.id == Conversation.assignee_id)
        .outerjoin(LeadSource, LeadSource.id == Conversation.lead_source_id)
        .where(ConsoleThread.id == thread_id)
    ).one_or_none()
    return None if row is None else ThreadView(*row)


def known_ids(tx: Tx, console_id: int) -> tuple[str, ...]:
    """The newest external ids that are known of the whole group."""
    statement = (
        select(ConsolePost.external_id)
        .join(ConsoleThread, ConsoleThread.id == ConsolePost.console_thread_id)
        .where(ConsoleThread.console_id == console_id, ConsolePost.external_id.is_not(None))
        .order_by(ConsolePost.id.desc())
        .limit(RECENT_IDS)
    )
    threads = (
        select(ConsoleThread.thread)
        .where(ConsoleThread.console_id == console_id, ConsoleThread.thread.is_not(None))
        .order_by(ConsoleThread.id.desc())
        .limit(RECENT_IDS)
    )
    return (*tx.execute(statement).scalars(), *tx.execute(threads).scalars())
