"""Charts as numbers in percent: the templates only place them, so they stretch and their text does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter

from inbox.queries.reports import Figures, ResponseHours, ResponseReport
from inbox.runtime.languages import Language

_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 43200, 86400, 172800, 604800)
_LINES = 4
# Percent of the chart's height that a word beside a line takes.
_WORD_HEIGHT = 9.0


@dataclass(frozen=True, slots=True)
class DayMark:
    """One day of the trend: where it stands and what its title says."""

    day: date
    x: float
    left: float
    width: float
    weekend: bool
    label: str | None
    total: int
    waiting: int
    p50: int | None
    p90: int | None


@dataclass(frozen=True, slots=True)
class DayChart:
    """Two lines over days: the points of p50 and p90 in percent, the grid (percent, seconds), the target's height.

    `words` are the heights of what is written beside the lines: "p50", "p90" and "target".
    """

    marks: tuple[DayMark, ...]
    p50: str
    p90: str
    grid: tuple[tuple[float, int], ...]
    target: float
    words: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the distribution: from `least` to `most` seconds (None: open), or never."""

    least: int | None
    most: int | None
    never: bool
    number: int
    width: float
    share: float
    late: bool


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One weekday of the heat map (0 is Monday): the figures of each hour with its shade, 0..5 (None: no waits)."""

    weekday: int
    cells: tuple[tuple[int, Figures | None, int], ...]


def heat_map(report: ResponseHours) -> tuple[HeatRow, ...]:
    """When answers are slow. Shades 0..3 are quarters of the target, 4 is past it, 5 twice past it or never."""
    hours = sorted({hour for _, hour in report.hours})
    span = range(hours[0], hours[-1] + 1) if hours else range(0)

    def cell(weekday: int, hour: int) -> tuple[int, Figures | None, int]:
        found = report.hours.get((weekday, hour))
        return (hour, None, 0) if found is None or not found.total else (hour, found, _shade(found, report))

    return tuple(HeatRow(weekday, tuple(cell(weekday, hour) for hour in span)) for weekday in range(7)) if hours else ()


def _shade(found: Figures, report: ResponseHours) -> int:
    if found.p50 is None or found.p50 >= 2 * report.target_seconds:
        return 5
    return min(4, found.p50 * 4 // max(1, report.target_seconds))


def day_chart(report: ResponseReport, language: Language) -> DayChart:
    """The trend by day. Days without waits leave a gap bridged by the line."""
    days = report.days
    values = [figure for _, figures in days for figure in (figures.p50, figures.p90) if figure is not None]
    top = _top(max([*values, report.target_seconds]))
    step = 100 / max(1, len(days))
    marks = []
    for number, (day, figures) in enumerate(days):
        label = language.date(day).rsplit(" ", 1)[0] if number % max(1, len(days) // 5) == 0 else None
        marks.append(
            DayMark(
                day, round(step * (number + 0.5), 2), round(step * number, 2), round(step, 2), day.weekday() > 4, label,
                figures.total, figures.waiting, figures.p50, figures.p90,
            )
        )  # fmt: skip
    lines = {}
    for name in ("p50", "p90"):
        pairs = [(mark.x, getattr(mark, name)) for mark in marks if getattr(mark, name) is not None]
        lines[name] = [(x, round(100 - value / top * 100, 2)) for x, value in pairs]
    target = round(100 - report.target_seconds / top * 100, 1)
    ends = {name: line[-1][1] for name, line in lines.items() if line}
    return DayChart(
        marks=tuple(marks),
        p50=" ".join(f"{x},{y}" for x, y in lines["p50"]),
        p90=" ".join(f"{x},{y}" for x, y in lines["p90"]),
        grid=tuple((round(100 - part / _LINES * 100, 1), round(top * part / _LINES)) for part in range(_LINES + 1)),
        target=target,
        words=_apart({**ends, "target": target}),
    )


def _apart(heights: Mapping[str, float]) -> dict[str, float]:
    """The same words so far apart that none covers another, and all within the chart."""
    apart, free = {}, 0.0
    for name, height in sorted(heights.items(), key=itemgetter(1)):
        apart[name] = max(height, free)
        free = apart[name] + _WORD_HEIGHT
    below = max(0.0, free - _WORD_HEIGHT - 100)
    return {name: round(height - below, 2) for name, height in apart.items()}


def bar_chart(report: ResponseReport) -> tuple[Bar, ...]:
    """How long clients waited, in stretches, with those who never heard back."""
    total = sum(number for _, number in report.bars)
    most = max([number for _, number in report.bars] + [1])
    bars, least = [], 0
    for edge, number in report.bars:
        share = number / total if total else 0.0
        never = edge is None
        until = None if never or edge == 0 else edge
        late = never or least >= report.target_seconds
        bars.append(Bar(None if never else least, until, never, number, round(number / most * 100, 2), share, late))
        least = edge or least
    return tuple(bars)


def _top(value: int) -> int:
    """A round number of seconds above the highest point, divisible into the grid's lines."""
    for step in _STEPS:
        if step * _LINES >= value:
            return step * _LINES
    return value
