"""The small machinery: bus, secrets, throttle, phones, stems, log lines."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
from pathlib import Path

import pytest

from inbox.runtime.bus import Bus
from inbox.runtime.logging import REQUEST_ID, JsonFormatter
from inbox.runtime.phones import format_phone, normalise_phone
from inbox.runtime.secrets import KEY_FILE, Vault, WrongKey
from inbox.runtime.stems import stem
from inbox.runtime.throttle import MOST_KEYS, Throttle


async def test_the_bus_tells_every_listener_and_forgets_who_left() -> None:
    bus = Bus()
    async with bus.listen() as first:
        async with bus.listen() as second:
            bus.publish(5)
            bus.publish(3)
            assert await first.wait(1)
            assert await second.wait(1)
            assert (first.announced, second.announced) == (5, 5)
        bus.publish(9)
        assert second.announced == 5
        assert first.announced == 9
        assert await first.wait(0.01)
        assert not await first.wait(0.01)


@pytest.mark.parametrize("turns", range(4))
async def test_a_listener_that_is_stopped_as_it_is_woken_stops(turns: int) -> None:
    async def follow(bus: Bus) -> None:
        async with bus.listen() as listener:
            while True:
                await listener.wait(60)

    bus = Bus()
    following = asyncio.create_task(follow(bus))
    await asyncio.sleep(0)
    bus.publish(1)
    for _ in range(turns):
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait([following], timeout=5)
    stopped = following.cancelled()
    following.cancel()
    assert stopped


def test_secrets_are_locked_and_unlocked_by_the_same_key_only() -> None:
    config = {"token": "тайна", "empty": "", "title": "CRM", "number": 7}
    locked = Vault("key").lock(config, ["token", "empty"])
    assert "тайна" not in str(locked)
    assert (locked["empty"], locked["title"], locked["number"]) == ("", "CRM", 7)
    assert Vault("key").unlock(locked) == config
    with pytest.raises(WrongKey):
        Vault("another").unlock(locked)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    locked = Vault.open("", tmp_path / "data").lock({"token": "x"}, ["token"])
    assert Vault.open("", tmp_path / "data").unlock(locked) == {"token": "x"}
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600


def test_a_throttle_lets_a_burst_through_and_then_one_at_a_time() -> None:
    now = [0.0]
    throttle = Throttle(3, 10.0, lambda: now[0])
    for _ in range(3):
        assert throttle.wait("a") == 0
        throttle.count("a")
    assert throttle.wait("a") == 10
    assert throttle.wait("b") == 0
    now[0] = 10.0
    assert throttle.wait("a") == 0
    throttle.count("a")
    throttle.give_back("a")
    assert throttle.wait("a") == 0
    throttle.forget("a")
    throttle.count("a")
    assert throttle.wait("a") == 0


def test_a_throttle_stays_small() -> None:
    throttle = Throttle(1, 10.0, lambda: 0.0)
    for number in range(MOST_KEYS + 10):
        throttle.count(str(number))
    assert throttle.wait("0") == 0, "the oldest are forgotten"
    assert throttle.wait(str(MOST_KEYS + 9)) > 0


@pytest.mark.parametrize("text", ["8 (917) 123-45-67", "+7 917 123-45-67", "917 123 45 67", "+79171234567"])
def test_every_way_to_write_a_russian_number_is_one(text: str) -> None:
    assert normalise_phone(text) == "+79171234567"


@pytest.mark.parametrize("text", ["", "нет", "12", "+7", "9" * 500, "<script>", "\u0000"])
def test_what_is_no_number_is_nothing(text: str) -> None:
    assert normalise_phone(text) == ""


def test_numbers_are_shown_as_people_read_them() -> None:
    assert format_phone("+79171234567") == "+7 917 123-45-67"
    assert format_phone("добавочный 7") == "добавочный 7"


def test_word_forms_have_one_stem() -> None:
    assert len({stem(word) for word in ("столы", "стола", "столами")}) == 1
    assert stem("tables") == stem("table")
    assert stem("2026") == "2026"


def test_a_log_line_is_json_with_the_request_and_what_was_named() -> None:
    record = logging.makeLogRecord(
        {"name": "inbox", "levelname": "INFO", "msg": "Привет, %s", "args": ("мир",), "channel": 7}
    )
    token = REQUEST_ID.set("abc123")
    try:
        line = json.loads(JsonFormatter().format(record))
    finally:
        REQUEST_ID.reset(token)
    assert (line["text"], line["request_id"], line["channel"], line["level"]) == ("Привет, мир", "abc123", 7, "info")
    assert "\n" not in JsonFormatter().format(logging.makeLogRecord({"msg": "две\nстроки"}))
