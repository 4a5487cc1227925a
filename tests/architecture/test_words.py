"""Nothing is left for later, and nothing names the machine or the place that it was made on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, text

_FOLDERS = ("inbox", "connectors", "widget", "templates", "tests", "docs", ".ci")
_KINDS = {".py", ".html", ".js", ".css", ".md", ".toml", ".txt", ".svg", ".po", ".json", ""}

# Spelled in halves, so that this file does not find itself.
UNFINISHED = re.compile(
    "|".join((r"\bTO" + "DO", r"\bFIX" + "ME", r"\bNotImplemented" + "Error", r"@abstract" + "method"))
)
SKIPPED = re.compile(
    "|".join((r"\bpytest\.sk" + "ip", r"\bmark\.sk" + "ip", r"\bimportor" + "skip", r"\bx" + r"fail\("))
)
HOSTS = re.compile(
    "|".join(
        (
            r"pypi\.",
            r"python" + "hosted",
            r"npm" + r"js\.",
            r"--index" + "-url",
            r"--extra" + "-index",
            r"--find" + "-links",
        )
    )
)
PLACES = re.compile("|".join(("/" + r"work/", r"/" + r"home/\w", r"/" + r"Users/\w", r"/" + r"root/")))
HALF_MERGED = re.compile("^(" + "<" * 7 + "|" + ">" * 7 + ") ")
MOCKED = re.compile(r"unittest\.mo" + "ck")


def _is_kept(path: Path) -> bool:
    """Whether a file of the root is ours: in a second worktree `.git` is a file that names the first one."""
    return path.is_file() and path.suffix in _KINDS and path.name != ".git"


def files() -> Iterator[tuple[str, str]]:
    """Every text file that is kept, with its name from the root."""
    yield from ((path.name, text(path)) for path in sorted(ROOT.iterdir()) if _is_kept(path))
    for folder in _FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if (
                path.is_file()
                and path.suffix in _KINDS
                and "__pycache__" not in path.parts
                and path.name != "htmx.min.js"
            ):
                yield str(path.relative_to(ROOT)), text(path)


def lines(pattern: re.Pattern[str], *folders: str) -> list[str]:
    """Lines that match, in files below these folders (in all of them without)."""
    return [
        f"{name}: {line.strip()[:120]}"
        for name, source in files()
        if not folders or name.startswith(folders)
        for line in source.splitlines()
        if pattern.search(line)
    ]


def test_nothing_is_left_for_later() -> None:
    assert lines(UNFINISHED, "inbox", "connectors", "widget", "templates", "tests") == []


def test_nothing_is_half_merged() -> None:
    assert lines(HALF_MERGED) == []


def test_no_test_is_left_out() -> None:
    assert lines(SKIPPED, "tests") == []


def test_no_test_replaces_what_it_tests() -> None:
    assert lines(MOCKED, "tests") == []


def test_no_registry_and_no_machine_is_named() -> None:
    assert lines(HOSTS) == []
    assert lines(PLACES) == []


def test_dependencies_are_pinned_by_version_alone() -> None:
    pins = text(ROOT / "constraints.txt").split()
    assert pins
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)] == []


def test_the_words_can_be_found() -> None:
    assert len(list(files())) > 250
    assert UNFINISHED.search("# TO" + "DO: later")
    assert HALF_MERGED.search("<" * 7 + " HEAD")
    assert SKIPPED.search("@pytest.mark.sk" + "ipif(sys.platform)")
    assert HOSTS.search("https://py" + "pi.org/simple")
    assert PLACES.search("/" + "home/anna/inbox")
    assert MOCKED.search("from unittest.mo" + "ck import patch")
