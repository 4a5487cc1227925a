"""As much of IMAP4rev1 (RFC 3501) as reading a mailbox needs, with IDLE (RFC 2177) and XOAUTH2, over a guarded line.

Mailboxes are opened by EXAMINE and read by BODY.PEEK: nothing here marks a letter as seen.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from connectors.contract import ChannelMisconfigured, Connection, SendError, Throttled, Unreachable

# A letter beyond this is not kept whole; the mailbox has it.
MAX_LETTER = 40 << 20
_LITERAL = re.compile(rb"\{(\d{1,12})\+?\}\r?\n$")
_LIST = re.compile(rb'^\* LIST \(([^)]*)\) (?:NIL|"(?:[^"\\]|\\.)*") (.+)$', re.IGNORECASE)
_BUSY = re.compile(rb"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA)\]|too many|try again|rate", re.IGNORECASE)
_DAY = re.compile(rb'INTERNALDATE "\s?(\d{1,2}-[A-Za-z]{3}-\d{4})', re.IGNORECASE)
_ASCII = re.compile(r"[ !#-\[\]-~]*")


@dataclass(frozen=True, slots=True)
class Untagged:
    """One untagged response: its text with `{n}` in place of its literals, and these."""

    text: bytes
    literals: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A mailbox as EXAMINE found it; `next_uid` is 0 when the server does not say."""

    validity: int
    next_uid: int
    count: int


@dataclass(frozen=True, slots=True)
class Folder:
    """A mailbox of the account by its name on the wire; `marks` are its attributes in lower case."""

    wire_name: str
    marks: frozenset[str]


class Refused(Exception):
    """The server answered NO or BAD; `words` are its own."""

    def __init__(self, words: str) -> None:
        """Keep the words."""
        super().__init__(words)
        self.words = words


