"""Clients who turn out to be one person, and those who do not."""

from __future__ import annotations

from collections.abc import AsyncIterator

from connectors.contract import Profile
from inbox.actions.merge_contacts import absorb, keep_apart, merge_contacts, undo_merge
from inbox.rules.permissions import Actor
from tests.stream.cases import shows
from tests.stream.stage import Stage

PHONE = "+79171234567"


async def _namesake(stage: Stage) -> int:
    """Another client with the phone of the one of the case."""
    await stage.writes("Это я", profile=Profile(phone=PHONE))
    other = await stage.writes("И это я", f"same-{stage.number}", profile=Profile("Марина с работы", phone=PHONE))
    return int((await stage.world.conversation(await stage.world.conversation_of(other))).contact_id)


@shows(merge_contacts)
async def two_clients_become_one(stage: Stage) -> AsyncIterator[None]:
    other = await _namesake(stage)
    yield
    await stage.do(merge_contacts, stage.contact, other)


@shows(absorb)
async def the_open_client_becomes_a_part_of_another(stage: Stage) -> AsyncIterator[None]:
    other = await _namesake(stage)
    yield
    await stage.world.write(absorb, Actor.system(), other, stage.contact, reason="thread")


@shows(undo_merge)
async def one_client_becomes_two_again(stage: Stage) -> AsyncIterator[None]:
    merge = await stage.do(merge_contacts, stage.contact, await _namesake(stage))
    yield
    await stage.do(undo_merge, merge)


@shows(keep_apart)
async def two_clients_are_told_apart(stage: Stage) -> AsyncIterator[None]:
    other = await _namesake(stage)
    yield
    await stage.do(keep_apart, stage.contact, other)
