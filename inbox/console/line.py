"""The line to a console's platform: one request at a time, in the group's own pace, with its troubles waited out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from connectors.console import AnyConsole, ConsolePost, ConsoleStep, SpaceMoved
from connectors.contract import ChannelMisconfigured, ContactStopped, Rejected, SendError, Throttled, Unreachable
from inbox.actions.consoles import move_console, set_console_state
from inbox.equipment import Equipment
from inbox.queries.consoles import WorkingConsole
from inbox.rules.console_pace import Budget
from inbox.rules.permissions import Actor
from inbox.rules.texts import N_

REQUEST_SECONDS = 35.0
TROUBLE_SECONDS = (2.0, 5.0, 15.0, 30.0)

_BROKEN = N_("The channel's connector failed; the log has the details.")

log = logging.getLogger(__name__)

T = TypeVar("T")

_SYSTEM = Actor.system()


class ConsoleLine:
    """What the relay says to the platform. Every method raises the SendError family."""

    def __init__(
        self, equipment: Equipment, row: WorkingConsole, console: AnyConsole, steady: Callable[[], float]
    ) -> None:
        """`steady` is a clock of seconds that never goes back."""
        self.console = console
        self.space = row.space
        self._config: Any = equipment.config(row.channel_kind, row.config)
        self._net = equipment.net
        self._database = equipment.database
        self._row = row
        self._steady = steady
        self._budget = Budget.full(console.posts_per_minute, steady())
        self._held_until = 0.0
        self._troubles = 0
        self._failing = row.state != "ok"

    def wait(self) -> float:
        """Seconds until the next request may be made."""
        now = self._steady()
        return max(0.0, self._held_until - now, self._budget.wait(now))

    @property
    def room(self) -> float:
        """How many posts the group takes right now."""
        return self._budget.later(self._steady()).level

    async def check(self) -> tuple[ConsoleStep, ...]:
        """What is right with the group, and what is not."""
        return await self._ask(self.console.check(self.space, self._config, self._net))

    async def open_thread(self, title: str) -> str:
        """Open a thread."""
        return await self._ask(self.console.open_thread(self.space, self._short(title), self._config, self._net))

    async def find_thread(self, title: str, known: Sequence[str]) -> str | None:
        """A thread whose opening was not answered."""
        return await self._ask(self.console.find_thread(self.space, self._short(title), known, self._config, self._net))

    async def rename_thread(self, thread: str, title: str) -> None:
        """Rename a thread."""
        await self._ask(self.console.rename_thread(self.space, thread, self._short(title), self._config, self._net))

    async def close_thread(self, thread: str, *, closed: bool) -> None:
        """Close a thread or open it again."""
        await self._ask(self.console.close_thread(self.space, thread, closed, self._config, self._net))

    async def pin(self, external_id: str) -> None:
        """Pin a post on top of its thread."""
        await self._ask(self.console.pin(self.space, external_id, self._config, self._net))

    async def post(self, post: ConsolePost) -> tuple[str, ...]:
        """Post; counts against the group's pace."""
        self._budget = self._budget.spent(self._steady())
        return tuple(await self._ask(self.console.post(post, self._config, self._net)))

    async def edit(self, external_id: str, post: ConsolePost) -> None:
        """Change a post; counts against the group's pace."""
        self._budget = self._budget.spent(self._steady())
        await self._ask(self.console.edit(external_id, post, self._config, self._net))

    async def find_post(self, post: ConsolePost, known: Sequence[str]) -> tuple[str, ...] | None:
        """A post whose request was not answered."""
        found = await self._ask(self.console.find_post(post, known, self._config, self._net))
        return None if found is None else tuple(found)

    async def trouble(self, error: SendError) -> None:
        """Wait as long as the platform asks, or a little longer each time; say so when a person has to act."""
        if isinstance(error, SpaceMoved):
            await self._database.write(move_console, _SYSTEM, self._row.channel_id, self.space, error.to)
            self.space = error.to
            return
        pause = TROUBLE_SECONDS[min(self._troubles, len(TROUBLE_SECONDS) - 1)]
        self._troubles += 1
        if isinstance(error, Throttled) and error.retry_after is not None:
            pause = error.retry_after
        self._held_until = self._steady() + pause
        if isinstance(error, ChannelMisconfigured | ContactStopped | Rejected):
            self._failing = True
            await self._database.write(set_console_state, _SYSTEM, self._row.id, "degraded", error.reason or None)

    def _short(self, title: str) -> str:
        return title[: self.console.max_title]

    async def _ask(self, request: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                answer = await request
        except SendError:
            raise
        except TimeoutError:
            raise Unreachable(maybe_sent=True) from None
        except Exception as error:
            # A file that is not on the disk any more, or a connector that breaks: the other posts still have to go.
            log.exception("a console's request broke", extra={"channel": self._row.channel_id})
            raise Rejected(_BROKEN) from error
        self._troubles = 0
        if self._failing:
            self._failing = False
            await self._database.write(set_console_state, _SYSTEM, self._row.id, "ok", None)
        return answer


def may_have_arrived(error: SendError) -> bool:
    """Whether the platform may have done what it did not answer to."""
    return isinstance(error, Unreachable) and error.maybe_sent
