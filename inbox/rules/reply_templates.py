"""Variables in reply templates: `{{contact.name|fallback}}`. Nothing else is special, and nothing is ever run.

The values come from clients, so they are put in as they are and never read again: a client who calls themselves
`{{company}}` keeps that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from inbox.rules.texts import N_

# Every variable that always exists; `contact.` also takes the keys of the company's own fields.
VARIABLES: Mapping[str, str] = {
    "contact.name": N_("The client's name"),
    "contact.first_name": N_("The client's first name"),
    "contact.phone": N_("The client's phone"),
    "contact.email": N_("The client's e-mail"),
    "agent.name": N_("Your name"),
    "agent.first_name": N_("Your first name"),
    "company": N_("The company's name"),
}

_FIELD_PREFIX = "contact."
# A variable stands on one line and holds no braces; everything outside of it is plain text.
_VARIABLE = re.compile(r"\{\{([^{}\n|]*)(?:\|([^{}\n]*))?\}\}")
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*")
_LOOSE = re.compile(r"\{\{|\}\}")


class PartKind(StrEnum):
    """What a stretch of an expanded text is."""

    TEXT = "text"
    VALUE = "value"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the text that goes out. A missing one shows the variable as it was written."""

    kind: PartKind
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Expansion:
    """An expanded template: the text, the same in parts for the preview, and the variables without a value."""

    text: str
    parts: tuple[Part, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a template: a message key, its parameters, and where (characters from the start)."""

    key: str
    position: int
    params: Mapping[str, str] = field(default_factory=dict)


def variables(text: str) -> tuple[str, ...]:
    """The names of the variables in a template, each once, in order."""
    return tuple(dict.fromkeys(found[1].strip() for found in _VARIABLE.finditer(text)))


def expand(text: str, values: Mapping[str, str]) -> Expansion:
    """Put the values in. An empty or absent one gives the fallback, and without that the variable stays visible."""
    parts: list[Part] = []
    position = 0
    for found in _VARIABLE.finditer(text):
        if found.start() > position:
            parts.append(Part(PartKind.TEXT, text[position : found.start()]))
        parts.append(_filled(found, values))
        position = found.end()
    if position < len(text):
        parts.append(Part(PartKind.TEXT, text[position:]))
    missing = dict.fromkeys(part.name for part in parts if part.kind is PartKind.MISSING)
    return Expansion("".join(part.text for part in parts), tuple(parts), tuple(missing))


def check(text: str, field_keys: Iterable[str] = ()) -> tuple[Problem, ...]:
    """What has to be mended before a template is saved; `field_keys` are the company's own contact fields."""
    known = {*VARIABLES, *(_FIELD_PREFIX + key for key in field_keys)}
    found: list[Problem] = []
    for variable in _VARIABLE.finditer(text):
        name = variable[1].strip()
        if not _NAME.fullmatch(name):
            key = N_("“{name}” is not the name of a variable.") if name else N_("A pair of braces is empty.")
            found.append(Problem(key, variable.start(), {"name": name}))
        elif name not in known:
            found.append(Problem(N_("There is no variable “{name}”."), variable.start(), {"name": name}))
    rest = _VARIABLE.sub(lambda variable: " " * len(variable[0]), text)
    for loose in _LOOSE.finditer(rest):
        key = N_("Braces are opened and never closed.") if loose[0] == "{{" else N_("Closing braces close nothing.")
        found.append(Problem(key, loose.start()))
    return tuple(sorted(found, key=lambda problem: problem.position))


def _filled(found: re.Match[str], values: Mapping[str, str]) -> Part:
    name, fallback = found[1].strip(), (found[2] or "").strip()
    value = values.get(name, "").strip() or fallback
    if value:
        return Part(PartKind.VALUE, value, name)
    # An explicit empty fallback ("{{contact.name|}}") means: leave it out, nothing is missing.
    if found[2] is not None:
        return Part(PartKind.VALUE, "", name)
    return Part(PartKind.MISSING, found[0], name)
