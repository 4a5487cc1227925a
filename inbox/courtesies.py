"""Telling platforms that an agent is typing: asked for once, at most every few seconds, and forgotten."""

from __future__ import annotations

import asyncio
import logging
import time

import connectors
from connectors.contract import SendError
from inbox.equipment import Equipment
from inbox.queries.reply_target import reply_target

log = logging.getLogger(__name__)

# Platforms show it for five seconds or so; a typing agent is told of every few seconds.
PAUSE_SECONDS = 4.0
PATIENCE_SECONDS = 5.0


class Courtesies:
    """Listens to the live hub. `failures` counts what a platform did not take, which harms nobody."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing is told before somebody types."""
        self._with = equipment
        self._told_at: dict[int, float] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.failures = 0

    def agent_types(self, conversation_id: int, name: str | None) -> None:
        """An agent types in a dialog (a name) or stopped (None)."""
        now = time.monotonic()
        if name is None:
            self._told_at.pop(conversation_id, None)
            return
        if now - self._told_at.get(conversation_id, -PAUSE_SECONDS) < PAUSE_SECONDS:
            return
        self._told_at[conversation_id] = now
        task = asyncio.create_task(self._tell(conversation_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _tell(self, conversation_id: int) -> None:
        try:
            target = await self._with.database.read(reply_target, conversation_id)
            declared = connectors.find(target.channel_kind)
            if declared.typing is None and declared.typing_below is None:
                return
            config = self._with.config(target.channel_kind, target.config)
            async with asyncio.timeout(PATIENCE_SECONDS):
                if declared.typing is not None:
                    await declared.typing(target.external_id, config, self._with.net)
                elif declared.typing_below is not None and target.last_incoming is not None:
                    await declared.typing_below(target.external_id, target.last_incoming, config, self._with.net)
        except (SendError, TimeoutError):
            self.failures += 1
        except Exception:
            self.failures += 1
            log.exception("a connector could not say that an agent types", extra={"conversation": conversation_id})
