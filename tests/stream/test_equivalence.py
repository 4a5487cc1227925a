"""Page + frames == a fresh page, for every action that a screen can show, on a dozen pages at once."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.stream import company_cases, console_cases, dialog_cases, identity_cases, letter_cases, message_cases
from tests.stream.cases import CASES, Case
from tests.stream.stage import NoPauses, Stage, open_stage

# Their scripts are put into the table when they are read.
TABLES = (company_cases, console_cases, dialog_cases, identity_cases, letter_cases, message_cases)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """One product for the whole module; every case brings a client of its own."""
    async with open_stage(tmp_path_factory.mktemp("stage"), NoPauses()) as made:
        yield made


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_page_and_frames_equal_a_fresh_page(stage: Stage, case: Case) -> None:
    await stage.begin()
    script = case.script(stage)
    await anext(script)
    await stage.look()
    with pytest.raises(StopAsyncIteration):
        await anext(script)
    await stage.settle()
    assert stage.changed(), "no page shows this: it proves nothing"
