"""A mail service on loopback: a real IMAP server (pymap) and a real SMTP server (aiosmtpd), with fault knobs.

Both are independent of what we wrote: what they take and give is mail as others understand it.
"""

from __future__ import annotations

import asyncio
import contextlib
import imaplib
import ssl
import warnings
from argparse import Namespace
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage

MAILBOX = "support@dubrava.example"
PASSWORD = "app-pass-word-1"


@dataclass
class Sent:
    """A letter that the SMTP server took."""

    sender: str
    recipients: list[str]
    content: bytes

    @property
    def mail(self) -> EmailMessage:
        """The letter, read by the standard library's own policy."""
        found = message_from_bytes(self.content, policy=default)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class Knobs:
    """What goes wrong. `refusals` are answers by stage; at `silent_at` the server thinks forever, at `cut_at` it goes."""

    refusals: dict[str, str] = field(default_factory=dict)
    silent_at: str = ""
    cut_at: str = ""
    # What the sign-in takes.
    password: str = PASSWORD


class _Handler:
    def __init__(self, house: MailHouse) -> None:
        self.house = house

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, host: str, lines: Any) -> Any:
        await self.house.trouble("EHLO", server)
        session.host_name = host
        return lines

    async def handle_MAIL(self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: Any) -> str:
        if refusal := await self.house.trouble("MAIL", server):
            return refusal
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: Any) -> str:
        if refusal := await self.house.trouble("RCPT", server):
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        if refusal := await self.house.trouble("DATA", server):
            return refusal
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.house.sent.append(Sent(envelope.mail_from or "", list(envelope.rcpt_tos), content))
        if self.house.knobs.cut_at == "taken":
            assert server.transport is not None
            server.transport.abort()
        return "250 OK"


class _Overheard:
    """A reader that notices when a client begins to wait for news."""

    def __init__(self, reader: asyncio.StreamReader, idling: asyncio.Event) -> None:
        self._reader = reader
        self._idling = idling
        self._waits = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    async def readline(self) -> bytes:
        """A line, overheard. The server reads again as soon as it watches the mailbox for the client."""
        if self._waits:
            self._idling.set()
        line = await self._reader.readline()
        self._waits = line.rstrip().upper().endswith(b" IDLE")
        return line


class MailHouse:
    """Both servers with one mailbox."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        """Not listening before `run`; `tls` encrypts both from the start."""
        self.knobs = Knobs()
        self.sent: deque[Sent] = deque()
        self.imap_port = self.smtp_port = 0
        self.sign_ins = 0
        # Set as soon as a client waits for news.
        self.idling = asyncio.Event()
        self._tls = tls
        self._never = asyncio.Event()
        self._backend: Any = None
        self._config: Any = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def trouble(self, stage: str, server: SMTP) -> str:
        """Play what the knobs say of a stage; returns the refusal, if any."""
        if self.knobs.silent_at == stage:
            await self._never.wait()
        if self.knobs.cut_at == stage:
            assert server.transport is not None
            server.transport.abort()
        return self.knobs.refusals.get(stage, "")

    def config(self, **more: Any) -> dict[str, Any]:
        """The channel's configuration for this service."""
        values = {
            "provider": "other",
            "address": MAILBOX,
            "password": PASSWORD,
            "imap_host": "127.0.0.1",
            "imap_port": self.imap_port,
            "smtp_host": "127.0.0.1",
            "smtp_port": self.smtp_port,
            "security": "none" if self._tls is None else "tls",
        }
        return {**values, **more}

    async def arrives(self, content: bytes | Message, folder: str = "INBOX", at: datetime | None = None) -> int:
        """A letter comes into a folder; returns its UID."""
        raw = content if isinstance(content, bytes) else content.as_bytes()
        mailbox = await self._mailbox(folder)
        message = AppendMessage(
            raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), at or datetime.now(UTC), frozenset()
        )
        appended = await mailbox.append(message)
        return int(appended.uid)

    async def letters(self, folder: str) -> list[bytes]:
        """What lies in a folder."""
        return await asyncio.to_thread(self._read_folder, folder)

    def _read_folder(self, folder: str) -> list[bytes]:
        """By the standard library's client, which shares nothing with ours."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10) as client:
            client.login(MAILBOX, PASSWORD)
            client.select(folder, readonly=True)
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

    async def add_folder(self, name: str) -> None:
        """Make a folder."""
        mailboxes, _ = self._config.set_cache[MAILBOX]
        await mailboxes.add_mailbox(name)

    async def unseen(self, folder: str = "INBOX") -> int:
        """How many letters of a folder nobody has opened in a mail program."""
        return await asyncio.to_thread(self._count_unseen, folder)

    def _count_unseen(self, folder: str) -> int:
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10) as client:
            client.login(MAILBOX, PASSWORD)
            client.select(folder, readonly=True)
            return len(client.search(None, "UNSEEN")[1][0].split())

    async def forget_numbers(self, folder: str = "INBOX") -> None:
        """The server numbers the folder anew: another UIDVALIDITY."""
        mailbox = await self._mailbox(folder)
        mailbox._uid_validity += 1

    async def _mailbox(self, folder: str) -> Any:
        mailboxes, _ = self._config.set_cache[MAILBOX]
        return await mailboxes.get_mailbox(folder)

    def _authenticated(self, server: SMTP, session: Session, envelope: Envelope, method: str, given: Any) -> AuthResult:
        assert isinstance(given, LoginPassword)
        self.sign_ins += 1
        good = (given.login, given.password) == (MAILBOX.encode(), self.knobs.password.encode())
        return AuthResult(success=good, handled=False)

    def _smtp(self) -> SMTP:
        with warnings.catch_warnings():
            # It warns of signing in without encryption, which is right on loopback.
            warnings.simplefilter("ignore")
            return SMTP(
                _Handler(self),
                hostname="mail.loopback",
                authenticator=self._authenticated,
                auth_require_tls=False,
                auth_required=True,
                enable_SMTPUTF8=True,
                data_size_limit=1 << 20,
            )

    @contextlib.asynccontextmanager
    async def run(self) -> AsyncIterator[MailHouse]:
        """Listen on loopback for the length of the block."""
        loop = asyncio.get_running_loop()
        args = Namespace(
            host=None, port=0, debug=False, tls=False, cert=None, key=None, passlib_cfg=None, proxy_protocol=None,
            inherited_sockets=None, demo_data=False, demo_user=MAILBOX, demo_password=self.knobs.password,
            reject_insecure_auth=False, insecure_login=True,
        )  # fmt: skip
        self._backend, self._config = await DictBackend.init(args, secure_auth=False, invalid_user_sleep=0.0)
        server = IMAPServer(self._backend.login, self._config)
        identity = self._backend.login.demo_user_identity
        async with identity.new_session():
            pass

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await server(_Overheard(reader, self.idling), writer, SocketInfoLocal(writer))

        imap = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=self._tls)
        smtp = await loop.create_server(self._smtp, "127.0.0.1", 0, ssl=self._tls)
        self.imap_port = imap.sockets[0].getsockname()[1]
        self.smtp_port = smtp.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self._never.set()
            imap.close()
            smtp.close()
