"""What is done with letters."""

from __future__ import annotations

from collections.abc import AsyncIterator

from inbox.actions.receive import receive
from tests.stream.cases import shows
from tests.stream.stage import Stage


@shows(receive)
async def a_letter_comes(stage: Stage) -> AsyncIterator[None]:
    yield
    await stage.writes("Сколько ждать?", subject="Стол", cc=("boss@x.ru",), original=True)


@shows(receive)
async def a_robot_writes(stage: Stage) -> AsyncIterator[None]:
    await stage.world.agent_replies(stage.dialog)
    yield
    await stage.writes("Я в отпуске", automatic=True)
