"""Keep how a platform itself names a template that it has approved."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("approved_template", sa.Column("external_id", sa.String(), server_default="", nullable=False))
