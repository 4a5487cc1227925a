"""What is measured, against which budget, and how it is told: one table, and "over budget" in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# What, measured, budget, verdict.
Row = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit of the design. `at_least`: the figure must not be smaller; otherwise it must not be larger."""

    what: str
    limit: float
    unit: str
    at_least: bool = False

    def holds(self, value: float) -> bool:
        """Whether a measured value is within."""
        return value >= self.limit if self.at_least else value <= self.limit

    def words(self) -> str:
        """The limit as people read it."""
        return f"{'≥' if self.at_least else '≤'} {told(self.limit, self.unit)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value; `note` says what it stands on."""

    budget: Budget
    value: float
    note: str = ""

    @property
    def verdict(self) -> str:
        """within, or over budget."""
        return "within" if self.budget.holds(self.value) else "over budget"


INGEST = Budget("durable ingest / bare echo", 0.25, "", at_least=True)
INGEST_BIG = Budget("durable ingest, many conversations in the file / empty file", 0.6, "", at_least=True)
SCREEN_P50 = Budget("visitor to the agent's screen, p50", 5, "ms")
SCREEN_P99 = Budget("visitor to the agent's screen, p99", 50, "ms")
REST = Budget("memory at rest", 90, "MiB")
SOCKET = Budget("memory per idle visitor socket", 20, "KiB")
BOT_RATE = Budget("updates of a bot taken in from its backlog", 250, "/s", at_least=True)
BOT_LOST = Budget("updates of a bot lost, doubled or out of order", 0, "")
BOT_REST = Budget("memory at rest with a Telegram bot", 220, "MiB")
BOT_MEMORY = Budget("memory after the backlog of a bot", 300, "MiB")
START = Budget("start on an existing file to the first page", 1.5, "s")
LOADER = Budget("loader, gzip", 2, "KB")
CHAT = Budget("loader + chat + css, gzip", 12, "KB")

BUDGETS = (
    INGEST,
    INGEST_BIG,
    SCREEN_P50,
    SCREEN_P99,
    REST,
    SOCKET,
    BOT_RATE,
    BOT_LOST,
    BOT_REST,
    BOT_MEMORY,
    START,
    LOADER,
    CHAT,
)


def told(value: float, unit: str) -> str:
    """A number with its unit, three figures at most."""
    digits = 0 if value == int(value) or value >= 100 else 1 if value >= 10 else 2
    return f"{value:.{digits}f} {unit}".rstrip()


def row(figure: Figure) -> Row:
    """A figure as a row of the table."""
    note = f" ({figure.note})" if figure.note else ""
    budget = figure.budget
    return budget.what + note, told(figure.value, budget.unit), budget.words(), figure.verdict


def table(figures: Iterable[Row]) -> str:
    """Markdown: what, measured, budget, verdict."""
    rows: list[Row] = [("what", "measured", "budget", ""), *figures]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([lines[0], "|---" * 4 + "|", *lines[1:]])


def nearest_rank(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` (0 to 1) of all values do not exceed; raises ValueError without values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
