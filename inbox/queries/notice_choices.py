"""What agents want to be told in a messenger, and whose account is linked where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from inbox.models import AgentAccount, Channel, NoticeChoice
from inbox.rules.permissions import Actor, Permission, require
from inbox.runtime.database import Tx


@dataclass(frozen=True, slots=True)
class Choices:
    """One agent's choices; minutes since local midnight. Without both ends of the quiet hours it is never quiet."""

    new_dialog: bool = True
    waiting: bool = True
    digest: bool = True
    digest_minute: int = 9 * 60
    quiet_from: int | None = 22 * 60
    quiet_to: int | None = 8 * 60


DEFAULT = Choices()


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """A channel on which the agent can be reached; `account` is None while nothing is linked."""

    channel_id: int
    channel_kind: str
    channel_name: str
    account: str | None
    linked_at: datetime | None


def notice_choices(tx: Tx, agent_id: int) -> Choices:
    """What an agent chose, or the defaults."""
    columns = [getattr(NoticeChoice, name) for name in Choices.__dataclass_fields__]
    row = tx.execute(select(*columns).where(NoticeChoice.agent_id == agent_id)).one_or_none()
    return DEFAULT if row is None else Choices(*row)


def own_accounts(tx: Tx, actor: Actor, kinds: tuple[str, ...]) -> list[OwnAccount]:
    """The connected channels of these kinds, with the actor's own account on each."""
    require(actor, Permission.SELF_EDIT)
    mine = (AgentAccount.channel_id == Channel.id) & (AgentAccount.agent_id == actor.agent_id)
    rows = tx.execute(
        select(Channel.id, Channel.kind, Channel.name, AgentAccount.name.label("account"), AgentAccount.linked_at)
        .outerjoin(AgentAccount, mine)
        .where(Channel.removed_at.is_(None), Channel.kind.in_(kinds))
        .order_by(Channel.id)
    )
    return [OwnAccount(*row) for row in rows]
