"""Reading the parameters of a request to the Bot API: JSON, a URL-encoded form, or a multipart form with files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from tests.platforms.loopback import Asked

_NAME = re.compile(rb'[; ]name="?([^";\r\n]+)"?')
# What people wrote is never read as JSON.
_WORDS = frozenset({"text", "caption", "name", "title"})
_FILE_NAME = re.compile(rb'filename\*?="?([^";\r\n]+)"?')


@dataclass(frozen=True)
class SentFile:
    """A file that came with a request."""

    name: str
    content: bytes


def fields_of(asked: Asked) -> dict[str, Any]:
    """The parameters; lists and objects are read, and "attach://x" becomes the file that came as x."""
    kind = asked.headers.get("content-type", "")
    if kind.startswith("application/json"):
        return dict(orjson.loads(asked.body or b"{}"))
    if kind.startswith("multipart/form-data"):
        boundary = kind.partition("boundary=")[2].strip('"').encode()
        return _attached(dict(_part(part) for part in asked.body.split(b"--" + boundary)[1:-1]))
    form = dict(parse_qsl(asked.body.decode(), keep_blank_values=True)) or dict(asked.query)
    return {name: _value(name, text) for name, text in form.items()}


def _part(part: bytes) -> tuple[str, Any]:
    head, _, content = part.partition(b"\r\n\r\n")
    found = _NAME.search(head)
    assert found is not None, head
    content = content.removesuffix(b"\r\n")
    if file := _FILE_NAME.search(head):
        return found[1].decode(), SentFile(file[1].decode(), content)
    name = found[1].decode()
    return name, _value(name, content.decode())


def _attached(fields: dict[str, Any]) -> dict[str, Any]:
    files = {name: value for name, value in fields.items() if isinstance(value, SentFile)}
    used: set[str] = set()

    def replaced(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("attach://"):
            used.add(value.removeprefix("attach://"))
            return files[value.removeprefix("attach://")]
        if isinstance(value, list):
            return [replaced(item) for item in value]
        if isinstance(value, dict):
            return {name: replaced(item) for name, item in value.items()}
        return value

    read = {name: replaced(value) for name, value in fields.items()}
    return {name: value for name, value in read.items() if name not in used}


def _value(name: str, text: str) -> Any:
    """Lists, objects and booleans come as JSON; everything else is text or a number in text."""
    if name not in _WORDS and (text[:1] in ("[", "{") or text in ("true", "false")):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text
