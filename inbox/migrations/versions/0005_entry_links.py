"""Lay the links into channels and the ledger of their clicks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MARKS = ("source", "medium", "campaign", "content", "term")
_PROOFS = ("click_id_kind", "click_id", "metrica_client_id", "landing_url", "page_url", "referrer")


def _texts(names: tuple[str, ...]) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def upgrade() -> None:
    op.create_table(
        "entry_link",
        sa.Column("id", sa.Integer(), nullable=False),
        *_texts(("slug", "name")),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        *_texts(_MARKS),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_entry_link_channel_id")),
        sa.ForeignKeyConstraint(["created_by_id"], ["agent.id"], name=op.f("fk_entry_link_created_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_link")),
        sa.UniqueConstraint("slug", name=op.f("uq_entry_link_slug")),
    )
    op.create_table(
        "click",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("entry_link_id", sa.Integer(), nullable=True),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("address_id", _BIG, nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *_texts((*_MARKS, *_PROOFS)),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("contact_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("fk_click_address_id")),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_click_channel_id")),
        sa.ForeignKeyConstraint(["entry_link_id"], ["entry_link.id"], name=op.f("fk_click_entry_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_click")),
        sa.UniqueConstraint("token", name=op.f("uq_click_token")),
    )
    op.create_index("ix_click_entry_link_id", "click", ["entry_link_id", "at"])
