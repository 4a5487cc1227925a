"""Whether the worker has anything to hand over: a look without the writer, for the worker wakes at every fact."""

from __future__ import annotations

from sqlalchemy import ColumnClause, exists, literal_column, or_, select

from inbox.models import Amendment, Delivery
from inbox.runtime.database import Tx
from inbox.runtime.lean import Lean

# Words in the SQL, not parameters: only so do the partial indexes serve it.
_OWED: tuple[ColumnClause[str], ...] = (literal_column("'queued'"), literal_column("'sending'"))
ANYTHING = select(
    or_(exists().where(Delivery.state.in_(_OWED)), exists().where(Amendment.state.in_(_OWED))).label("owed")
)
_ANYTHING = Lean(ANYTHING)


def anything_owed(tx: Tx) -> bool:
    """Whether any message or change is undecided, be it due or not."""
    return bool(_ANYTHING.scalar(tx, {}))
