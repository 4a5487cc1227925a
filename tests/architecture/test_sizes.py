"""Size is a design tool: what grows past these limits wants to be two things."""

from __future__ import annotations

import ast
import re

from tests.architecture.source import PRODUCT, ROOT, Function, functions, python_files, templates, text

FILE_LINES = 300
# A table of cases reads well from top to bottom; a test file may be longer than what it tests.
TEST_FILE_LINES = 400
FUNCTION_LINES = 40
TEMPLATE_LINES = 120
STREAM_LINES = 80

# A name that fits everything says nothing.
BANNED = frozenset({"service", "manager", "helper", "util", "handler", "data", "info", "common", "misc"})


def body_lines(function: Function) -> int:
    """The lines of a function without its docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def long_functions(source: str) -> list[str]:
    """Names of functions that pass the limit."""
    return [f"{found.name}: {body_lines(found)}" for found in functions(ast.parse(source)) if body_lines(found) > 40]


def banned_words(name: str) -> set[str]:
    """Words of a file's name that are on the list, also in the plural."""
    return {word for word in re.split(r"[_.\-]", name.lower()) if word.rstrip("s") in BANNED or word in BANNED}


def test_python_files_are_short() -> None:
    for folder, limit in ((PRODUCT, FILE_LINES), (("tests",), TEST_FILE_LINES)):
        long = {name: len(source.splitlines()) for name, source in python_files(*folder)}
        assert {name: lines for name, lines in long.items() if lines > limit} == {}


def test_functions_are_short() -> None:
    found = {name: long_functions(source) for name, source in python_files(*PRODUCT)}
    assert {name: long for name, long in found.items() if long} == {}


def test_templates_are_short() -> None:
    assert [name for name, source in templates() if len(source.splitlines()) > TEMPLATE_LINES] == []


def test_the_stream_script_is_short() -> None:
    assert len(text(ROOT / "inbox/static/js/stream.js").splitlines()) <= STREAM_LINES


def test_files_are_named_by_their_noun_or_verb() -> None:
    folders = (*PRODUCT, "templates", "tests")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*") if "__pycache__" not in path.parts]
    assert len(paths) > 200
    assert [str(path.relative_to(ROOT)) for path in paths if banned_words(path.stem)] == []


def test_the_measures_can_fail() -> None:
    short = "def f():\n" + '    """A."""\n' + "    x = 1\n" * 39
    assert long_functions(short) == []
    assert long_functions(short + "    x = 1\n") == ["f: 41"]
    assert banned_words("chat_utils") == {"utils"}
    assert banned_words("managers") == {"managers"}
    assert banned_words("information") == set()
