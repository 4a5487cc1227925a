"""What machines ask: whether it lives, whether it is ready, and numbers for this machine alone."""

from __future__ import annotations

import pytest

from tests.desk import Desk


async def test_it_lives_and_is_ready(desk: Desk) -> None:
    stranger = await desk.stranger()
    assert (await stranger.get("/health")).status == 200
    assert (await stranger.get("/ready")).status == 200


async def test_numbers_are_told_to_this_machine(desk: Desk) -> None:
    await desk.world.client_writes("Есть кто?")
    answer = await (await desk.stranger()).get("/metrics")
    assert answer.status == 200
    assert "inbox_clients_waiting 1.0" in answer.text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "x-real-ip", "Forwarded", "via"])
async def test_numbers_are_not_told_through_a_proxy_on_this_machine(desk: Desk, header: str) -> None:
    answer = await (await desk.stranger()).get("/metrics", **{header: "203.0.113.7"})
    assert answer.status == 403
    assert "inbox_" not in answer.text


@pytest.mark.parametrize(("query", "kept"), [("?v=1", "public, max-age=31536000, immutable"), ("", "")])
async def test_a_file_asked_for_by_its_content_is_kept_for_ever(desk: Desk, query: str, kept: str) -> None:
    answer = await (await desk.stranger()).get(f"/static/icon.svg{query}")
    assert answer.status == 200
    assert answer.headers.get("Cache-Control", "") == kept
