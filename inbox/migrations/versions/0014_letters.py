"""Keep what stands around a letter: subject, copies, and where the whole of it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "message_envelope",
        sa.Column("message_id", _BIG, nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("cc", sa.String(), nullable=False),
        sa.Column("bcc", sa.String(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("original_id", _BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_message_envelope_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_message_envelope")),
    )
