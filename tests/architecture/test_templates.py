"""A partial is one thing on the page with a name of its own, and no template carries code or looks."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.architecture.source import templates

_VOID = frozenset({"area", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})
_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_MACRO = re.compile(r"\{%-?\s*macro\b.*?endmacro\s*-?%\}", re.DOTALL)
_STATEMENT = re.compile(r"\{%.*?%\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)

# What a strict content security policy would refuse, and what htmx would run from an attribute.
_CODE = {
    "a style of its own": re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE),
    "a script of its own": re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE),
    "a handler": re.compile(r"\s(on[a-z]+|hx-on[\w:.-]*)\s*=", re.IGNORECASE),
    "a script as an address": re.compile(r"javascript:", re.IGNORECASE),
    "raw markup": re.compile(r"\|\s*safe\b|autoescape\s+false", re.IGNORECASE),
}


class Roots(HTMLParser):
    """Collects the elements that stand in nothing else, and text beside them."""

    def __init__(self) -> None:
        super().__init__()
        self.depth = 0
        self.roots: list[tuple[str, str | None]] = []
        self.stray: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.roots.append((tag, dict(attrs).get("id")))
        if tag not in _VOID:
            self.depth += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.depth == 0:
            self.roots.append((tag, dict(attrs).get("id")))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self.depth -= 1

    def handle_data(self, data: str) -> None:
        if self.depth == 0 and data.strip():
            self.stray.append(data.strip())


def comment_of(template: str) -> str:
    """The comment that a template begins with."""
    found = re.match(r"\s*\{#(.*?)#\}", template, re.DOTALL)
    return found[1].strip() if found else ""


def faults_of_partial(template: str) -> list[str]:
    """Why a template could not be put in the place of the element it draws."""
    comment = comment_of(template)
    if not comment:
        return ["it does not begin with a comment that says what it is"]
    if comment.startswith("List content"):
        return []
    reader = Roots()
    plain = _MACRO.sub("", _COMMENT.sub("", template))
    reader.feed(_VALUE.sub("x", _STATEMENT.sub("", plain)))
    reader.close()
    faults = []
    if len(reader.roots) != 1:
        faults.append(f"it has {len(reader.roots)} root elements: {[tag for tag, _ in reader.roots]}")
    elif not reader.roots[0][1]:
        faults.append("its root element has no id")
    if reader.stray:
        faults.append(f"it has text beside its root: {reader.stray[0][:40]!r}")
    if reader.depth:
        faults.append("its elements are not closed")
    return faults


def code_in(template: str) -> list[str]:
    """What a template carries that belongs into a script or a style sheet."""
    plain = _COMMENT.sub("", template)
    return [what for what, pattern in _CODE.items() if pattern.search(plain)]


def test_every_partial_has_one_root_with_an_id() -> None:
    partials = {name: source for name, source in templates() if name.rsplit("/", 1)[-1].startswith("_")}
    found = {name: faults_of_partial(source) for name, source in partials.items()}
    assert len(found) > 20
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_template_carries_code_or_looks() -> None:
    found = {name: code_in(source) for name, source in templates()}
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("<p id='a'></p>", "comment"),
        ("{# A. #}<p id='a'></p><p id='b'></p>", "2 root elements"),
        ("{# A. #}<p>{{ a }}</p>", "no id"),
        ("{# A. #}{{ a }}<p id='a'></p>", "text beside"),
        ("{# A. #}<div id='a'><p></div>", "not closed"),
    ],
)
def test_a_bad_partial_is_found(template: str, fault: str) -> None:
    assert [found for found in faults_of_partial(template) if fault in found]


def test_a_good_partial_is_let_through() -> None:
    branches = (
        "{# A. #}{% macro m() %}<b></b>{% endmacro %}<p id='a-{{ id }}'{% if b %} class='b'{% endif %}><br>{{ c }}</p>"
    )
    assert faults_of_partial(branches) == []
    assert faults_of_partial("{# List content: rows. #}<li></li><li></li>") == []


@pytest.mark.parametrize(
    "template",
    [
        "<p style='color: red'>", "<style>p {}</style>", "<script>go()</script>", "<b onclick='go()'>",
        "<b hx-on:click='go()'>", "<a href='javascript:go()'>", "{{ text|safe }}",
    ],
)  # fmt: skip
def test_code_in_a_template_is_found(template: str) -> None:
    assert len(code_in(template)) == 1
    assert code_in("<script type='module' src='{{ asset('js/app.js') }}'></script><b data-only='x'>") == []
