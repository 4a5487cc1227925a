"""Who is named with @ in a note."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPACES = re.compile(r"\s+")
# An e-mail address is not a mention: before the @ stands the start, a space or punctuation.
_SIGN = re.compile(r"(?<![\w.+-])@(?=\w)")


def mentioned(text: str, agents: Iterable[tuple[int, str]]) -> tuple[int, ...]:
    """The ids of the agents named as `@Name Surname`, each once, in order of the text.

    Case, ё/е and the kind of spaces do not matter. The longest full name that fits is taken, so "@Анна Ким" is not
    also "@Анна". Two agents of exactly the same name are both meant. A first name alone is enough when only one
    agent has it.
    """
    names = _by_name(agents)
    folded = _fold(text)
    found: dict[int, None] = {}
    for sign in _SIGN.finditer(folded):
        rest = folded[sign.end() :]
        fitting = next((name for name in sorted(names, key=len, reverse=True) if _starts_with(rest, name)), None)
        if fitting is not None:
            found.update(dict.fromkeys(names[fitting]))
    return tuple(found)


def mention_spans(text: str, names: Iterable[str]) -> tuple[tuple[int, int], ...]:
    """Where a note names somebody with @, as (start, end) in the text: what the screen marks."""
    known = {" ".join(name.split()) for name in names}
    spelled = sorted(known | {name.split(" ")[0] for name in known} - {""}, key=len, reverse=True)
    if not spelled:
        return ()
    pattern = re.compile(_SIGN.pattern + "(?:" + "|".join(map(_any_spelling, spelled)) + r")(?!\w)", re.IGNORECASE)
    return tuple(found.span() for found in pattern.finditer(text))


def _any_spelling(name: str) -> str:
    return r"\s+".join(re.sub("[её]", "[её]", re.escape(word.lower())) for word in name.split(" "))


def _by_name(agents: Iterable[tuple[int, str]]) -> dict[str, list[int]]:
    full: dict[str, list[int]] = {}
    first: dict[str, list[int]] = {}
    for agent_id, name in agents:
        folded = _fold(name).strip()
        if folded:
            full.setdefault(folded, []).append(agent_id)
            first.setdefault(folded.split(" ")[0], []).append(agent_id)
    alone = {name: ids for name, ids in first.items() if len(ids) == 1}
    return {**alone, **full}


def _fold(text: str) -> str:
    return _SPACES.sub(" ", text).casefold().replace("ё", "е")


def _starts_with(text: str, name: str) -> bool:
    after = text[len(name) : len(name) + 1]
    return text.startswith(name) and not (after.isalnum() or after == "_")
