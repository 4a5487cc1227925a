"""Let addresses share a thread: who goes on in another channel keeps their dialog."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_THREADED = sa.text("thread_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("address", sa.Column("thread_id", _BIG, nullable=True))
    op.create_index(
        "ix_address_thread_id", "address", ["thread_id"], sqlite_where=_THREADED, postgresql_where=_THREADED
    )
