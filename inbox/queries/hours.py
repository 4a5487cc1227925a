"""Which working hours apply where."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from inbox.models import BusinessHours, BusinessInterval, Channel, Company
from inbox.rules.business_hours import Hours, Interval
from inbox.runtime.database import Tx

_FOR_CHANNEL = (
    select(
        BusinessHours.time_zone,
        BusinessInterval.weekday,
        BusinessInterval.opens_minute,
        BusinessInterval.closes_minute,
    )
    .select_from(BusinessHours)
    .outerjoin(BusinessInterval, BusinessInterval.business_hours_id == BusinessHours.id)
    .where(
        BusinessHours.id
        == func.coalesce(
            select(Channel.business_hours_id).where(Channel.id == bindparam("channel_id")).scalar_subquery(),
            select(Company.business_hours_id).scalar_subquery(),
        )
    )
)


def channel_hours(tx: Tx, channel_id: int | None) -> Hours | None:
    """The hours of a channel, else the company's; None means always open. A channel id of None asks for the company."""
    rows = tx.execute(_FOR_CHANNEL, {"channel_id": channel_id}).all()
    if not rows:
        return None
    weekly = tuple(
        Interval(weekday=row.weekday, opens_minute=row.opens_minute, closes_minute=row.closes_minute)
        for row in rows
        if row.weekday is not None
    )
    return Hours(time_zone=rows[0].time_zone, weekly=weekly)
