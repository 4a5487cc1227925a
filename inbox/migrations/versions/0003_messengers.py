"""Make room for what messengers bring: albums, cards, reactions, changes to sent messages, windows, polling."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OWED = sa.text("state IN ('queued', 'sending')")
_DUE = sa.text("profile_due_at IS NOT NULL")
_GROUPED = sa.text("group_key IS NOT NULL")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), server_default="", nullable=False)


def upgrade() -> None:
    for name in ("native_author", "forwarded_from", "quote", "buttons", "client_reaction", "our_reaction"):
        op.add_column("message", _text(name))
    op.add_column("message", sa.Column("group_key", sa.String(), nullable=True))
    op.create_index(
        "ix_message_group_key",
        "message",
        ["conversation_id", "group_key"],
        sqlite_where=_GROUPED,
        postgresql_where=_GROUPED,
    )
    op.add_column("reply_template", _text("buttons"))
    op.add_column("contact", sa.Column("picture_key", sa.String(), nullable=True))
    op.add_column("address", sa.Column("reply_until", sa.BigInteger(), nullable=True))
    op.add_column("address", sa.Column("profile_due_at", sa.BigInteger(), nullable=True))
    op.create_index(
        "ix_address_profile_due", "address", ["profile_due_at"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.add_column("channel", sa.Column("poll_cursor", sa.String(), nullable=True))
    op.add_column("channel", sa.Column("checked_at", sa.BigInteger(), nullable=True))
    op.add_column("channel", sa.Column("facts", sa.JSON(), nullable=True))
    _create_parts_and_cards()
    _create_amendments()


def _create_parts_and_cards() -> None:
    op.create_table(
        "message_part",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_message_part_channel_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_part_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("channel_id", "external_id", name=op.f("pk_message_part")),
    )
    op.create_index("ix_message_part_message_id", "message_part", ["message_id", "position"])
    op.create_table(
        "message_card",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_card_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_card")),
    )
    op.create_index("ix_message_card_message_id", "message_card", ["message_id", "id"])


def _create_amendments() -> None:
    op.create_table(
        "amendment",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("address_id", _BIG, nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_amendment_address_id")),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_amendment_agent_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_amendment_channel_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_amendment_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
    )
    op.create_index("ix_amendment_message_id", "amendment", ["message_id", "id"])
    op.create_index(
        "ix_amendment_owed",
        "amendment",
        ["next_attempt_at", "id"],
        sqlite_where=_OWED,
        postgresql_where=_OWED,
    )
