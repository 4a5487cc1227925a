"""Days that differ, shifts, teams, priorities, the switches of a wait's length, and targets with their clocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NOW = sa.text("stopped_at IS NULL")
_NEXT = sa.text("next_at IS NOT NULL")
_DUE = sa.text("due_at IS NOT NULL")
_ALIVE = sa.text("removed_at IS NULL")


def upgrade() -> None:
    _create_hours_and_teams()
    _create_targets()
    op.add_column("conversation", sa.Column("priority", sa.String(), server_default="normal", nullable=False))
    op.add_column("conversation", sa.Column("started_by_us", sa.Boolean(), server_default="0", nullable=False))
    op.add_column("conversation", sa.Column("due_at", sa.BigInteger(), nullable=True))
    op.create_index("ix_conversation_due", "conversation", ["due_at", "id"], sqlite_where=_DUE, postgresql_where=_DUE)
    _extend_turns()


def _create_hours_and_teams() -> None:
    op.add_column("business_hours", sa.Column("holidays", sa.String(), server_default="", nullable=False))
    op.create_table(
        "business_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_hours_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=True),
        sa.Column("closes_minute", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("closes_minute > opens_minute", name=op.f("ck_business_day_order")),
        sa.ForeignKeyConstraint(
            ["business_hours_id"],
            ["business_hours.id"],
            name=op.f("fk_business_day_business_hours_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_day")),
    )
    op.create_index("ix_business_day_business_hours_id", "business_day", ["business_hours_id", "day"])
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("business_hours_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["business_hours_id"], ["business_hours.id"], name=op.f("fk_team_business_hours_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index(
        "uq_team_name_key", "team", ["name_key"], unique=True, sqlite_where=_ALIVE, postgresql_where=_ALIVE
    )
    op.create_table(
        "team_member",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_team_member_team_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_team_member_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("team_id", "agent_id", name=op.f("pk_team_member")),
    )
    op.create_index("ix_team_member_agent_id", "team_member", ["agent_id"])
    _point("channel", "team_id", "team")
    _point("agent", "business_hours_id", "business_hours")


def _create_targets() -> None:
    op.create_table(
        "sla_policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(f"{kind}_seconds", sa.Integer()) for kind in ("first_response", "next_response", "resolution")),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("pauses", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=True) for name in ("channel_id", "team_id", "tag_id")),
        sa.Column("source_kind", sa.String(), nullable=True),
        sa.Column("priority", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_sla_policy_channel_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_sla_policy_team_id")),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_sla_policy_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_policy")),
    )
    op.create_table(
        "sla_clock",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("sla_policy_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target_seconds", sa.Integer(), nullable=False),
        sa.Column("in_hours", sa.Boolean(), nullable=False),
        sa.Column("pauses", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("spent_seconds", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=True) for name in ("running_since", "due_at", "next_at")),
        sa.Column("warned_percent", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("breached_at", sa.BigInteger(), nullable=True),
        sa.Column("breached_agent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["sla_policy_id"], ["sla_policy.id"], name=op.f("fk_sla_clock_sla_policy_id")),
        sa.ForeignKeyConstraint(["breached_agent_id"], ["agent.id"], name=op.f("fk_sla_clock_breached_agent_id")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_sla_clock_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sla_clock")),
    )
    op.create_index(
        "uq_sla_clock_running",
        "sla_clock",
        ["conversation_id", "kind"],
        unique=True,
        sqlite_where=_NOW,
        postgresql_where=_NOW,
    )
    op.create_index("ix_sla_clock_next", "sla_clock", ["next_at", "id"], sqlite_where=_NEXT, postgresql_where=_NEXT)
    op.create_index("ix_sla_clock_breached_at", "sla_clock", ["breached_at", "id"])
    op.create_index("ix_sla_clock_conversation_id", "sla_clock", ["conversation_id", "id"])


def _extend_turns() -> None:
    for name in ("shift_seconds", "last_clock_seconds", "last_business_seconds", "last_shift_seconds"):
        op.add_column("turn", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("turn", sa.Column("started_by_us", sa.Boolean(), server_default="0", nullable=False))
    for name in ("clock", "business", "shift"):
        op.add_column("turn_segment", sa.Column(f"{name}_seconds", sa.Integer(), nullable=True))
        op.add_column("turn_segment", sa.Column(f"last_{name}_seconds", sa.Integer(), nullable=True))
    _point("turn", "team_id", "team")
    _point("turn", "business_hours_id", "business_hours")
    _point("turn_segment", "business_hours_id", "business_hours")


def _point(table: str, name: str, to: str) -> None:
    """Add a column that points to another table; inline, as SQLite cannot add the constraint by itself."""
    key = sa.ForeignKey(f"{to}.id", name=op.f(f"fk_{table}_{name}"))
    op.add_column(table, sa.Column(name, sa.Integer(), key, nullable=True), inline_references=True)
