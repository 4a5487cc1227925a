"""Reports as tables for other programs: a row per wait or per dialog, as CSV or XLSX, read page by page."""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, Any

from aiohttp import web

from inbox.actions.exports import note_export
from inbox.queries.report_dialogs import DialogLine, report_dialogs
from inbox.queries.report_filter import ReportFilter
from inbox.queries.report_turns import TurnLine, report_turns
from inbox.queries.report_workload import BY, FIGURES, Workload, workload
from inbox.rules.errors import NotFound
from inbox.rules.texts import N_
from inbox.runtime.languages import zone
from inbox.web.report_address import read_address, read_by
from inbox.web.visit import Visit, visit
from inbox.web.workload_pages import BY_WORDS, FIGURE_WORDS, NAMELESS

# Rows per read of the database: a reader is never held for long.
ROWS_AT_ONCE = 2000
# What a sheet can hold, its heading left out.
MOST_SHEET_ROWS = 1_048_575
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 262_144
_OUTCOMES = {"answered": N_("answered"), "unanswered": N_("not answered"), "dismissed": N_("no answer needed")}
_STATUSES = {"open": N_("open"), "snoozed": N_("snoozed"), "resolved": N_("resolved")}
TURN_HEADINGS = (
    N_("Dialog"), N_("Client"), N_("Channel"), N_("Source"), N_("Agent"), N_("Wait number"), N_("Began"), N_("Ended"),
    N_("How it ended"), N_("Seconds"), N_("Working seconds"),
)  # fmt: skip
DIALOG_HEADINGS = (
    N_("Dialog"), N_("Client"), N_("Channel"), N_("Source"), N_("Medium"), N_("Campaign"), N_("Query"), N_("Agent"),
    N_("Status"), N_("Began"), N_("Resolved"), N_("First wait"), N_("Seconds"), N_("Working seconds"), N_("Waits"),
    N_("Tags"),
)  # fmt: skip

Cells = list[str | int | None]


async def export_turns(request: web.Request) -> web.StreamResponse:
    """A row per wait of a report."""
    here = visit(request)
    wanted = await read_address(here)
    return await _export(here, "turns", wanted, TURN_HEADINGS, _turns(here, wanted))


async def export_dialogs(request: web.Request) -> web.StreamResponse:
    """A row per dialog whose first wait began in the period."""
    here = visit(request)
    wanted = replace(await read_address(here), measure="first")
    return await _export(here, "dialogs", wanted, DIALOG_HEADINGS, _dialogs(here, wanted))


async def export_workload(request: web.Request) -> web.StreamResponse:
    """The table of workload as it stands on the page."""
    here = visit(request)
    wanted, by = await read_address(here), read_by(request, BY)
    table = await here.read(workload, wanted, by)
    headings = (BY_WORDS[by], *(FIGURE_WORDS[figure] for figure in FIGURES))
    return await _export(here, "workload", wanted, headings, _workload(here, table))


