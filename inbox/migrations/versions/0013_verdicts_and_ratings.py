"""Add what a dialog turned out to be and how its client rated it; the roll-up of the reports is filled anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, kind in (
        ("verdict", sa.String()),
        ("verdict_reason", sa.String()),
        ("rating_asked_at", sa.BigInteger()),
        ("rating", sa.Integer()),
        ("rating_comment", sa.String()),
        ("rated_at", sa.BigInteger()),
    ):
        op.add_column("conversation", sa.Column(name, kind, nullable=True))
    op.add_column("turn", sa.Column("verdict", sa.String(), nullable=True))
    op.add_column("company", sa.Column("asks_rating", sa.Boolean(), server_default="0", nullable=False))
    op.execute("DELETE FROM response_day")
