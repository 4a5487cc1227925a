"""The company whose inbox this is (one row: many companies are many databases) and its working hours."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, UniqueConstraint

from inbox.models.base import Base, Mapped, mapped_column


class Company(Base):
    """Settings of the whole inbox. Durations are seconds."""

    __tablename__ = "company"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    language: Mapped[str]
    time_zone: Mapped[str]
    created_at: Mapped[datetime]
    business_hours_id: Mapped[int | None] = mapped_column(ForeignKey("business_hours.id"))
    assignment_mode: Mapped[str] = mapped_column(default="in_turn", server_default="in_turn")
    capacity: Mapped[int] = mapped_column(default=10, server_default="10")
    first_response_target_seconds: Mapped[int] = mapped_column(default=300, server_default="300")
    next_response_target_seconds: Mapped[int] = mapped_column(default=600, server_default="600")
    reopen_window_seconds: Mapped[int] = mapped_column(default=86400, server_default="86400")
    asks_rating: Mapped[bool] = mapped_column(default=False, server_default="0")


class BusinessHours(Base):
    """A weekly schedule in a time zone, with the days that differ. `holidays` names a preset of rules/holidays.py.

    A schedule is never changed: other hours are another row, so that a wait can be counted anew by those it had.
    """

    __tablename__ = "business_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    time_zone: Mapped[str]
    holidays: Mapped[str] = mapped_column(default="", server_default="")


class BusinessInterval(Base):
    """One open stretch of a week: minutes since local midnight; `closes_minute` may pass 1440 (over midnight)."""

    __tablename__ = "business_interval"
    __table_args__ = (
        UniqueConstraint("business_hours_id", "weekday", "opens_minute"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("closes_minute > opens_minute", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    business_hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id", ondelete="CASCADE"))
    weekday: Mapped[int]
    opens_minute: Mapped[int]
    closes_minute: Mapped[int]


class BusinessDay(Base):
    """A date that differs from its week: one row per open stretch, or one without minutes when the day is closed."""

    __tablename__ = "business_day"
    __table_args__ = (
        Index("ix_business_day_business_hours_id", "business_hours_id", "day"),
        CheckConstraint("closes_minute > opens_minute", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    business_hours_id: Mapped[int] = mapped_column(ForeignKey("business_hours.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    opens_minute: Mapped[int | None]
    closes_minute: Mapped[int | None]
    name: Mapped[str] = mapped_column(default="", server_default="")