async def _export(
    here: Visit, what: str, wanted: ReportFilter, headings: Sequence[str], pages: AsyncIterator[list[Cells]]
) -> web.StreamResponse:
    """Send a file of the kind that the address ends with; raises NotFound for another one."""
    kind = here.request.match_info["kind"]
    if kind not in ("csv", "xlsx"):
        raise NotFound
    await here.write(note_export, f"{what}.{kind}", f"{wanted.start}..{wanted.end}")
    spoken = [here.language.gettext(heading) for heading in headings]
    name = f"{what}-{wanted.start}-{wanted.end}.{kind}"
    response = web.StreamResponse(
        headers={"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    )
    if kind == "csv":
        await _send_csv(here.request, response, spoken, pages, ";" if here.language.code == "ru" else ",")
    else:
        await _send_xlsx(here.request, response, spoken, pages)
    return response


async def _turns(here: Visit, wanted: ReportFilter) -> AsyncIterator[list[Cells]]:
    before = None
    while lines := await here.read(report_turns, wanted, before=before, limit=ROWS_AT_ONCE):
        yield [_turn_cells(here, line) for line in lines]
        before = lines[-1].id


async def _dialogs(here: Visit, wanted: ReportFilter) -> AsyncIterator[list[Cells]]:
    before = None
    while lines := await here.read(report_dialogs, wanted, before=before, limit=ROWS_AT_ONCE):
        yield [_dialog_cells(here, line) for line in lines]
        before = lines[-1].first_turn_id


async def _workload(here: Visit, table: Workload) -> AsyncIterator[list[Cells]]:
    words = here.language.gettext
    yield [
        [
            line.key if line.day else words(line.label or NAMELESS.get(table.by, "")),
            *(line.numbers.get(figure, 0) for figure in FIGURES),
        ]
        for line in table.lines
    ]


def _turn_cells(here: Visit, line: TurnLine) -> Cells:
    words = here.language.gettext
    return [
        line.conversation_id, line.contact_name, line.channel_name, words(line.source_label or ""), line.agent_name,
        line.number, _moment(here, line.opened_at), _moment(here, line.closed_at), _outcome(here, line.outcome),
        line.clock_seconds, line.business_seconds,
    ]  # fmt: skip


def _dialog_cells(here: Visit, line: DialogLine) -> Cells:
    words = here.language.gettext
    return [
        line.id, line.contact_name, line.channel_name, words(line.source or ""), line.medium, line.campaign, line.term,
        line.agent_name, words(_STATUSES.get(line.status, line.status)), _moment(here, line.opened_at),
        _moment(here, line.resolved_at), _outcome(here, line.outcome), line.clock_seconds, line.business_seconds,
        line.turn_count, line.tags,
    ]  # fmt: skip


def _outcome(here: Visit, outcome: str | None) -> str:
    return here.language.gettext(_OUTCOMES.get(outcome or "", N_("still waits")))


def _moment(here: Visit, moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(zone(here.view.time_zone)).strftime("%Y-%m-%d %H:%M:%S")


async def _send_csv(
    request: web.Request,
    response: web.StreamResponse,
    headings: Sequence[str],
    pages: AsyncIterator[list[Cells]],
    delimiter: str,
) -> None:
    """Send each page as it is read, after a byte order mark so that spreadsheets read Russian."""
    response.content_type, response.charset = "text/csv", "utf-8"
    await response.prepare(request)
    await response.write(_csv([list(headings)], delimiter).encode("utf-8-sig"))
    async for rows in pages:
        await response.write(_csv(rows, delimiter).encode())
    await response.write_eof()


def _csv(rows: Sequence[Cells], delimiter: str) -> str:
    target = io.StringIO()
    csv.writer(target, delimiter=delimiter).writerows([_safe(cell) for cell in row] for row in rows)
    return target.getvalue()


def _safe(cell: str | int | None) -> str | int | None:
    """A leading sign would make a spreadsheet read a name as a formula."""
    return "'" + cell if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


async def _send_xlsx(
    request: web.Request, response: web.StreamResponse, headings: Sequence[str], pages: AsyncIterator[list[Cells]]
) -> None:
    """Write the sheet into a temporary file row by row, then send that."""
    response.content_type = _XLSX
    with tempfile.TemporaryFile() as file:
        sheet = _Sheet(file, headings)
        async for rows in pages:
            if not await asyncio.to_thread(sheet.add, rows):
                break
        await asyncio.to_thread(sheet.close)
        await response.prepare(request)
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            await response.write(chunk)
    await response.write_eof()


class _Sheet:
    """A workbook of one sheet that keeps one row in memory."""

    def __init__(self, file: IO[bytes], headings: Sequence[str]) -> None:
        # Not needed, and not imported, before somebody wants a sheet.
        from xlsxwriter import Workbook

        self._book = Workbook(file, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, len(headings) - 1, 18)
        self._sheet.write_row(0, 0, headings, self._book.add_format({"bold": True}))
        self._row = 1

    def add(self, rows: Sequence[Cells]) -> bool:
        """Add rows; False when the sheet is full."""
        for row in rows:
            if self._row > MOST_SHEET_ROWS:
                return False
            self._write(row)
        return True

    def close(self) -> None:
        """Finish the file."""
        self._book.close()

    def _write(self, row: Cells) -> None:
        cells: list[Any] = list(row)
        self._sheet.write_row(self._row, 0, cells)
        self._row += 1
