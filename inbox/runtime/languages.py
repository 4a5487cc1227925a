"""The languages of the screens: catalogues read straight from .po files, and dates, numbers and waits in words.

There is no compile step: a translator edits inbox/locales/<code>/*.po, one file per area, and restarts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as calendar_day
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, dates, numbers
from babel.messages.pofile import read_po

from inbox.rules.texts import N_

LOCALES = Path(__file__).parent.parent / "locales"
CODES = ("ru", "en")
NAMES: Mapping[str, str] = {"ru": "Русский", "en": "English"}

# Number and unit must not be torn apart at the end of a line.
_NBSP = "\u00a0"
_SIZES = (N_("B"), N_("KB"), N_("MB"), N_("GB"))
_TODAY = N_("Today")
_YESTERDAY = N_("Yesterday")


class Language:
    """Words and formats of one language. Immutable; one object per language serves the whole process."""

    def __init__(self, code: str, folders: Iterable[Path] = (LOCALES,)) -> None:
        """Read every catalogue of `code`; English is the language of the keys and needs none."""
        self.code = code
        self.locale = Locale.parse(code)
        self._singular: dict[str, str] = {}
        self._plurals: dict[str, tuple[str, ...]] = {}
        for folder in folders:
            for file in sorted((folder / code).glob("*.po")):
                self._read(file)

    def __repr__(self) -> str:
        """Short, for logs."""
        return f"Language({self.code!r})"

    def gettext(self, message: str) -> str:
        """The translation of a key, or the key itself.

        What stands behind a sentence and a colon is a platform's, behind a dot an advertisement's: it stays.
        """
        whole = self._singular.get(message)
        if whole is not None:
            return whole
        place, dot, campaign = message.partition(" · ")
        if dot and place in self._singular:
            return f"{self._singular[place]} · {campaign}"
        words, colon, detail = message.partition(": ")
        ours = self._singular.get(f"{words}.", self._singular.get(words)) if colon else None
        return message if ours is None else f"{ours.removesuffix('.')}: {detail}"

    def ngettext(self, singular: str, plural: str, count: float) -> str:
        """The form of a counted phrase that this number takes ("1 диалог", "2 диалога", "5 диалогов")."""
        forms = self._plurals.get(singular)
        if forms is None:
            return singular if count == 1 else plural
        form = self._form(int(count))
        return forms[form] if form < len(forms) else forms[-1]

    def time(self, moment: datetime, time_zone: str) -> str:
        """Hours and minutes: "15:36"."""
        return dates.format_time(
            moment, "HH:mm" if self.code == "ru" else "short", tzinfo=zone(time_zone), locale=self.locale
        )

    def day(self, moment: datetime, time_zone: str, now: datetime) -> str:
        """One of "Сегодня, 24 ноября", "Вчера, 23 ноября", "14 ноября", and with the year when it is another one."""
        local, today = (value.astimezone(zone(time_zone)).date() for value in (moment, now))
        words = self._date_words(local, today)
        if local == today:
            return f"{self.gettext(_TODAY)}, {words}"
        return f"{self.gettext(_YESTERDAY)}, {words}" if (today - local).days == 1 else words

    def short(self, moment: datetime, time_zone: str, now: datetime) -> str:
        """The shortest that is clear: time today, day and month this year, else the date."""
        local, today = (value.astimezone(zone(time_zone)).date() for value in (moment, now))
        if local == today:
            return self.time(moment, time_zone)
        pattern = "d MMM" if local.year == today.year else "dd.MM.yyyy"
        return dates.format_date(local, pattern, locale=self.locale).replace(" ", _NBSP)

    def moment(self, moment: datetime, time_zone: str) -> str:
        """Date and time in full, for titles and tables."""
        return dates.format_datetime(moment, "d MMM yyyy, HH:mm", tzinfo=zone(time_zone), locale=self.locale)

    def date(self, day: calendar_day) -> str:
        """A calendar day: "24 нояб. 2026"."""
        return dates.format_date(day, "d MMM yyyy", locale=self.locale)

    def duration(self, seconds: float) -> str:
        """A wait in at most two units: "40 с", "1 мин 12 с", "38 мин", "3 ч 10 мин", "2 д 4 ч"."""
        whole = max(0, int(seconds))
        days, rest = divmod(whole, 86_400)
        hours, rest = divmod(rest, 3_600)
        minutes, left = divmod(rest, 60)
        day, hour, minute, second = self._units
        if days:
            return self._pair(days, day, hours, hour)
        if hours:
            return self._pair(hours, hour, minutes, minute)
        if minutes >= 10:
            return f"{minutes}{_NBSP}{minute}"
        return self._pair(minutes, minute, left, second) if minutes else f"{left}{_NBSP}{second}"

    def size(self, count: int) -> str:
        """Bytes for people: "184 КБ"."""
        value, step = float(count), 0
        while value >= 1024 and step < len(_SIZES) - 1:
            value, step = value / 1024, step + 1
        words = self.number(round(value, 1) if step > 1 else round(value))
        return f"{words}{_NBSP}{self.gettext(_SIZES[step])}"

    def number(self, value: float) -> str:
        """Digits grouped the way the language does."""
        return _decimal(self.code, value)

    def percent(self, share: float) -> str:
        """A share of one as "82,5 %"."""
        return numbers.format_percent(
            share, "#,##0.# %" if self.code == "ru" else "#,##0.#%", locale=self.locale
        ).replace(" ", _NBSP)

    @cached_property
    def _units(self) -> tuple[str, str, str, str]:
        return (self.gettext("d"), self.gettext("h"), self.gettext("min"), self.gettext("s"))

    def _pair(self, large: int, large_unit: str, small: int, small_unit: str) -> str:
        words = f"{large}{_NBSP}{large_unit}"
        return f"{words} {small}{_NBSP}{small_unit}" if small else words

    def _date_words(self, day: calendar_day, today: calendar_day) -> str:
        pattern = "d MMMM" if day.year == today.year else "d MMMM yyyy"
        return dates.format_date(day, pattern, locale=self.locale)

    def _form(self, count: int) -> int:
        rule = _plural(self.code, count)
        return ("one", "few", "many", "other").index(rule) if self.code == "ru" else int(rule != "one")

    def _read(self, file: Path) -> None:
        with file.open("rb") as source:
            catalogue = read_po(source, locale=self.code)
        for message in catalogue:
            if not message.id or message.fuzzy:
                continue
            if isinstance(message.id, tuple | list):
                self._plurals[message.id[0]] = tuple(message.string or ())
            elif message.string:
                self._singular[str(message.id)] = str(message.string)


_LOADED: dict[str, Language] = {}


def language(code: str | None) -> Language:
    """The language of a code; an unknown one is English."""
    known = code if code in CODES else "en"
    if known not in _LOADED:
        _LOADED[known] = Language(known)
    return _LOADED[known]


def choose_language(wanted: str | None, accept_language: str) -> Language:
    """What the person chose, else the first of the browser's languages that we speak, else English."""
    if wanted in CODES:
        return language(wanted)
    for part in accept_language.split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in CODES:
            return language(code)
    return language("en")


# A report says a thousand numbers, and most of them often.
@lru_cache(maxsize=4096)
def _decimal(code: str, value: float) -> str:
    return numbers.format_decimal(value, locale=code)


@lru_cache(maxsize=4096)
def _plural(code: str, count: int) -> str:
    return Locale.parse(code).plural_form(count)


def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name; an unknown name is UTC, for a page must not fail on a bad setting."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
