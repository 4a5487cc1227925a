"""Sends kept reports out by their schedules: a picture with its numbers, to messengers and as letters."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import parse_qsl

import connectors
from connectors.console import ConsoleButton, ConsolePost
from connectors.contract import REPORT_KEY, MediaKind, Outgoing, OutgoingMedia, Rejected, SendError, Unreachable
from inbox.actions.report_deliveries import OwedReport, begin_report, claim_reports, owe_reports, settle_report
from inbox.equipment import Equipment
from inbox.queries.report_schedules import anything_due
from inbox.queries.report_summary import report_summary
from inbox.report_address import report_filter
from inbox.report_picture import draw_picture
from inbox.report_words import ReportWords
from inbox.rules.errors import DomainError
from inbox.rules.permissions import Actor
from inbox.rules.saved_reports import kept_choices
from inbox.rules.texts import N_
from inbox.runtime.languages import language, zone

log = logging.getLogger(__name__)

SEND_SECONDS = 30.0
PICTURE = "report.png"

_SYSTEM = Actor.system()


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A report in one language, and where its page with the same days is."""

    words: ReportWords
    picture: bytes
    link: str

    @property
    def file(self) -> OutgoingMedia:
        """The picture as a file."""

        async def read() -> bytes:
            return self.picture

        return OutgoingMedia(MediaKind.IMAGE, PICTURE, "image/png", len(self.picture), read)


class ReportSender:
    """Finds what is due, and sends it. Safe in several processes: rows are unique, claimed and begun."""

    def __init__(self, equipment: Equipment) -> None:
        """Nothing is sent before `send_due`."""
        self._with = equipment
        self._sending = asyncio.Lock()
        self._stopping = False
        self.failures = 0

    async def stop(self) -> None:
        """Begin nothing new and let the report that is under way end."""
        self._stopping = True
        async with self._sending:
            pass

    async def send_due(self) -> int:
        """Send every report that is due; returns how many were tried."""
        if not await self._with.database.read(anything_due):
            return 0
        await self._with.database.write(owe_reports, _SYSTEM)
        owed = await self._with.database.write(claim_reports, _SYSTEM)
        drawn: dict[tuple[object, ...], _Drawn] = {}
        for report in owed:
            async with self._sending:
                # What stays behind is claimed again after its lease.
                if not self._stopping:
                    await self._send(report, drawn)
        return len(owed)

    async def _send(self, owed: OwedReport, drawn: dict[tuple[object, ...], _Drawn]) -> None:
        """Send one; recipients of one moment and language, and of one's rights, share a picture."""
        key = (owed.schedule_id, owed.for_at, owed.route.language, owed.route.reader)
        problem: SendError | None = None
        try:
            if key not in drawn:
                drawn[key] = await self._drawn(owed)
            if not await self._with.database.write(begin_report, _SYSTEM, owed):
                return
            async with asyncio.timeout(SEND_SECONDS):
                await self._hand_over(owed, drawn[key])
        except SendError as error:
            problem = error
        except DomainError as error:
            problem = Rejected(error.key)
        except TimeoutError:
            problem = Unreachable(N_("It was not sent in time."), maybe_sent=True)
        except Exception:
            self.failures += 1
            log.exception("a report could not be sent", extra={"schedule": owed.schedule_id})
            problem = SendError(N_("Something went wrong here; the server's log says what."))
        await self._with.database.write(settle_report, _SYSTEM, owed, problem)

    async def _drawn(self, owed: OwedReport) -> _Drawn:
        """The report as it is now, with the days that its period meant when it was due."""
        choices = dict(parse_qsl(owed.query))
        wanted = report_filter(choices, owed.for_at.astimezone(zone(owed.time_zone)).date())
        summary = await self._with.database.read(report_summary, owed.route.reader, owed.page, wanted, choices)
        now = self._with.clock.now()
        words = ReportWords(language(owed.route.language), owed.name, summary, now, owed.time_zone)
        days = {"period": "", "from": wanted.start.isoformat(), "to": wanted.end.isoformat()}
        link = f"{self._with.settings.base_url}/reports/{owed.page}?{kept_choices({**choices, **days})}"
        return _Drawn(words, await draw_picture(words.sheet()), link)

    async def _hand_over(self, owed: OwedReport, drawn: _Drawn) -> None:
        """Raises SendError."""
        route = owed.route
        declared = connectors.find(route.channel_kind)
        config = self._with.config(route.channel_kind, route.config)
        if route.by_letter:
            await declared.send(self._letter(owed, drawn), config, self._with.net)
            return
        console = declared.agent_console
        if console is None:
            raise Rejected(N_("Nobody can be told anything in private on this channel."))
        public, link = self._with.settings.secure, drawn.link
        room = console.max_caption - (0 if public else len(link) + 1)
        text = drawn.words.caption(room, console.text_unit)
        button = ConsoleButton(drawn.words.language.gettext(N_("Open the report")), url=link)
        post = ConsolePost(
            route.to,
            None,
            text if public else f"{text}\n{link}",
            media=(drawn.file,),
            buttons=((button,),) if public else (),
            captioned=True,
        )
        await console.post(post, config, self._with.net)

    def _letter(self, owed: OwedReport, drawn: _Drawn) -> Outgoing:
        words, text = drawn.words, drawn.words.letter(drawn.link)
        now = self._with.clock.now()
        return Outgoing(
            dedup_key=f"{REPORT_KEY}{owed.id}-{owed.for_at.isoformat()}",
            address=owed.route.to,
            text=text,
            parts=(text,),
            at=now,
            now=now,
            media=(drawn.file,),
            subject=f"{owed.name}: {words.subtitle()}",
            html=words.letter_html(drawn.link, PICTURE),
        )
