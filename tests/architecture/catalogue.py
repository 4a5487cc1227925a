"""Finding every text that people read: in templates, in Python, and in the declarations of connectors."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent.parent
CATALOGUES = ROOT / "inbox" / "locales"

# A text, or a singular with its plural.
Key = str | tuple[str, str]

_PYTHON = {"N_": None, "gettext": None, "ngettext": (1, 2)}
_JINJA = {"_": None, "gettext": None, "ngettext": (1, 2)}
# Raised by connectors with words for the agent or the administrator.
_SPOKEN = frozenset(
    {"ValueError", "Throttled", "Unreachable", "Rejected", "ContactStopped", "WindowClosed", "TooLarge"}
    | {"ChannelMisconfigured", "SendError", "ThreadGone", "SpaceMoved", "BadPayload"}
)


def used_texts() -> dict[Key, str]:
    """Every text with the first place it stands at."""
    found: dict[Key, str] = {}
    for file in sorted((ROOT / "templates").rglob("*.html")):
        for line, text in _extracted("jinja2", file):
            found.setdefault(text, f"{file.relative_to(ROOT)}:{line}")
    for folder in ("inbox", "connectors", "widget"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for line, text in _extracted("python", file):
                found.setdefault(text, f"{file.relative_to(ROOT)}:{line}")
    for file in sorted([*(ROOT / "connectors").glob("*.py"), ROOT / "widget" / "connector.py"]):
        for line, text in declared_texts(file.read_text(encoding="utf-8")):
            found.setdefault(text, f"{file.relative_to(ROOT)}:{line}")
    return found


def declared_texts(source: str) -> Iterator[tuple[int, str]]:
    """Titles, descriptions, spoken errors and names of kinds in a connector."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            for value in _spoken(node, node.func.id):
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                    yield value.lineno, value.value


def _spoken(node: ast.Call, name: str) -> list[ast.expr]:
    """The arguments of a call that people read."""
    if name in ("Field", "Connector"):
        # The names of choices stand inside an expression.
        inside = [keyword.value for keyword in node.keywords if keyword.arg == "json_schema_extra"]
        titles = [keyword.value for keyword in node.keywords if keyword.arg in ("title", "description")]
        return titles + [part for value in inside for part in _sentences(value)]
    if name in ("with_detail", "kind_name"):
        return [part for value in node.args[:1] for part in _outside_calls(value)]
    if name == "ConsoleStep":
        return [*node.args[:1], *node.args[2:3]]
    if name in ("fact", "choices", "known"):
        return node.args
    if name in ("Health", "ChannelChanged"):
        return node.args[1:2]
    return node.args[:1] if name in _SPOKEN else []


def untranslatable(source: str) -> Iterator[int]:
    """Lines of a connector with words for people that no catalogue can hold.

    Those are errors whose words are put together by hand (`with_detail` does that), and kinds that `kind_name` has not
    made.
    """
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        spoken = node.args[:1] if node.func.id in (*_SPOKEN, "with_detail") else []
        spoken = node.args[1:2] if node.func.id in ("Health", "ChannelChanged") else spoken
        loose = [part for value in spoken for part in _outside_calls(value) if isinstance(part, ast.JoinedStr)]
        kinds = [keyword.value for keyword in node.keywords if keyword.arg == "unsupported"]
        loose += [part for kind in kinds for part in _outside_calls(kind) if _is_text(part)]
        yield from (part.lineno for part in loose)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _outside_calls(value: ast.expr) -> Iterator[ast.expr]:
    """The parts of an expression that it may be or is made of: not what it calls, compares or puts into a text."""
    yield value
    if not isinstance(value, ast.Call | ast.Compare | ast.JoinedStr):
        for part in ast.iter_child_nodes(value):
            if isinstance(part, ast.expr):
                yield from _outside_calls(part)


def _sentences(value: ast.expr) -> list[ast.expr]:
    """The texts for people inside an expression: the list of `words`."""
    if not isinstance(value, ast.Dict):
        return []
    pairs = zip(value.keys, value.values, strict=True)
    lists = [held for key, held in pairs if isinstance(key, ast.Constant) and key.value == "words"]
    return [word for held in lists if isinstance(held, ast.List) for word in held.elts]


def translations(code: str) -> dict[Key, Message]:
    """All entries of a language; raises ValueError for a text that two files define."""
    found: dict[Key, Message] = {}
    for file in sorted((CATALOGUES / code).glob("*.po")):
        with file.open("rb") as source:
            for message in read_po(source, locale=code):
                if not message.id:
                    continue
                key = message.id if isinstance(message.id, str) else (message.id[0], message.id[1])
                if key in found:
                    raise ValueError(f"{file.name} defines {key!r} once more")
                found[key] = message
    return found


def _extracted(method: str, file: Path) -> Iterator[tuple[int, Key]]:
    keywords = _JINJA if method == "jinja2" else _PYTHON
    for line, text, _comments, _context in extract_from_file(method, str(file), keywords=keywords):
        yield line, text if isinstance(text, str) else (text[0], text[1])
