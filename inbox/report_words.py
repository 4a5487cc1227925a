"""A report's sheet in one language: what its picture shows, and the same numbers as text for messages and letters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html import escape

from inbox.queries.report_summary import Bar, Number, Summary
from inbox.report_picture import Chart, Sheet, Tile
from inbox.rules.attribution import source_title
from inbox.rules.splitting import split_text, text_length
from inbox.rules.texts import N_
from inbox.rules.wait_lengths import By
from inbox.runtime.languages import Language

_NBSP = "\u00a0"
_KINDS: Mapping[str, str] = {
    "waits": N_("Waits"),
    "never": N_("Never"),
    "new": N_("New dialogs"),
    "answered": N_("Answered waits"),
    "resolved": N_("Dialogs resolved"),
    "unanswered": N_("Unanswered waits"),
    "dialogs": N_("Dialogs"),
    "good_share": N_("Good ratings"),
    "lost": N_("Slow answers cost"),
    "fast_target_share": N_("Share when quick"),
    "slow_target_share": N_("Share when late"),
    "fast_answered_share": N_("Share when quick"),
    "slow_answered_share": N_("Share when late"),
}
_AXES: Mapping[str, str] = {
    "agent": N_("Agent"),
    "channel": N_("Channel"),
    "source": N_("Source"),
    "tag": N_("Tag"),
    "team": N_("Team"),
    "hour": N_("Hour"),
    "weekday": N_("Weekday"),
}
_NAMELESS: Mapping[str, str] = {
    "agent": N_("Nobody"),
    "source": N_("unknown"),
    "tag": N_("no tag"),
    "team": N_("no team"),
    "channel": N_("removed"),
}
_HOURS: Mapping[By, str] = {
    By.CLOCK: N_("By the clock, around the day."),
    By.BUSINESS: N_("In working hours."),
    By.SHIFT: N_("Inside the shift of whoever held the dialog."),
}
_SHARES: Mapping[str, str] = {
    "target_share": N_("The share is target leads among dialogs with a verdict."),
    "answered_share": N_("The share is answered and resolved dialogs among those that ended."),
}
# Less of these is better; more of what is a share is; the rest is neither.
_LESS_IS_BETTER = frozenset({"p50", "p90", "never", "unanswered", "lost"})
_NEVER = float("inf")
# Round heights of a chart: quarters of them are round too.
_SECONDS = (60, 120, 240, 480, 1200, 2400, 3600, 7200, 14_400, 28_800, 57_600, 86_400, 172_800, 345_600)


@dataclass(frozen=True, slots=True)
class ReportWords:
    """Draws one kept report: its name, its numbers, when they were counted (in the company's zone)."""

    language: Language
    name: str
    summary: Summary
    counted_at: datetime
    time_zone: str

    def sheet(self) -> Sheet:
        """What the picture shows."""
        found = self.summary
        return Sheet(
            title=self.name,
            subtitle=self.subtitle(),
            company=found.company,
            tiles=tuple(self._tile(number) for number in found.numbers),
            chart=self._chart() if found.bars else None,
            head=(self.language.gettext(_AXES[found.axis]), *(self.label(kind) for kind in found.columns)),
            rows=tuple(
                (self.named(line.key, line.label), *map(self.value, found.columns, line.values)) for line in found.lines
            ),
            note=self.note(),
        )

    def subtitle(self) -> str:
        """The period, what is counted, and what the filter leaves."""
        say, found = self.language.gettext, self.summary
        start, end = self.language.date(found.start), self.language.date(found.end)
        parts = [start if found.start == found.end else f"{start} – {end}"]
        if found.page in ("response", "crossed"):
            parts.append(say(N_("First response")) if found.measure == "first" else say(N_("Next responses")))
        for axis, label in found.narrowed:
            parts.append(f"{say(_AXES[axis])}: {self._title(axis, label)}")
        return " · ".join(parts)

    def note(self) -> str:
        """How it was counted, and when."""
        say = self.language.gettext
        parts = [
            say(words) for ending, words in _SHARES.items() if any(k.endswith(ending) for k in self.summary.columns)
        ]
        if self.summary.page in ("response", "crossed"):
            parts += [say(_HOURS[self.summary.hours]), say(N_("Unanswered waits count as endless."))]
        at = self.language.moment(self.counted_at, self.time_zone)
        return " ".join([*parts, say(N_("Counted on {time}.")).format(time=at)])

    def caption(self, limit: int, unit: str) -> str:
        """The numbers as text of at most `limit` units; lines of the table are left out first."""
        head = [self.name, self.subtitle(), ""]
        head += [f"• {line}" for line in self.number_lines()]
        rows = [f"• {line}" for line in self.table_lines()]
        for count in range(len(rows), -1, -1):
            table = ["", f"{self.language.gettext(_AXES[self.summary.axis])}:", *rows[:count]] if count else []
            text = "\n".join([*head, *table])
            if text_length(text, unit) <= limit:
                return text
        return _cut("\n".join(head), limit, unit)

    def letter(self, link: str) -> str:
        """The whole letter as text."""
        parts = [self.caption(100_000, "codepoints"), self.note()]
        return "\n\n".join([*parts, f"{self.language.gettext(_OPEN)}: {link}"])

    def letter_html(self, link: str, picture: str) -> str:
        """The same with the picture (a Content-ID) in its place."""
        sheet, leads = self.sheet(), escape(link)
        numbers = "".join(f"<li>{escape(line)}</li>" for line in self.number_lines())
        cells = "".join(
            "<tr>" + "".join(f'<td style="padding:2px 12px 2px 0">{escape(cell)}</td>' for cell in row) + "</tr>"
            for row in (sheet.head, *sheet.rows)
        )
        image = f'<img src="cid:{escape(picture)}" width="600" alt="{escape(sheet.title)}">'
        return (
            f'<div style="font-family:sans-serif"><h2>{escape(sheet.title)}</h2><p>{escape(sheet.subtitle)}</p>'
            f'<p><a href="{leads}">{image}</a></p><ul>{numbers}</ul>'
            f"{f'<table>{cells}</table>' if sheet.rows else ''}<p>{escape(sheet.note)}</p>"
            f'<p><a href="{leads}">{escape(self.language.gettext(_OPEN))}</a></p></div>'
        )

    def number_lines(self) -> list[str]:
        """The big numbers, a line each."""
        found = []
        for number in self.summary.numbers:
            tile = self._tile(number)
            found.append(f"{tile.label}: {tile.value}" + (f" ({self._before(number)})" if tile.change else ""))
        return found

    def table_lines(self) -> list[str]:
        """The table, a line per row."""
        columns = self.summary.columns
        found = []
        for line in self.summary.lines:
            cells = [
                f"{self.label(kind)} {self.value(kind, value)}"
                for kind, value in zip(columns, line.values, strict=True)
            ]
            found.append(f"{self.named(line.key, line.label)} — {', '.join(cells)}")
        return found

    def label(self, kind: str) -> str:
        """What a number is called."""
        say = self.language.gettext
        if kind == "share":
            return say(N_("Within %(time)s")) % {"time": self.language.duration(self.summary.target_seconds)}
        return say(_KINDS[kind]) if kind in _KINDS else kind

    def value(self, kind: str, value: float | None) -> str:
        """A number as people read it."""
        if value is None:
            return "—"
        if kind in ("p50", "p90"):
            return self.language.gettext(N_("never")) if value == _NEVER else self.language.duration(value)
        if kind.endswith("share"):
            return self.language.percent(value)
        return f"{'≈' + _NBSP if kind == 'lost' and value else ''}{self.language.number(int(value))}"

    def named(self, key: str, label: str) -> str:
        """The name of a line of the table."""
        axis = self.summary.axis
        if axis == "hour":
            return f"{int(key):02}:00"
        if axis == "weekday":
            return str(self.language.locale.days["stand-alone"]["wide"][int(key)]).capitalize()
        return self._title(axis, label)

    def _title(self, axis: str, label: str) -> str:
        named = source_title(label) if axis == "source" else label
        return self.language.gettext(named or _NAMELESS[axis])

    def _tile(self, number: Number) -> Tile:
        label = (
            f"{number.kind} · {self._portion(number.kind)}"
            if number.kind in ("p50", "p90")
            else self.label(number.kind)
        )
        value = self.value(number.kind, number.value)
        if number.before is None or number.value is None:
            return Tile(label, value)
        if number.value == number.before:
            return Tile(label, value, self.language.gettext(N_("as before")))
        arrow = "↑" if number.value > number.before else "↓"
        mood = ""
        if number.kind in _LESS_IS_BETTER or number.kind.endswith("share"):
            better = (number.value < number.before) == (number.kind in _LESS_IS_BETTER)
            mood = "better" if better else "worse"
        return Tile(label, value, f"{arrow} {self._before(number)}", mood)

    def _portion(self, kind: str) -> str:
        return self.language.gettext(N_("half")) if kind == "p50" else self.language.gettext(N_("9 of 10"))

    def _before(self, number: Number) -> str:
        return self.language.gettext(N_("before: {value}")).format(value=self.value(number.kind, number.before))

    def _chart(self) -> Chart:
        found, say = self.summary, self.language.gettext
        waits = found.page != "workload"
        most = _round_count(max(bar.total for bar in found.bars))
        longest = _round_seconds(max([bar.p50 or 0 for bar in found.bars] + [found.target_seconds]))
        title = say(N_("New dialogs by day"))
        if waits:
            title = say(N_("Waits (bars) and p50 (line); dashed: the target of {time}")).format(
                time=self.language.duration(found.target_seconds)
            )
        every = max(1, len(found.bars) // 8)
        return Chart(
            title=title,
            bars=tuple(bar.total / most for bar in found.bars),
            line=tuple(None if bar.p50 is None or not waits else min(1.0, bar.p50 / longest) for bar in found.bars),
            target=found.target_seconds / longest if waits else None,
            left=_ticks(most, lambda value: self.language.number(round(value))),
            right=_ticks(longest, self.language.duration) if waits else (),
            labels=tuple((n, self._place(bar)) for n, bar in enumerate(found.bars) if n % every == 0),
            quiet=frozenset(n for n, bar in enumerate(found.bars) if _is_weekend(bar)),
        )

    def _place(self, bar: Bar) -> str:
        return self.language.date(bar.place).rsplit(" ", 1)[0] if isinstance(bar.place, date) else f"{bar.place:02}:00"


# Inside f-strings no tool finds a text.
_OPEN = N_("Open the report")


def _is_weekend(bar: Bar) -> bool:
    return isinstance(bar.place, date) and bar.place.weekday() > 4


def _ticks(top: float, words: Callable[[float], str]) -> tuple[str, ...]:
    """The labels of nothing, each quarter and the whole."""
    return tuple(words(top * quarter / 4) for quarter in range(5))


def _round_count(most: int) -> int:
    """Four round steps, not below the highest bar."""
    steps = (part * ten for ten in (1, 10, 100, 1000, 10_000, 100_000) for part in (1, 2, 5))
    return next((step * 4 for step in steps if step * 4 >= most), most)


def _round_seconds(most: int) -> int:
    """The next of the round heights; what is longer than all of them is rounded to quarters."""
    return next((step for step in _SECONDS if step >= most), -(-most // 4) * 4)


def _cut(text: str, limit: int, unit: str) -> str:
    return f"{split_text(text, limit - 1, unit)[0].rstrip()}…"
