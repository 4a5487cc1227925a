"""Around every request: a failure of ours is told in words, with an id, and leaves no token in the log."""

from __future__ import annotations

import json
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from sqlalchemy import text

from inbox.runtime.database import Tx
from inbox.runtime.logging import JsonFormatter
from inbox.web.guard import hash_token
from inbox.web.middlewares import errors
from tests.desk import Desk

TOKEN = "a-token-that-opens-a-door"


async def test_a_failure_of_ours_is_told_in_words_and_logged_without_the_address(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    def break_links(tx: Tx) -> None:
        tx.execute(text("DROP TABLE agent_link"))

    await desk.world.write(break_links)
    caplog.handler.setFormatter(JsonFormatter())
    with caplog.at_level(logging.ERROR):
        answer = await (await desk.stranger()).get(f"/links/{TOKEN}")
    assert answer.status == 500
    told = next(json.loads(line) for line in caplog.text.splitlines() if '"request failed"' in line)
    assert (told["method"], told["route"]) == ("GET", "/links/{token}")
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert told["request_id"] in answer.text
    assert "no such table" in told["error"]
    assert TOKEN not in caplog.text
    assert hash_token(TOKEN) not in caplog.text
    assert "agent_link" not in answer.text


async def test_who_leaves_in_the_middle_of_a_long_answer_is_no_failure_of_ours(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def cut_off(request: web.Request) -> web.StreamResponse:
        raise ConnectionResetError

    with caplog.at_level(logging.ERROR):
        answer = await errors(make_mocked_request("GET", "/reports/response/turns.csv"), cut_off)
    assert answer.status == 499
    assert caplog.text == ""