class Imap:
    """A session; one command at a time."""

    def __init__(self, line: Connection) -> None:
        """Nothing is said before `greet`."""
        self._line = line
        self._number = 0
        self._abilities: frozenset[str] = frozenset()

    async def greet(self, *, start_tls: bool) -> None:
        """Hear the greeting, encrypt when asked to, and learn what the server can."""
        greeting = await self._response()
        if not greeting.text.upper().startswith((b"* OK", b"* PREAUTH")):
            raise _trouble(greeting.text)
        if start_tls:
            await self.command("STARTTLS")
            await self._line.start_tls()
        await self._learn()

    async def log_in(self, user: str, password: str) -> None:
        """Sign in by password; raises ChannelMisconfigured when it is refused."""
        try:
            if "AUTH=PLAIN" in self._abilities and not (_ASCII.fullmatch(user) and _ASCII.fullmatch(password)):
                secret = base64.b64encode(f"\0{user}\0{password}".encode())
                await self.command("AUTHENTICATE PLAIN", answer=secret)
            else:
                await self.command(f"LOGIN {quoted(user)} {quoted(password)}")
        except Refused as refusal:
            raise _not_let_in(refusal) from None
        await self._learn()

    async def log_in_by_token(self, user: str, token: str) -> None:
        """Sign in by an access token (XOAUTH2); raises ChannelMisconfigured when it is refused."""
        words = base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode())
        try:
            await self.command("AUTHENTICATE XOAUTH2", answer=words)
        except Refused as refusal:
            raise _not_let_in(refusal) from None
        await self._learn()

    async def folders(self) -> list[Folder]:
        """Every mailbox of the account."""
        found = []
        for response in await self.command('LIST "" "*"'):
            match = _LIST.match(response.text)
            if match is not None:
                name = response.literals[0] if response.literals else match[2].strip()
                found.append(Folder(_bare(name), frozenset(match[1].decode("ascii", "replace").lower().split())))
        return found

    async def examine(self, wire_name: str) -> Opened:
        """Open a mailbox for reading; raises Refused when it is not there."""
        validity = next_uid = count = 0
        for response in await self.command(f"EXAMINE {quoted(wire_name)}"):
            validity = _number(rb"UIDVALIDITY (\d+)", response.text) or validity
            next_uid = _number(rb"UIDNEXT (\d+)", response.text) or next_uid
            count = _number(rb"^\* (\d+) EXISTS", response.text) or count
        return Opened(validity, next_uid, count)

    async def search(self, criteria: str) -> list[int]:
        """The UIDs that fit, ascending."""
        found: set[int] = set()
        for response in await self.command(f"UID SEARCH {criteria}"):
            if response.text.upper().startswith(b"* SEARCH"):
                found.update(int(word) for word in response.text.split()[2:] if word.isdigit())
        return sorted(found)

    async def fetch(self, uid: int) -> tuple[bytes, bytes, bool] | None:
        """A letter's bytes, the day of its arrival, and whether it is whole; None when it is gone."""
        size, day = 0, b""
        for response in await self.command(f"UID FETCH {uid} (RFC822.SIZE INTERNALDATE)"):
            size = _number(rb"RFC822\.SIZE (\d+)", response.text) or size
            moment = _DAY.search(response.text)
            day = moment[1] if moment else day
        whole = size <= MAX_LETTER
        wanted = "BODY.PEEK[]" if whole else f"BODY.PEEK[]<0.{MAX_LETTER // 20}>"
        for response in await self.command(f"UID FETCH {uid} ({wanted})"):
            if b" FETCH " in response.text.upper() and response.literals:
                return response.literals[0], day, whole
        return None

    async def day_of(self, number: int) -> str:
        """The day of arrival of the letter with this sequence number, as SEARCH wants it; "" when nobody says."""
        for response in await self.command(f"FETCH {number} (INTERNALDATE)"):
            if moment := _DAY.search(response.text):
                return moment[1].decode()
        return ""

    async def append(self, wire_name: str, content: bytes) -> None:
        """Put a letter into a mailbox as one that was read; raises Refused."""
        await self.command(f"APPEND {quoted(wire_name)} (\\Seen) {{{len(content)}}}", answer=content)

    async def wait_for_news(self, seconds: float) -> bool:
        """IDLE until something arrives in the open mailbox, at most so long; whether something did."""
        if "IDLE" not in self._abilities:
            await asyncio.sleep(seconds)
            return False
        tag = await self._say("IDLE")
        news = False
        try:
            async with asyncio.timeout(seconds):
                while not news:
                    text = (await self._response()).text.upper()
                    news = text.endswith((b" EXISTS", b" RECENT"))
                    if text.startswith((b"* BYE", tag.encode())):
                        raise _trouble(text)
        except TimeoutError:
            pass
        await self._line.write(b"DONE\r\n")
        await self._until(tag)
        return news

    async def command(self, text: str, *, answer: bytes = b"") -> list[Untagged]:
        """Say a command and hear everything up to its end; `answer` is for the server's first "go on"."""
        return await self._until(await self._say(text), answer)

    async def _say(self, text: str) -> str:
        self._number += 1
        tag = f"a{self._number}"
        await self._line.write(f"{tag} {text}\r\n".encode())
        return tag

    async def _until(self, tag: str, answer: bytes = b"") -> list[Untagged]:
        heard: list[Untagged] = []
        while True:
            response = await self._response()
            if response.text.startswith(b"+"):
                # Without anything to say, an empty line ends a refused sign-in, as XOAUTH2 wants it.
                await self._line.write(answer + b"\r\n")
                answer = b""
            elif response.text.upper().startswith(b"* BYE"):
                raise _trouble(response.text)
            elif response.text.startswith(f"{tag} ".encode()):
                state, _, words = response.text[len(tag) + 1 :].partition(b" ")
                if state.upper() != b"OK":
                    raise Refused(words.decode("utf-8", "replace"))
                return heard
            else:
                heard.append(response)

    async def _response(self) -> Untagged:
        text = b""
        literals: list[bytes] = []
        while True:
            line = await self._line.read_line()
            match = _LITERAL.search(line)
            if match is None:
                return Untagged(text + line.rstrip(b"\r\n"), tuple(literals))
            size = int(match[1])
            if size > MAX_LETTER + 1024:
                raise Unreachable("The mail server says more than it should.")
            literals.append(await self._line.read_exactly(size))
            text += line[: match.start()] + b"{n}"

    async def _learn(self) -> None:
        for response in await self.command("CAPABILITY"):
            if response.text.upper().startswith(b"* CAPABILITY"):
                self._abilities = frozenset(response.text.decode("ascii", "replace").upper().split()[2:])


@asynccontextmanager
async def hung_up(line: Connection) -> AsyncIterator[Imap]:
    """A session over a line that is closed at the end; a refused command is trouble of the server."""
    try:
        yield Imap(line)
    except Refused as refusal:
        raise _answer_of(refusal) from None
    finally:
        await line.close()


def quoted(text: str) -> str:
    """A quoted string of the protocol."""
    cleaned = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "")
    return f'"{cleaned}"'


def to_wire(name: str) -> str:
    """A mailbox name in modified UTF-7 (RFC 3501, 5.1.3)."""
    found = []
    for part in re.findall(r"[ -~]+|[^ -~]+", name):
        if _ASCII.fullmatch(part) or part.isascii():
            found.append(part.replace("&", "&-"))
        else:
            packed = base64.b64encode(part.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            found.append(f"&{packed}-")
    return "".join(found)


def _bare(name: bytes) -> str:
    text = name.decode("utf-8", "replace")
    if text.startswith('"') and text.endswith('"'):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return text


def _number(pattern: bytes, text: bytes) -> int:
    match = re.search(pattern, text, re.IGNORECASE)
    return int(match[1]) if match else 0


def _not_let_in(refusal: Refused) -> SendError:
    if _BUSY.search(refusal.words.encode()):
        return Throttled("The mail server is busy.")
    return ChannelMisconfigured("The mailbox refuses the name or the password.")


def _answer_of(refusal: Refused) -> SendError:
    if _BUSY.search(refusal.words.encode()):
        return Throttled("The mail server is busy.")
    return Unreachable("The mail server refuses a request.")


def _trouble(text: bytes) -> SendError:
    return Throttled("The mail server is busy.") if _BUSY.search(text) else Unreachable("The mail server hung up.")
