"""Lay the roll-up of the reports anew: by hours of today and by pairs of axes. The worker fills it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("response_day")
    op.create_table(
        "response_day",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.Column("second", sa.Integer(), nullable=False),
        sa.Column("never", sa.Integer(), nullable=False),
        sa.Column("histogram", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "measure", "dimension", "day", "part", "key", "second", name=op.f("pk_response_day")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_response_day_day", "response_day", ["day", "part"])
