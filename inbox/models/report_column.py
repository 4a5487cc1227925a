"""The reports' roll-up: what began on a local day, as columns."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, LargeBinary

from inbox.models.base import Base, Mapped, mapped_column


class ReportColumn(Base):
    """One column of the facts that began on a local day, in the order in which they began.

    `fact`, `name` and what `numbers` hold: rules/report_columns.py. `part` is 0 for the whole day, or n for its n-th
    hour while what is told of it often changes. The parts of a day put together are the day.
    """

    __tablename__ = "report_column"

    fact: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    numbers: Mapped[bytes] = mapped_column(LargeBinary)
