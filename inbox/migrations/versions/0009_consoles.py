"""Make room for agents' consoles in messengers: groups, threads, posts, linked accounts and personal notices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OWED = sa.text("state IN ('queued', 'sending')")


def upgrade() -> None:
    op.create_table(
        "console",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("space", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("steps", sa.JSON(), nullable=True),
        sa.Column("routed_all", sa.Boolean(), nullable=False),
        sa.Column("cursor", _BIG, nullable=False),
        sa.Column("checked_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_console_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console")),
        sa.UniqueConstraint("channel_id", name=op.f("uq_console_channel_id")),
    )
    op.create_table(
        "console_channel",
        sa.Column("console_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_console_channel_channel_id")),
        sa.ForeignKeyConstraint(
            ["console_id"], ["console.id"], name=op.f("fk_console_channel_console_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("console_id", "channel_id", name=op.f("pk_console_channel")),
    )
    _create_threads()
    _create_accounts()


def _create_threads() -> None:
    op.create_table(
        "console_thread",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("console_id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", _BIG, nullable=False),
        sa.Column("thread", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("opening", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("closed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("due", sa.Boolean(), server_default="1", nullable=False),
        sa.Column("reopened", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("gone", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["console_id"], ["console.id"], name=op.f("fk_console_thread_console_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_console_thread_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_thread")),
        sa.UniqueConstraint("console_id", "conversation_id", name=op.f("uq_console_thread_console_id_conversation_id")),
        sa.UniqueConstraint("console_id", "thread", name=op.f("uq_console_thread_console_id_thread")),
    )
    op.create_index("ix_console_thread_conversation_id", "console_thread", ["conversation_id"], unique=False)
    op.create_index(
        "ix_console_thread_due",
        "console_thread",
        ["console_id", "id"],
        unique=False,
        sqlite_where=sa.text("due"),
        postgresql_where=sa.text("due"),
    )
    op.create_table(
        "console_post",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("console_thread_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("message_id", _BIG, nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("own", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("text", sa.String(), server_default="", nullable=False),
        sa.Column("files", sa.JSON(), nullable=True),
        sa.Column("reply_to", sa.String(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["console_thread_id"],
            ["console_thread.id"],
            name=op.f("fk_console_post_console_thread_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_console_post_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_console_post")),
    )
    op.create_index("ix_console_post_external_id", "console_post", ["console_thread_id", "external_id"], unique=False)
    op.create_index("ix_console_post_message_id", "console_post", ["message_id"], unique=False)
    op.create_index(
        "ix_console_post_owed",
        "console_post",
        ["console_thread_id", "id"],
        unique=False,
        sqlite_where=_OWED,
        postgresql_where=_OWED,
    )
    op.create_index(
        "uq_console_post_once",
        "console_post",
        ["console_thread_id", "message_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'message'"),
        postgresql_where=sa.text("kind = 'message'"),
    )


def _create_accounts() -> None:
    op.create_table(
        "notice_choice",
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("new_dialog", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("digest_minute", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_notice_choice_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("agent_id", name=op.f("pk_notice_choice")),
    )
    op.create_table(
        "agent_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("linked_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_agent_account_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_agent_account_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_account")),
        sa.UniqueConstraint("agent_id", "channel_id", name=op.f("uq_agent_account_agent_id_channel_id")),
        sa.UniqueConstraint("channel_id", "person", name=op.f("uq_agent_account_channel_id_person")),
    )
    op.create_table(
        "console_token",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_console_token_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_console_token_channel_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_console_token")),
    )
    op.create_table(
        "notice",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("once", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("conversation_id", _BIG, nullable=True),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_notice_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_notice_conversation_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("agent_id", "once", name=op.f("uq_notice_agent_id_once")),
    )
    op.create_index(
        "ix_notice_owed", "notice", ["due_at", "id"], unique=False, sqlite_where=_OWED, postgresql_where=_OWED
    )
    op.add_column("agent", sa.Column("console_until", sa.BigInteger(), nullable=True))
    op.add_column("attachment", sa.Column("channel_id", sa.Integer(), nullable=True))
