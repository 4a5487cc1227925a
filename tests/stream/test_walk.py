"""Page + frames == a fresh page, whatever people do in whatever order, also at once and while tabs lose their line.

The table in test_equivalence shows each action by itself; a walk shows what they do to each other.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from inbox.actions.agents import change_status
from inbox.actions.assign import assign
from inbox.actions.contacts import edit_contact
from inbox.actions.judge import judge
from inbox.actions.prioritise import prioritise
from inbox.actions.reply import Draft, note
from inbox.actions.resolve import dismiss, reopen, resolve, snooze
from inbox.actions.tag import tag_by_name, untag
from inbox.models import Conversation
from inbox.rules.errors import DomainError
from tests.stream.stage import NoPauses, Stage, open_stage

STEPS = 20
# Every so many steps all the tabs are compared; in between their news pile up.
LOOK_EVERY = 5
PEOPLE = ("Анна", "Глеб", "Борис")


@dataclass(frozen=True)
class Step:
    """One thing that happens, with chances of its own: what happens at the same time takes none of them away."""

    stage: Stage
    number: int
    random: random.Random

    async def dialog(self) -> int:
        """Any dialog."""
        rows = await self.stage.world.rows(select(Conversation.id).order_by(Conversation.id))
        return int(self.random.choice(rows).id)

    @property
    def somebody(self) -> str:
        """Anybody who works here."""
        return self.random.choice(PEOPLE)


Act = Callable[[Step], Awaitable[object]]


@dataclass
class Walk:
    """One random thing after another. `taken` is what happened, for who reads a failure; `refused` what could not."""

    stage: Stage
    random: random.Random
    taken: list[str] = field(default_factory=list)
    refused: int = 0

    async def go_on(self) -> None:
        """One thing, or three at once, or a tab whose line breaks meanwhile."""
        acts = self.random.choices(ACTS, k=self.random.choice((1, 1, 3)))
        deaf = [self.random.choice(self.stage.tabs)] if self.random.random() < 0.2 else []
        for tab in deaf:
            await tab.close()
        await asyncio.gather(*(self._do(act, self._step(act)) for act in acts))
        for tab in deaf:
            await tab.connect()

    def _step(self, act: Act) -> Step:
        self.taken.append(act.__name__)
        return Step(self.stage, len(self.taken), random.Random(self.random.random()))

    async def _do(self, act: Act, step: Step) -> None:
        try:
            await act(step)
        except DomainError:
            # It cannot be done now, and must not have changed anything.
            self.refused += 1


async def a_client_writes(step: Step) -> None:
    address = step.random.choice((step.stage.address, f"other-{step.stage.number}", "new", "newer"))
    await step.stage.writes(f"Вопрос {step.number}", address)


async def somebody_answers(step: Step) -> None:
    await step.stage.world.agent_replies(await step.dialog(), f"Ответ {step.number}", name=step.somebody)


async def somebody_notes(step: Step) -> None:
    draft = Draft(f"walk-{step.number}", f"Заметка {step.number}")
    await step.stage.do(note, await step.dialog(), draft, by=step.somebody)


async def answers_are_handed_over(step: Step) -> None:
    await step.stage.deliver()


async def a_dialog_changes_hands(step: Step) -> None:
    holder = step.random.choice((None, *(step.stage.world.agents[name] for name in PEOPLE)))
    await step.stage.do(assign, await step.dialog(), holder, by=step.somebody)


async def somebody_resolves(step: Step) -> None:
    await step.stage.do(resolve, await step.dialog(), by=step.somebody)


async def somebody_reopens(step: Step) -> None:
    await step.stage.do(reopen, await step.dialog(), by=step.somebody)


async def somebody_puts_aside(step: Step) -> None:
    await step.stage.do(snooze, await step.dialog(), step.stage.world.clock.now() + timedelta(hours=1))


async def no_answer_is_needed(step: Step) -> None:
    await step.stage.do(dismiss, await step.dialog(), "Спасибо", by=step.somebody)


async def a_tag_is_put_on(step: Step) -> None:
    await step.stage.do(tag_by_name, await step.dialog(), step.random.choice(("VIP", "Опт")))


async def a_tag_is_taken_off(step: Step) -> None:
    await step.stage.do(untag, await step.dialog(), step.stage.tag)


async def a_dialog_gets_urgent(step: Step) -> None:
    await step.stage.do(prioritise, await step.dialog(), step.random.choice(("urgent", "normal", "low")))


async def a_dialog_gets_a_verdict(step: Step) -> None:
    await step.stage.do(judge, await step.dialog(), step.random.choice(("target", "other", None)))


async def the_card_is_changed(step: Step) -> None:
    await step.stage.do(edit_contact, step.stage.contact, {"name": f"Марина {step.number}"}, {})


async def somebody_has_a_break(step: Step) -> None:
    await step.stage.do(change_status, step.random.choice(("available", "away")), by=step.somebody)


ACTS: tuple[Act, ...] = (
    a_client_writes,
    a_client_writes,
    somebody_answers,
    somebody_answers,
    somebody_notes,
    answers_are_handed_over,
    a_dialog_changes_hands,
    a_dialog_changes_hands,
    somebody_resolves,
    somebody_reopens,
    somebody_puts_aside,
    no_answer_is_needed,
    a_tag_is_put_on,
    a_tag_is_taken_off,
    a_dialog_gets_urgent,
    a_dialog_gets_a_verdict,
    the_card_is_changed,
    somebody_has_a_break,
)


@pytest_asyncio.fixture
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    async with open_stage(tmp_path_factory.mktemp("walk"), NoPauses()) as made:
        yield made


@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_walk_leaves_every_page_true(stage: Stage, seed: int) -> None:
    await stage.begin()
    await stage.look()
    walk = Walk(stage, random.Random(seed))
    for number in range(1, STEPS + 1):
        await walk.go_on()
        if number % LOOK_EVERY == 0:
            found = await stage.differences()
            assert not found, (walk.taken, *(f"{address}\n{lines}" for address, lines in found.items()))
    assert stage.changed() >= {tab.address for tab in stage.tabs if tab.address.startswith(("/inbox", "/wallboard"))}
    assert len(set(walk.taken)) > len(set(ACTS)) // 2
    assert walk.refused < len(walk.taken) / 2, "a walk in which nothing may be done proves nothing"
