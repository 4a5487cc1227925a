"""What every connector promises, over every declaration. A new one gets all of this by its row in accounts.py."""

from __future__ import annotations

import contextlib
import inspect
import re
import socket
import sys
import traceback
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.contract import (
    AnyConnector,
    BadPayload,
    Media,
    MediaKind,
    MessageDeleted,
    MessageEdited,
    MessageReceived,
    Parsed,
    Reacted,
    Request,
    StatusChanged,
    Typing,
    Unauthorized,
)
from tests.connectors.accounts import ACCOUNTS, EVERY, PAYLOADS, bodies, config_of, every_connector, forged
from tests.connectors.shape import paths, well_typed, with_node

ROOT = Path(__file__).parent.parent.parent

# What stands where something else was meant. Python writes the infinity as the number that overflows a double.
INFINITY = "__1e400__"
WRONG: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**64 - 1,
    0.5,
    INFINITY,
    "",
    "x",
    # Mostly plain letters: a form takes six bytes for each other one, and seconds to read them.
    "ы" + "x" * 70_000 + "ы",
    "a\u0000b",
    [],
    [None],
    {},
    {"x": 1},
)


def read(declared: AnyConnector, body: bytes) -> Parsed:
    values = ACCOUNTS[declared.kind].config("https://platform.example")
    return declared.parse(ACCOUNTS[declared.kind].request(body, values), config_of(declared))


def read_or_mistake(declared: AnyConnector, body: bytes) -> Parsed | BadPayload:
    try:
        return read(declared, body)
    except BadPayload as mistake:
        return mistake


def refused(declared: AnyConnector, request: Request) -> bool:
    try:
        declared.verify(request, config_of(declared))
    except Unauthorized:
        return True
    return False


@every_connector
def test_it_has_a_row_payloads_and_a_page(declared: AnyConnector) -> None:
    assert declared.kind in ACCOUNTS
    assert bodies(declared.kind), f"no captured bodies in payloads/{declared.kind}"
    assert bodies(declared.kind, "unreadable"), "what must be refused is a part of the promise"
    page = ROOT / f"docs/channels/{declared.kind}.md"
    assert page.read_text(encoding="utf-8").startswith("# ")


def test_no_row_or_folder_is_left_of_a_connector_that_is_gone() -> None:
    kinds = {declared.kind for declared in EVERY}
    assert set(ACCOUNTS) == kinds
    assert {path.name for path in PAYLOADS.iterdir()} == kinds


@every_connector
def test_captured_bodies_become_events(declared: AnyConnector) -> None:
    for name, body in bodies(declared.kind).items():
        parsed = read(declared, body)
        assert parsed.events or parsed.console, name
        assert well_typed(parsed) == [], name


@every_connector
def test_unreadable_bodies_are_called_so(declared: AnyConnector) -> None:
    for name, body in {
        **bodies(declared.kind, "unreadable"),
        "empty": b"",
        "cut": b'{"a": ',
        "bytes": b"\xff\xfe\0",
    }.items():
        assert isinstance(read_or_mistake(declared, body), BadPayload), name


@every_connector
@pytest.mark.timeout(300)
def test_one_wrong_node_is_well_typed_events_or_a_bad_payload(declared: AnyConnector) -> None:
    encode = ACCOUNTS[declared.kind].encode
    tried = 0
    for name in bodies(declared.kind):
        tree = orjson.loads((PAYLOADS / declared.kind / f"{name}.json").read_bytes())
        for path in paths(tree):
            for wrong in WRONG:
                mutant = encode(with_node(tree, path, wrong)).replace(f'"{INFINITY}"'.encode(), b"1e400")
                tried += 1
                parsed = read_or_mistake(declared, mutant)
                assert isinstance(parsed, BadPayload) or well_typed(parsed) == [], (name, path, repr(wrong)[:40])
    assert tried > 100


@every_connector
def test_reading_twice_gives_the_same(declared: AnyConnector) -> None:
    for name, body in bodies(declared.kind).items():
        assert read(declared, body) == read(declared, body), name


_NETWORK = frozenset({"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"})
# An audit hook cannot be taken away; it tells whoever watches.
_watchers: list[list[str]] = []


def _note(event: str, _arguments: tuple[Any, ...]) -> None:
    if event in _NETWORK:
        for seen in _watchers:
            seen.append(event)


sys.addaudithook(_note)


@every_connector
def test_reading_opens_no_network(declared: AnyConnector) -> None:
    assert not inspect.iscoroutinefunction(declared.parse)
    assert not inspect.iscoroutinefunction(declared.verify)
    seen: list[str] = []
    _watchers.append(seen)
    try:
        for body in bodies(declared.kind).values():
            read(declared, body)
        assert seen == []
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", 9), timeout=0.1)
        assert seen, "the watcher must see a connection"
    finally:
        _watchers.remove(seen)


