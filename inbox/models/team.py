"""Groups of agents: who answers the channels that are given to them, and when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index

from inbox.models.base import Base, Mapped, mapped_column, partial_index

_ALIVE = "removed_at IS NULL"


class Team(Base):
    """A named group. `name_key` is the normalised name, unique among teams that exist; old reports keep the others."""

    __tablename__ = "team"
    __table_args__ = (partial_index("uq_team_name_key", _ALIVE, "name_key", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_key: Mapped[str]
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class TeamMember(Base):
    """An agent in a team; one may be in several."""

    __tablename__ = "team_member"
    __table_args__ = (Index("ix_team_member_agent_id", "agent_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"), primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True)
