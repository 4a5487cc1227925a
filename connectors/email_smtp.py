"""Handing one letter to a mail server: SMTP submission (RFC 5321, 6409) over a guarded line.

Until the end of the letter is said, nothing can have been accepted; after that only the server's answer tells.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.contract import (
    ChannelMisconfigured,
    Connection,
    Rejected,
    SendError,
    Throttled,
    TooLarge,
    Unreachable,
    with_detail,
)

# Seconds for everything before the letter; a server that thinks longer than this is as good as gone.
BEFORE_SECONDS = 15.0
_BUSY = re.compile(r"too many|rate|limit|try again|grey|throttl|quota", re.IGNORECASE)
_NOBODY = re.compile(r"5\.1\.1|no such|unknown|not exist|invalid mailbox|does not have", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """A reply of the server: its code and its words without the codes."""

    code: int
    words: str

    @property
    def good(self) -> bool:
        """Whether the server agrees."""
        return self.code < 400


class Smtp:
    """A session; one command at a time."""

    def __init__(self, line: Connection, own_name: str) -> None:
        """`own_name` is what we call ourselves: the domain of the mailbox."""
        self._line = line
        self._own_name = own_name if own_name.isascii() else "localhost"
        self._abilities: dict[str, str] = {}

    async def greet(self, *, start_tls: bool) -> None:
        """Hear the greeting, introduce ourselves, encrypt when asked to."""
        greeting = await self._answer()
        if not greeting.good:
            raise _trouble(greeting)
        await self._introduce()
        if start_tls:
            answer = await self.say("STARTTLS")
            if not answer.good:
                raise ChannelMisconfigured("The mail server does not encrypt.")
            await self._line.start_tls()
            await self._introduce()

    async def log_in(self, user: str, password: str) -> None:
        """Sign in by password; raises ChannelMisconfigured when it is refused."""
        if "PLAIN" in self._abilities.get("AUTH", "").split():
            answer = await self.say(f"AUTH PLAIN {_packed(f'{chr(0)}{user}{chr(0)}{password}')}")
        else:
            answer = await self.say("AUTH LOGIN")
            for words in (user, password):
                if answer.code == 334:
                    answer = await self.say(_packed(words))
        _check_sign_in(answer)

    async def log_in_by_token(self, user: str, token: str) -> None:
        """Sign in by an access token (XOAUTH2); raises ChannelMisconfigured when it is refused."""
        words = f"user={user}\x01auth=Bearer {token}\x01\x01"
        answer = await self.say(f"AUTH XOAUTH2 {_packed(words)}")
        if answer.code == 334:
            answer = await self.say("")
        _check_sign_in(answer)

    async def submit(self, sender: str, recipients: Sequence[str], letter: bytes) -> None:
        """Hand the letter over; raises the SendError that its refusal means."""
        async with in_time(BEFORE_SECONDS):
            largest = self._abilities.get("SIZE", "")
            if largest.isdecimal() and 0 < int(largest) < len(letter):
                raise TooLarge("The letter is larger than the mail server takes.")
            _check(await self.say(f"MAIL FROM:<{sender}>{self._declared(recipients)}"))
            for recipient in recipients:
                _check(await self.say(f"RCPT TO:<{recipient}>"), recipient)
            _check(await self.say("DATA"))
        await self._line.write(_stuffed(letter))
        try:
            await self._line.write(b".\r\n")
            answer = await self._answer()
        except Unreachable as error:
            raise Unreachable(error.reason, maybe_sent=True) from error
        _check(answer)
        await self._line.write(b"QUIT\r\n")

    async def say(self, text: str) -> Answer:
        """Say a command and hear its reply."""
        await self._line.write(f"{text}\r\n".encode())
        return await self._answer()

    async def _introduce(self) -> None:
        answer = await self.say(f"EHLO {self._own_name}")
        if not answer.good:
            answer = await self.say(f"HELO {self._own_name}")
        if not answer.good:
            raise _trouble(answer)
        lines = [line.upper().replace("AUTH=", "AUTH ").partition(" ") for line in answer.words.splitlines()[1:]]
        self._abilities = {name: values for name, _, values in lines}

    async def _answer(self) -> Answer:
        words = []
        for _ in range(100):
            line = (await self._line.read_line()).decode("utf-8", "replace").rstrip("\r\n")
            words.append(line[4:])
            if not line[:3].isdecimal():
                break
            if line[3:4] != "-":
                return Answer(int(line[:3]), "\n".join(words))
        raise Unreachable("The server does not speak SMTP.")

    def _declared(self, recipients: Sequence[str]) -> str:
        if all(recipient.isascii() for recipient in recipients):
            return ""
        if "SMTPUTF8" not in self._abilities:
            raise Rejected("The mail server cannot write to such an address.")
        return " SMTPUTF8"


@asynccontextmanager
async def in_time(seconds: float) -> AsyncIterator[None]:
    """Nothing inside can have been accepted: silence is a server that is not there."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Unreachable("The mail server did not answer in time.") from error


def _packed(words: str) -> str:
    return base64.b64encode(words.encode()).decode()


def _stuffed(letter: bytes) -> bytes:
    """The letter with CRLF at every end of a line, and dots at their beginnings doubled."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", letter)
    lines = lines if lines.endswith(b"\r\n") else lines + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", lines)


def _check_sign_in(answer: Answer) -> None:
    if answer.good and answer.code != 334:
        return
    if 400 <= answer.code < 500:
        raise _trouble(answer)
    raise ChannelMisconfigured("The mail server refuses the name or the password.")


def _check(answer: Answer, recipient: str = "") -> None:
    if not answer.good:
        raise refusal(answer.code, answer.words, recipient)


def refusal(code: int, words: str, recipient: str = "") -> SendError:
    """What a refusal means; the server's own words are kept for the agent."""
    said = " ".join(words.split())[:300]
    if code in (530, 535, 538):
        return ChannelMisconfigured("The mail server refuses the name or the password.")
    if code == 552 or "5.3.4" in words:
        return TooLarge("The letter is larger than the mail server takes.")
    if code >= 500 and recipient and _NOBODY.search(words):
        return Rejected("There is no such mailbox.")
    if code >= 500:
        whom = f" ({recipient})" if recipient else ""
        return Rejected(with_detail("The mail server refuses the letter.", f"{code} {said}{whom}"))
    return _trouble(Answer(code, words))


def _trouble(answer: Answer) -> SendError:
    if answer.code in (450, 451, 452) or _BUSY.search(answer.words):
        return Throttled("The mail server asks to wait.")
    return Unreachable("The mail server cannot take letters right now.")
