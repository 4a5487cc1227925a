"""Index what the report of agents reads: assignments and ratings by their moment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_RATED = sa.text("rated_at IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_assignment_at", "assignment", ["at", "previous_agent_id", "agent_id"])
    op.create_index(
        "ix_conversation_rated",
        "conversation",
        ["rated_at", "assignee_id", "rating"],
        sqlite_where=_RATED,
        postgresql_where=_RATED,
    )
