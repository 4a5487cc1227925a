"""Days off that a country shares, as presets of working hours.

Russia: the holidays of article 112 of the Labour Code (1-8 January, 23 February, 8 March, 1 and 9 May, 12 June,
4 November; one that falls on a weekend moves to the next working day, but for those of January), and the transfers of
the government's decree: for 2026 of 24 September 2025 (3 January to 9 January, 4 January to 31 December). The decree
for 2027 was not out when this was written: its transfers are to be added as special days.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final

from inbox.rules.texts import N_

_SATURDAY: Final = 5
_RUSSIAN: Final = ((2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4))
_YEARS: Final = (2026, 2027)
_DECREED: Final = (date(2026, 1, 9), date(2026, 12, 31))


def _russian() -> Iterator[date]:
    for year in _YEARS:
        yield from (date(year, 1, day) for day in range(1, 9))
        for month, number in _RUSSIAN:
            day = date(year, month, number)
            yield day
            while day.weekday() >= _SATURDAY:
                day += timedelta(days=1)
            yield day
    yield from _DECREED


PRESETS: Final[Mapping[str, frozenset[date]]] = {"": frozenset(), "ru": frozenset(_russian())}
PRESET_WORDS: Final[Mapping[str, str]] = {"": N_("No holidays"), "ru": N_("Public holidays of Russia, 2026 and 2027")}
