"""Who answers: candidates with their circumstances in, a choice with reasons out.

The rule is deterministic, and every decision can be explained to the person who asks "why him": each candidate gets
exactly one reason, chosen or skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from inbox.rules.texts import N_


class Mode(StrEnum):
    """How a queue is given out."""

    BY_HAND = "by_hand"
    FIRST_TO_ANSWER = "first_to_answer"
    IN_TURN = "in_turn"
    LEAST_LOADED = "least_loaded"
    WEIGHTED = "weighted"


# In these modes people take dialogs themselves: the rule chooses nobody.
TAKEN_BY_PEOPLE: Final = frozenset({Mode.BY_HAND, Mode.FIRST_TO_ANSWER})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who might be given a dialog, as of now.

    `status` is available, busy or away as the agent set it; `present` whether their screen is connected. Capacity
    counts open dialogs; `weight` is a share among the others in the weighted mode, zero takes no part in it.
    `within_hours` is their shift, `on_break` a gap in it.
    `returned` is whose hands this very dialog was just taken from into the queue, by a person.
    """

    agent_id: int
    name: str
    status: str
    present: bool
    open_count: int
    capacity: int
    last_assigned_at: datetime | None = None
    member: bool = True
    within_hours: bool = True
    on_break: bool = False
    weight: int = 1
    returned: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate was chosen or skipped. `code` is a key of WORDS; `params` fill its sentence."""

    agent_id: int
    name: str
    code: str
    params: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """The decision. Without `agent_id` the dialog stays in the queue; the reasons say why for everybody."""

    agent_id: int | None
    mode: Mode
    reasons: tuple[Reason, ...] = ()


WORDS: Mapping[str, str] = {
    "previous": N_("{name}: has talked with this client before; {open} of {capacity} dialogs"),
    "in_turn": N_("{name}: longest without a new dialog, for {minutes} min; {open} of {capacity} dialogs"),
    "in_turn_first": N_("{name}: has not been given a dialog yet; {open} of {capacity} dialogs"),
    "least_loaded": N_("{name}: has the fewest open dialogs; {open} of {capacity} dialogs"),
    "weighted": N_("{name}: furthest below their share of {weight}; {open} of {capacity} dialogs"),
    "later": N_("{name}: can answer too; {open} of {capacity} dialogs"),
    "not_member": N_("{name}: skipped, does not answer here"),
    "offline": N_("{name}: skipped, is not online"),
    "busy": N_("{name}: skipped, is busy"),
    "away": N_("{name}: skipped, is on a break"),
    "returned": N_("{name}: skipped, the dialog was returned from them"),
    "off_hours": N_("{name}: skipped, outside their working hours"),
    "shift_break": N_("{name}: skipped, has a break in their shift"),
    "full": N_("{name}: skipped, has {open} of {capacity} dialogs"),
    "no_share": N_("{name}: skipped, has no share of new dialogs"),
}


def choose(mode: Mode, candidates: Iterable[Candidate], previous_agent_id: int | None, now: datetime) -> Choice:
    """Whom the dialog goes to. The order of the candidates does not matter.

    The agent who talked with this client before comes first when they can take it; the mode ranks the rest. A tie
    goes to the one longest without a new dialog, then to the lower id.
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.agent_id)
    if mode in TAKEN_BY_PEOPLE:
        return Choice(None, mode)
    refusals = {candidate.agent_id: refusal(candidate, mode) for candidate in ordered}
    eligible = [candidate for candidate in ordered if refusals[candidate.agent_id] is None]
    rank = _RANKS[mode]
    best = min(eligible, key=lambda candidate: (candidate.agent_id != previous_agent_id, rank(candidate)), default=None)
    reasons = []
    for candidate in ordered:
        code = refusals[candidate.agent_id] or "later"
        if candidate is best:
            code = "previous" if candidate.agent_id == previous_agent_id else _praise(mode, candidate)
        reasons.append(Reason(candidate.agent_id, candidate.name, code, _numbers(candidate, code, now)))
    # The chosen one is read first; the rest keep the order of ids.
    reasons.sort(key=lambda reason: best is None or reason.agent_id != best.agent_id)
    return Choice(best.agent_id if best else None, mode, tuple(reasons))


def refusal(candidate: Candidate, mode: Mode) -> str | None:
    """The code of the first thing that keeps this candidate from a dialog, or None when nothing does."""
    if not candidate.member:
        return "not_member"
    if not candidate.present:
        return "offline"
    if candidate.status != "available":
        return "busy" if candidate.status == "busy" else "away"
    if candidate.returned:
        return "returned"
    if not candidate.within_hours:
        return "shift_break" if candidate.on_break else "off_hours"
    if candidate.open_count >= candidate.capacity:
        return "full"
    if mode is Mode.WEIGHTED and candidate.weight <= 0:
        return "no_share"
    return None


def explain(choice: Choice) -> list[tuple[str, dict[str, int | str]]]:
    """The reasons as (message key, its parameters), ready for translation, the chosen one first."""
    return [(WORDS[reason.code], {"name": reason.name, **reason.params}) for reason in choice.reasons]


def _idle(candidate: Candidate) -> tuple[float, int]:
    # Never given anything counts as the longest wait for a turn.
    given = candidate.last_assigned_at
    return (float("-inf") if given is None else given.timestamp(), candidate.agent_id)


_RANKS: Mapping[Mode, Callable[[Candidate], tuple[float, ...]]] = {
    Mode.IN_TURN: _idle,
    Mode.LEAST_LOADED: lambda candidate: (candidate.open_count, *_idle(candidate)),
    # What each would hold with this dialog, per unit of their share: the least filled share is next.
    Mode.WEIGHTED: lambda candidate: ((candidate.open_count + 1) / candidate.weight, *_idle(candidate)),
}


def _praise(mode: Mode, candidate: Candidate) -> str:
    if mode is Mode.IN_TURN and candidate.last_assigned_at is None:
        return "in_turn_first"
    return mode.value


def _numbers(candidate: Candidate, code: str, now: datetime) -> dict[str, int]:
    numbers = {"open": candidate.open_count, "capacity": candidate.capacity}
    if code == "in_turn" and candidate.last_assigned_at is not None:
        numbers["minutes"] = max(0, int((now - candidate.last_assigned_at).total_seconds()) // 60)
    if code == "weighted":
        numbers["weight"] = candidate.weight
    return numbers
