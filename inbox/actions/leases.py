"""The right of one process to do one thing for a while."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, insert, update

from inbox.models import Lease
from inbox.rules.permissions import Actor
from inbox.runtime.database import Tx


def take_lease(tx: Tx, actor: Actor, name: str, holder: str, seconds: int) -> bool:
    """Take or prolong a lease; False while somebody else holds it."""
    until = tx.now + timedelta(seconds=seconds)
    free = update(Lease).where(Lease.name == name, (Lease.holder == holder) | (Lease.until < tx.now))
    if tx.execute(free.values(holder=holder, until=until)).rowcount:
        return True
    # Writers never overlap, so what is not there now is made by nobody else.
    known = update(Lease).where(Lease.name == name).values(name=name)
    if tx.execute(known).rowcount:
        return False
    tx.execute(insert(Lease), {"name": name, "holder": holder, "until": until})
    return True


def drop_lease(tx: Tx, actor: Actor, name: str, holder: str) -> None:
    """Give a lease back; somebody else's is left alone."""
    tx.execute(delete(Lease).where(Lease.name == name, Lease.holder == holder))
