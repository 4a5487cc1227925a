"""Waits by any two axes at once: who answers whom slowly, on which channel, at what hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from inbox.models import Company
from inbox.queries.report_counts import count
from inbox.queries.report_filter import ReportFilter
from inbox.queries.reports import Figures, axis_labels, figures
from inbox.rules.percentiles import Tally
from inbox.rules.permissions import Actor, Permission, require
from inbox.rules.report_columns import Axes, Key
from inbox.runtime.database import Tx

AXES = ("agent", "team", "channel", "source", "tag", "hour", "weekday")
_CLOCK = ("hour", "weekday")


@dataclass(frozen=True, slots=True)
class Crossed:
    """A table: lines down, columns across, the figures where they meet, and the whole of each line."""

    down: str
    across: str
    target_seconds: int
    columns: tuple[tuple[str, str], ...]
    lines: tuple[Figures, ...]
    cells: Mapping[tuple[str, str], Figures]


def crossed(tx: Tx, actor: Actor, wanted: ReportFilter, down: str, across: str) -> Crossed:
    """Waits of a filter by two different axes of AXES; raises KeyError for others. Keys of sources are their names."""
    require(actor, Permission.REPORT_READ)
    company = tx.execute(select(Company.__table__)).one()
    first = wanted.measure == "first"
    target = company.first_response_target_seconds if first else company.next_response_target_seconds
    both: Axes = (down, across)
    found = count(tx, wanted, target, company.time_zone, [both, (down,), (across,)])
    names = axis_labels(tx)
    met = _merged(found[both], both, names)
    lines = _merged(found[down,], (down,), names)
    columns = _merged(found[across,], (across,), names)
    return Crossed(
        down=down,
        across=across,
        target_seconds=target,
        columns=tuple((key, _label(across, key, names)) for (key,) in _ordered(columns, across)),
        lines=tuple(figures(key, _label(down, key, names), lines[key,], target) for (key,) in _ordered(lines, down)),
        cells={(key[0], key[1]): figures("", "", counted, target) for key, counted in met.items()},
    )


def _merged(
    tallies: Mapping[Key, Tally], axes: Axes, names: Mapping[str, Mapping[int, str]]
) -> dict[tuple[str, ...], Tally]:
    """By the keys that addresses carry: sources of one name are one."""
    merged: dict[tuple[str, ...], Tally] = {}
    for key, counted in tallies.items():
        place = tuple(
            names["source"].get(part, "") if axis == "source" else str(part)
            for axis, part in zip(axes, key, strict=True)
        )
        merged[place] = merged[place] + counted if place in merged else counted
    return merged


def _ordered(tallies: Mapping[tuple[str, ...], Tally], axis: str) -> list[tuple[str, ...]]:
    """Hours and weekdays as they pass, the others by how much there is."""
    if axis in _CLOCK:
        return sorted(tallies, key=lambda key: int(key[0]))
    return sorted(tallies, key=lambda key: (-tallies[key].total - tallies[key].undecided, key))


def _label(axis: str, key: str, names: Mapping[str, Mapping[int, str]]) -> str:
    """The name of a key; hours, weekdays and nothing are named by who draws."""
    if axis == "source":
        return key
    return key if axis in _CLOCK else names[axis].get(int(key), "")
