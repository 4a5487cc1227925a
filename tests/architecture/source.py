"""Reading the product's own files for the tests of its house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PRODUCT = ("inbox", "connectors", "widget")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def text(path: Path) -> str:
    """A file's text."""
    return path.read_text(encoding="utf-8")


def python_files(*folders: str) -> Iterator[tuple[str, str]]:
    """Name (from the root) and text of every Python file of these folders, without generated migrations."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if path.parts[-3:-1] != ("migrations", "versions"):
                yield str(path.relative_to(ROOT)), text(path)


def templates() -> Iterator[tuple[str, str]]:
    """Name (from the root) and text of every Jinja file."""
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield str(path.relative_to(ROOT)), text(path)


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function and method of a file."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Every call with the dotted name that is called, e.g. "datetime.now"; "" for a computed one."""
    return ((node, ast.unparse(node.func)) for node in ast.walk(tree) if isinstance(node, ast.Call))


def public_functions(tree: ast.Module) -> Iterator[Function]:
    """What other files may call."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
