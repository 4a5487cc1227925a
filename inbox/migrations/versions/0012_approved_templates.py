"""Keep the templates that platforms have approved, and which one a message was sent by."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    texts = ("name", "language", "category", "header", "text", "footer", "buttons")
    op.create_table(
        "approved_template",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.String(), nullable=False) for name in texts],
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"], name=op.f("fk_approved_template_channel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approved_template")),
        sa.UniqueConstraint("channel_id", "name", "language", name=op.f("uq_approved_template_channel_id_name_language")),
    )
    op.add_column("message", sa.Column("approved", sa.JSON(), nullable=True))