@every_connector
def test_only_the_right_secret_opens_the_door(declared: AnyConnector) -> None:
    account = ACCOUNTS[declared.kind]
    values = account.config("https://platform.example")
    for name, body in bodies(declared.kind).items():
        request = account.request(body, values)
        if declared.capabilities.stored_is_sent:
            with pytest.raises(Unauthorized):
                declared.verify(request, config_of(declared))
            continue
        declared.verify(request, config_of(declared))
        for wrong in forged(declared.kind, request):
            assert refused(declared, wrong), (name, wrong.headers, wrong.query)
        stranger = config_of(declared).model_copy(update=dict.fromkeys(declared.secrets, ""))
        if declared.secrets and (account.proofs or account.body_proofs):
            with pytest.raises(Unauthorized):
                declared.verify(request, stranger)


@every_connector
def test_a_changed_body_is_refused_where_bodies_are_signed(declared: AnyConnector) -> None:
    account = ACCOUNTS[declared.kind]
    if not any("signature" in name for name in account.proofs):
        return
    for body in bodies(declared.kind).values():
        request = account.request(body, account.config("https://platform.example"))
        with pytest.raises(Unauthorized):
            declared.verify(replace(request, body=body + b" "), config_of(declared))


# The functions that talk to the platform.
_ASKED = (
    *("send", "connect", "disconnect", "check", "poll", "profile", "fetch_media"),
    *("edit", "delete", "react", "acknowledge", "typing", "typing_below", "mark_read", "approved_templates"),
)


@every_connector
def test_the_declaration_holds_together(declared: AnyConnector) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", declared.kind)
    assert declared.title
    assert re.fullmatch(r"#[0-9a-f]{6}", declared.colour)
    ET.fromstring(f"<svg>{declared.icon}</svg>")
    assert declared.secrets <= set(declared.config.model_fields)
    assert all(field.title for field in declared.config.model_fields.values()), "the form needs its labels"
    can = declared.capabilities
    assert can.max_text >= 2
    assert can.text_unit in ("codepoints", "utf16")
    assert can.max_caption is None or 0 <= can.max_caption <= can.max_text
    assert all(isinstance(kind, MediaKind) and size > 0 for kind, size in can.media.items())
    assert all(rate is None or rate > 0 for rate in (can.reply_window, can.per_second))
    assert can.address_pause >= 0
    for name in _ASKED:
        function = getattr(declared, name)
        assert function is None or inspect.iscoroutinefunction(function), name


@every_connector
def test_abilities_and_what_is_seen_agree(declared: AnyConnector) -> None:
    events = [event for body in bodies(declared.kind).values() for event in read(declared, body).events]
    seen = {type(event) for event in events}
    can = declared.capabilities
    if not can.stored_is_sent:
        assert can.receipts == (StatusChanged in seen)
        assert can.edits == (MessageEdited in seen)
        assert can.deletes == (MessageDeleted in seen)
        assert can.reactions == (Reacted in seen)
        assert can.typing == (Typing in seen)
    assert MessageReceived in seen
    assert can.reply_window is None or can.reply_window in {getattr(event, "window_seconds", None) for event in events}
    refs = [item.ref for event in events for item in getattr(event, "media", ()) if item.ref is not None]
    fetched = declared.fetch_media or declared.inline_media
    assert not refs or fetched is not None, "files come by reference and nobody can fetch them"


@every_connector
def test_no_secret_is_in_what_bodies_say(declared: AnyConnector) -> None:
    held = config_of(declared).model_dump()
    secrets = [str(held[name]) for name in declared.secrets if held[name]]
    assert secrets, "the row must set the secrets, or nothing is proved"
    for body in (*bodies(declared.kind, "unreadable").values(), b"{"):
        mistake = read_or_mistake(declared, body)
        assert isinstance(mistake, BadPayload)
        words = "".join(traceback.format_exception(mistake))
        assert not any(secret in words for secret in secrets)


def test_the_checker_can_fail() -> None:
    good = MessageReceived("a", "1", "text", datetime(2026, 1, 1, tzinfo=UTC), (Media(MediaKind.FILE, ref="x"),))
    assert well_typed(Parsed((good,))) == []
    for change in (
        {"text": {"a": 1}},
        {"text": None},
        {"address": ""},
        {"external_id": 7},
        {"at": datetime(2026, 1, 1)},
        {"at": 1790000000},
        {"media": [Media(MediaKind.FILE, ref="x")]},
        {"media": (Media(MediaKind.FILE),)},
        {"media": (Media("file", ref="x"),)},
        {"text": "\ud800"},
    ):
        assert well_typed(Parsed((replace(good, **change),))), change
