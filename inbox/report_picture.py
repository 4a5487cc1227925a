"""Draws a report's sheet as a PNG: big numbers, a chart, a table. It knows no words: they come ready in one language.

Everything is drawn twice as large and reduced, so that lines are smooth. Pillow is loaded by the first picture.
"""

from __future__ import annotations

import asyncio
import io
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WIDTH = 1200
# Longer texts are cut before they are measured.
MOST_LETTERS = 200
_SCALE = 2
_EDGE = 48
_FONTS = Path(__file__).parent / "fonts"
_INK, _INK_2, _INK_3, _LINE = "#1a1d22", "#454b55", "#5d636e", "#e2e4e9"
_BAR, _BAR_OFF, _CURVE, _TARGET = "#b9ccf7", "#d8dce4", "#2d57cc", "#176b3f"
_MOODS = {"better": "#176b3f", "worse": "#b3261e", "": _INK_3}
_TILE_HEIGHT, _CHART_HEIGHT, _ROW_HEIGHT = 148, 240, 40
# One picture at a time: it takes some megabytes and a tenth of a second of one core.
_DRAWING = ThreadPoolExecutor(1, "picture")


@dataclass(frozen=True, slots=True)
class Tile:
    """A big number: what it is, the number, and how it was before. `mood`: better, worse or "" (neither)."""

    label: str
    value: str
    change: str = ""
    mood: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with a line over them. Heights are shares of the chart (0..1), None leaves a gap that the line bridges.

    `left` and `right` are the labels of the lines at each quarter, from 0 up (the right ones are the line's);
    `labels` stand below some bars, by their number. `quiet` are the numbers of bars that are drawn grey.
    """

    title: str
    bars: tuple[float, ...]
    line: tuple[float | None, ...]
    target: float | None
    left: tuple[str, ...]
    right: tuple[str, ...]
    labels: tuple[tuple[int, str], ...]
    quiet: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything in words. The first cell of a row is its name."""

    title: str
    subtitle: str
    company: str
    tiles: tuple[Tile, ...]
    chart: Chart | None
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str

    @property
    def height(self) -> int:
        """The height of the picture in pixels."""
        chart = _CHART_HEIGHT + 108 if self.chart else 0
        table = _ROW_HEIGHT * (len(self.rows) + 1) + 24 if self.rows else 0
        return 136 + _TILE_HEIGHT + chart + table + 72


async def draw_picture(sheet: Sheet) -> bytes:
    """The PNG of a sheet, WIDTH pixels wide; drawn on a thread of its own."""
    return await asyncio.get_running_loop().run_in_executor(_DRAWING, draw, sheet)


def draw(sheet: Sheet) -> bytes:
    """The PNG of a sheet."""
    from PIL import Image, ImageDraw

    # Blocks of its usual 16 MiB stay with the process when they are freed: 27 MiB that nobody uses.
    Image.core.set_block_size(1 << 20)  # type: ignore[attr-defined]
    image = Image.new("RGB", (WIDTH * _SCALE, sheet.height * _SCALE), "#ffffff")
    pen = _Pen(ImageDraw.Draw(image))
    _head(pen, sheet)
    top = 136.0
    _tiles(pen, sheet.tiles, top)
    top += _TILE_HEIGHT
    if sheet.chart is not None:
        _chart(pen, sheet.chart, top + 40)
        top += _CHART_HEIGHT + 108
    if sheet.rows:
        _table(pen, sheet, top + 24)
    pen.text(_EDGE, sheet.height - 30, sheet.note, 15, _INK_3, most=WIDTH - 2 * _EDGE)
    kept = io.BytesIO()
    image.reduce(_SCALE).save(kept, "PNG", optimize=True)
    return kept.getvalue()


class _Pen:
    """Draws in the picture's own pixels."""

    def __init__(self, canvas: Any) -> None:
        self._canvas = canvas
        self._fonts: dict[tuple[float, bool], Any] = {}

    def text(
        self, x: float, y: float, words: str, size: float, ink: str = _INK, *,
        bold: bool = False, align: str = "l", most: float = WIDTH,
    ) -> float:  # fmt: skip
        """Words on the line y, cut to `most` pixels; x is their left, middle or right (`align` l, m, r)."""
        font = self._font(size, bold)
        shown = _fitted(_drawable(words), font, most * _SCALE)
        self._canvas.text((x * _SCALE, y * _SCALE), shown, ink, font, anchor=f"{align}s")
        return float(font.getlength(shown)) / _SCALE

    def box(self, left: float, top: float, right: float, bottom: float, ink: str) -> None:
        """A filled box; at least a pixel high."""
        self._canvas.rectangle((left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE), ink)

    def frame(self, left: float, top: float, right: float, bottom: float) -> None:
        """A round frame."""
        place = (left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE)
        self._canvas.rounded_rectangle(place, 8 * _SCALE, None, _LINE, _SCALE)

    def curve(self, points: list[tuple[float, float]], ink: str, width: float = 3) -> None:
        """A line through points, each with a dot when there is room."""
        at = [(x * _SCALE, y * _SCALE) for x, y in points]
        if len(at) > 1:
            self._canvas.line(at, ink, round(width * _SCALE), joint="curve")
        radius = 4 * _SCALE if len(at) <= 40 else 0
        for x, y in at if radius else ():
            self._canvas.ellipse((x - radius, y - radius, x + radius, y + radius), ink)

    def _font(self, size: float, bold: bool) -> Any:
        if (size, bold) not in self._fonts:
            from PIL import ImageFont

            file = _FONTS / ("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
            made = ImageFont.truetype(str(file), size * _SCALE, layout_engine=ImageFont.Layout.BASIC)
            self._fonts[size, bold] = made
        return self._fonts[size, bold]


def _drawable(words: str) -> str:
    """One line without what the font cannot have: emoji, joiners, marks of direction. Foreign letters become boxes."""
    whole = unicodedata.normalize("NFC", words[:MOST_LETTERS])
    kept = (sign for sign in whole if sign in _SIGNS or unicodedata.category(sign) not in _DROPPED)
    return " ".join("".join(kept).split())


_DROPPED = frozenset({"So", "Sk", "Cf", "Cs", "Co", "Cn", "Mn"})
_SIGNS = frozenset("№™°©®")


def _fitted(words: str, font: Any, most: float) -> str:
    """The words, or as much of their beginning as fits, with an ellipsis."""
    if font.getlength(words) <= most:
        return words
    fits, over = 0, len(words)
    while over - fits > 1:
        middle = (fits + over) // 2
        fits, over = (middle, over) if font.getlength(f"{words[:middle].rstrip()}…") <= most else (fits, middle)
    return f"{words[:fits].rstrip()}…"


def _head(pen: _Pen, sheet: Sheet) -> None:
    taken = pen.text(WIDTH - _EDGE, 68, sheet.company, 20, _INK_2, align="r", most=360)
    pen.text(_EDGE, 68, sheet.title, 32, bold=True, most=WIDTH - 2 * _EDGE - taken - 32)
    pen.text(_EDGE, 106, sheet.subtitle, 20, _INK_2, most=WIDTH - 2 * _EDGE)


def _tiles(pen: _Pen, tiles: tuple[Tile, ...], top: float) -> None:
    wide = (WIDTH - 2 * _EDGE) / max(1, len(tiles))
    pen.frame(_EDGE, top, WIDTH - _EDGE, top + _TILE_HEIGHT)
    for number, tile in enumerate(tiles):
        left = _EDGE + wide * number
        if number:
            pen.box(left, top, left + 0.5, top + _TILE_HEIGHT, _LINE)
        room = wide - 40
        pen.text(left + 20, top + 36, tile.label, 17, _INK_2, most=room)
        pen.text(left + 20, top + 88, tile.value, 38, bold=True, most=room)
        pen.text(left + 20, top + 124, tile.change, 16, _MOODS[tile.mood], most=room)


def _chart(pen: _Pen, chart: Chart, top: float) -> None:
    pen.text(_EDGE, top + 10, chart.title, 17, bold=True, most=WIDTH - 2 * _EDGE)
    floor = top + 36 + _CHART_HEIGHT
    left, right = _EDGE + 56, WIDTH - _EDGE - (96 if chart.right else 0)
    quarters = 4
    for number in range(quarters + 1):
        y = floor - _CHART_HEIGHT * number / quarters
        pen.box(left, y, right, y + 0.5, _LINE)
        if chart.left:
            pen.text(left - 10, y + 5, chart.left[number], 14, _INK_3, align="r", most=56)
        if chart.right:
            pen.text(right + 10, y + 5, chart.right[number], 14, _CURVE, most=90)
    step = (right - left) / max(1, len(chart.bars))
    # A few bars stay slim.
    gap = max(min(step * 0.2, 6), (step - 120) / 2)
    for number, height in enumerate(chart.bars):
        x = left + step * number
        ink = _BAR_OFF if number in chart.quiet else _BAR
        if height > 0:
            pen.box(x + gap, floor - _CHART_HEIGHT * height, x + step - gap, floor, ink)
    for number, words in chart.labels:
        pen.text(left + step * (number + 0.5), floor + 24, words, 14, _INK_3, align="m", most=110)
    if chart.target is not None:
        _dashes(pen, left, right, floor - _CHART_HEIGHT * chart.target)
    pen.curve(
        [
            (left + step * (number + 0.5), floor - _CHART_HEIGHT * height)
            for number, height in enumerate(chart.line)
            if height is not None
        ],
        _CURVE,
    )


def _dashes(pen: _Pen, left: float, right: float, y: float) -> None:
    x = left
    while x < right:
        pen.box(x, y - 0.5, min(x + 7, right), y + 0.5, _TARGET)
        x += 14


def _table(pen: _Pen, sheet: Sheet, top: float) -> None:
    columns = len(sheet.head) - 1
    wide = min(216.0, (WIDTH - 2 * _EDGE - 240) / max(1, columns))
    named = WIDTH - 2 * _EDGE - wide * columns - 16
    for number, cells in enumerate((sheet.head, *sheet.rows)):
        y = top + _ROW_HEIGHT * number + 26
        size, ink = (15, _INK_3) if number == 0 else (17, _INK)
        pen.text(_EDGE, y, cells[0], size, ink, most=named)
        for column, words in enumerate(cells[1:], start=1):
            right = WIDTH - _EDGE - wide * (columns - column)
            pen.text(right, y, words, size, ink, align="r", most=wide - 16)
        pen.box(_EDGE, y + 13, WIDTH - _EDGE, y + 13.5, _LINE)
