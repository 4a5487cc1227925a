"""Rolling up for the reports whatever is over and not rolled up yet."""

from __future__ import annotations

from collections.abc import Callable

from inbox.actions.roll_up import roll_up
from inbox.queries.unrolled import unrolled
from inbox.rules.permissions import Actor
from inbox.runtime.database import Database

# Pieces between two looks at what is left.
_AT_ONCE = 200


async def roll_up_facts(database: Database, stopping: Callable[[], bool] = lambda: False) -> int:
    """Go on until nothing is left or it is time to stop; returns how many pieces. Each is a short write of its own."""
    done = 0
    while pieces := await database.read(unrolled, _AT_ONCE):
        for piece in pieces:
            if stopping():
                return done
            await database.write(roll_up, Actor.system(), piece)
            done += 1
    return done
