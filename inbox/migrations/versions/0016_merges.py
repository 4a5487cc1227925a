"""Keep which clients became one person, so that this can be undone, and which are not one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MERGED = sa.text("merged_into_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("contact", sa.Column("merged_into_id", _BIG, nullable=True))
    op.create_index(
        "ix_contact_merged_into_id", "contact", ["merged_into_id"], sqlite_where=_MERGED, postgresql_where=_MERGED
    )
    op.create_table(
        "contact_merge",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("kept_id", _BIG, nullable=False),
        sa.Column("left_id", _BIG, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("undone_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_contact_merge_agent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_merge")),
    )
    op.create_index("ix_contact_merge_kept_id", "contact_merge", ["kept_id", "id"])
    op.create_table(
        "merged_item",
        sa.Column("merge_id", _BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merge_id"], ["contact_merge.id"], name=op.f("fk_merged_item_merge_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("merge_id", "kind", "item", name=op.f("pk_merged_item")),
    )
    op.create_table(
        "distinction",
        sa.Column("first_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("second_id", _BIG, autoincrement=False, nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_distinction_agent_id")),
        sa.PrimaryKeyConstraint("first_id", "second_id", name=op.f("pk_distinction")),
    )
