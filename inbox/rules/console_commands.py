"""What an agent's message in a console means: an answer, an internal note, or a command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

NOTE_SIGN = "//"
MORNING = 9

# A command may name the bot it is for: "/take@our_bot".
_COMMAND = re.compile(r"/([^\W\d_]+)(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_SPAN = re.compile(r"(\d{1,3})\s*([^\W\d_]+)")


class Verb(StrEnum):
    """What can be asked for in a console."""

    TAKE = "take"
    ASSIGN = "assign"
    RESOLVE = "resolve"
    SNOOZE = "snooze"
    TEMPLATE = "t"
    SOURCE = "source"
    CARD = "card"


# The same in the language that most of the people speak who type them.
_ALSO: Mapping[str, Verb] = {
    "взять": Verb.TAKE,
    "назначить": Verb.ASSIGN,
    "закрыть": Verb.RESOLVE,
    "отложить": Verb.SNOOZE,
    "ш": Verb.TEMPLATE,
    "источник": Verb.SOURCE,
    "карточка": Verb.CARD,
}
_UNITS: Mapping[str, timedelta] = {
    **dict.fromkeys(("m", "min", "м", "мин"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "ч", "час"), timedelta(hours=1)),
    **dict.fromkeys(("d", "д", "дн"), timedelta(days=1)),
}
_TOMORROW = frozenset({"tomorrow", "завтра"})
_MONDAY = frozenset({"monday", "понедельник", "пн"})


@dataclass(frozen=True, slots=True)
class Answer:
    """Goes to the client."""

    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Stays among colleagues."""

    text: str


@dataclass(frozen=True, slots=True)
class Command:
    """Does something. `verb` is None for a command that nobody knows; nothing of it goes to the client."""

    verb: Verb | None
    words: str = ""


def read_message(text: str, *, answers_note: bool = False) -> Answer | Note | Command:
    """What a message means. An answer to a note is a note too: what is among colleagues stays there."""
    stripped = text.strip()
    if stripped.startswith(NOTE_SIGN):
        return Note(stripped.removeprefix(NOTE_SIGN).strip())
    found = _COMMAND.fullmatch(stripped)
    if found is not None:
        word = found[1].lower()
        verb = Verb(word) if word in set(Verb) else _ALSO.get(word)
        return Command(verb, (found[2] or "").strip())
    return Note(stripped) if answers_note else Answer(stripped)


def snooze_until(words: str, local: datetime) -> datetime | None:
    """The moment that "1h", "30 мин", "tomorrow" or "понедельник" means; an hour without words, None if not clear.

    `local` is now in the agent's own zone; mornings begin at nine.
    """
    said = words.strip().lower()
    morning = local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    if not said:
        return local + timedelta(hours=1)
    if said in _TOMORROW:
        return morning + timedelta(days=1)
    if said in _MONDAY:
        return morning + timedelta(days=7 - local.weekday())
    found = _SPAN.fullmatch(said)
    unit = _UNITS.get(found[2]) if found else None
    return local + int(found[1]) * unit if found and unit and int(found[1]) else None


def named(words: str, people: Mapping[int, str]) -> int | None:
    """The one person whose name begins so, case and ё/е aside; None for nobody or several."""
    wanted = _fold(words.removeprefix("@"))
    exact = [key for key, name in people.items() if _fold(name) == wanted]
    begins = [key for key, name in people.items() if wanted and _fold(name).startswith(wanted)]
    found = exact or begins
    return found[0] if len(found) == 1 else None


def _fold(name: str) -> str:
    return " ".join(name.casefold().replace("ё", "е").split())
