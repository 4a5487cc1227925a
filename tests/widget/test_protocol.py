"""What is read from visitors and told to them."""

from __future__ import annotations

import orjson
import pytest

from widget.protocol import (
    BadFrameError,
    Hello,
    Moved,
    Send,
    ShownFile,
    ShownMessage,
    State,
    Told,
    frame_of,
    read_frame,
)

FRAMES = [
    {
        "type": "hello",
        "v": 1,
        "key": "k",
        "site": "https://shop.example",
        "token": None,
        "since": 0,
        "page": {"url": "https://shop.example/", "title": "Столы"},
    },
    {
        "type": "send",
        "client_id": "a1b2c3d4",
        "text": "Здравствуйте 👋",
        "files": ["t1"],
        "prechat": {"name": "Марина", "consent": True},
    },
    {"type": "typing", "on": False},
    {"type": "page", "url": "https://shop.example/pricing", "title": "Цены"},
    {"type": "received", "message": 7},
    {"type": "read", "message": 7},
    {"type": "identify", "identity": {"id": "42", "hash": "ab", "attributes": {"plan": "pro"}}},
    {"type": "history", "before": 100},
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame["type"])
def test_a_frame_survives_the_way(frame: dict[str, object]) -> None:
    read = read_frame(orjson.dumps(frame))
    again = frame_of(read.model_dump())
    assert again == read
    for name, value in frame.items():
        kept = getattr(read, name)
        assert (kept.model_dump(exclude_unset=True) if hasattr(kept, "model_dump") else kept) == value


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame["type"])
def test_unknown_fields_are_ignored(frame: dict[str, object]) -> None:
    assert read_frame(orjson.dumps({**frame, "from_the_future": {"x": 1}})) == read_frame(orjson.dumps(frame))


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b'"send"', b'{"type":"fly"}', b'{"type":"send"}', b'{"type":"read","message":-1}',
     b'{"type":"read","message":"x"}', b'{"type":"send","client_id":"<script>","text":"x"}',
     b'{"type":"send","client_id":"12345678","text":5}', b'{"type":"hello","key":"k"}', b"\xff\xfe"],
)  # fmt: skip
def test_what_is_no_frame_is_refused(raw: bytes) -> None:
    with pytest.raises(BadFrameError):
        read_frame(raw)


def test_a_refused_message_is_named() -> None:
    with pytest.raises(BadFrameError) as refused:
        frame_of({"type": "send", "client_id": "12345678", "text": None})
    assert refused.value.client_id == "12345678"


def test_what_is_only_told_is_cut_and_what_is_written_is_not() -> None:
    moved = frame_of({"type": "page", "url": "x" * 9000, "title": None})
    assert isinstance(moved, Moved)
    assert (len(moved.url), moved.title) == (2000, "")
    long = frame_of({"type": "send", "client_id": "12345678", "text": "ё" * 20_000})
    assert isinstance(long, Send)
    assert len(long.text) == 20_000


def test_no_character_that_a_database_refuses_comes_through() -> None:
    sent = read_frame(b'{"type":"send","client_id":"12345678","text":"a\\u0000b"}')
    assert isinstance(sent, Send)
    assert sent.text == "ab"
    hello = frame_of({"type": "hello", "v": 1, "key": "k", "referrer": "x\ud800y"})
    assert isinstance(hello, Hello)
    assert hello.referrer == "xy"


def test_what_is_told_is_plain_json() -> None:
    file = ShownFile("/files/t", "план.pdf", "file", 10, None, None, "ready")
    message = ShownMessage(1, "c", False, "Да", 1_700_000_000_000, "Анна", (file,))
    told = orjson.loads(Told("welcome", {"messages": (message,), "state": State(status="open")}).dump())
    assert told["type"] == "welcome"
    assert told["messages"][0]["files"][0]["name"] == "план.pdf"
    assert told["state"]["status"] == "open"
