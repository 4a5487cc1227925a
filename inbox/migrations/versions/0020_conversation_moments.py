"""Keep every time a dialog was begun, resolved or opened again; the roll-up of the reports is filled anew, by more axes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What an older version knows: dialogs with what they came from and whom they were given to first (one that a machine
# began and nobody ever wrote to was no work), and the log of facts with who held the dialog then. A dialog's team is
# that of its first wait, else its channel's.
_TEAM = """coalesce(
    (SELECT t.team_id FROM turn t WHERE t.conversation_id = c.id ORDER BY t.number LIMIT 1),
    (SELECT h.team_id FROM channel h WHERE h.id = c.channel_id)
)"""
_FIRST_HOLDER = """(
    SELECT a.agent_id FROM assignment a
    WHERE a.conversation_id = c.id AND a.agent_id IS NOT NULL {later} ORDER BY a.id LIMIT 1
)"""
_HOLDER = """(
    SELECT a.agent_id FROM assignment a WHERE a.conversation_id = c.id AND a.at <= e.at ORDER BY a.id DESC LIMIT 1
)"""
FILL = f"""
INSERT INTO conversation_moment (conversation_id, kind, at, channel_id, team_id, lead_source_id, agent_id)
SELECT id, kind, at, channel_id, team_id, lead_source_id, agent_id FROM (
    SELECT c.id, 'new' AS kind, c.opened_at AS at, c.channel_id, {_TEAM} AS team_id, c.lead_source_id,
        {_FIRST_HOLDER.format(later="")} AS agent_id
    FROM conversation c
    WHERE c.turn_count > 0 OR c.started_by_us OR c.status <> 'resolved'
    UNION ALL
    SELECT c.id, CASE e.kind WHEN 'conversation.resolved' THEN 'resolved' ELSE 'reopened' END, e.at,
        coalesce(e.channel_id, c.channel_id), {_TEAM}, c.lead_source_id,
        CASE e.kind
            WHEN 'conversation.resolved'
            THEN coalesce({_HOLDER}, CASE e.actor_kind WHEN 'agent' THEN e.actor_id END)
            ELSE coalesce({_HOLDER}, {_FIRST_HOLDER.format(later="AND a.at >= e.at")})
        END
    FROM event e JOIN conversation c ON c.id = e.conversation_id
    WHERE e.kind IN ('conversation.resolved', 'conversation.reopened')
) AS known ORDER BY at, id
"""  # noqa: S608 - put together from the texts above.


def upgrade() -> None:
    op.create_table(
        "conversation_moment",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("lead_source_id", sa.Integer(), nullable=True),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_conversation_moment_conversation_id"),
            ondelete="CASCADE",
        ),
        *(
            sa.ForeignKeyConstraint([f"{name}_id"], [f"{name}.id"], name=op.f(f"fk_conversation_moment_{name}_id"))
            for name in ("channel", "team", "lead_source", "agent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_moment")),
    )
    op.execute(FILL)
    op.create_index("ix_conversation_moment_at", "conversation_moment", ["kind", "at", "id"])
    op.create_index("ix_conversation_moment_conversation_id", "conversation_moment", ["conversation_id"])
    op.drop_table("response_day")
    numbers = ("part", "key", "second", "third")
    op.create_table(
        "report_day",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("never", sa.Integer(), nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "dimension", "day", *numbers, name=op.f("pk_report_day")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_day_day", "report_day", ["day", "part", "measure"])
