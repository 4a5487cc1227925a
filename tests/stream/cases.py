"""The table of the stream: for every action that a screen can show, what happens before the tabs look and then."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from tests.stream.stage import Stage

# Before its `yield` a script prepares; then every tab reads its page; after it the script acts.
Script = Callable[[Stage], AsyncIterator[None]]
Action = Callable[..., Any]


@dataclass(frozen=True)
class Case:
    """One script and the actions that it shows."""

    script: Script
    actions: tuple[Action, ...]

    @property
    def name(self) -> str:
        """The name of the script."""
        return self.script.__name__


CASES: list[Case] = []


def shows(*actions: Action) -> Callable[[Script], Script]:
    """Put a script into the table as the one that shows these actions."""

    def keep(script: Script) -> Script:
        CASES.append(Case(script, actions))
        return script

    return keep


def called(action: Action) -> str:
    """How the table calls an action: file and function."""
    return f"{action.__module__.rpartition('.')[2]}.{action.__name__}"
