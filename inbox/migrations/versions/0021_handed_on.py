"""Find who handed a dialog on among those decisions alone that took one from somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TAKEN = sa.text("previous_agent_id IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_assignment_at", "assignment")
    op.create_index(
        "ix_assignment_handed_on",
        "assignment",
        ["at", "previous_agent_id", "agent_id"],
        sqlite_where=_TAKEN,
        postgresql_where=_TAKEN,
    )
