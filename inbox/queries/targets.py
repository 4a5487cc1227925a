"""Within how many seconds a client should be answered: the channel's own target, else the company's."""

from __future__ import annotations

from sqlalchemy import case, func, select

from inbox.models import Channel, Company, Turn

FIRST_TARGET = func.coalesce(
    Channel.first_response_target_seconds, select(Company.first_response_target_seconds).scalar_subquery()
)
NEXT_TARGET = func.coalesce(
    Channel.next_response_target_seconds, select(Company.next_response_target_seconds).scalar_subquery()
)
# The first turn of a dialog is measured against the first response, the others against the next one.
TURN_TARGET = case((Turn.number <= 1, FIRST_TARGET), else_=NEXT_TARGET)
