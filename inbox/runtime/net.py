"""The guarded network: the only place that opens connections, for HTTP and for other protocols.

Names are resolved here and an address that is not public is refused before a connection is made, so that nobody can
make the server call its neighbours. Time and size are capped and redirects are never followed.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from connectors.contract import Response, Unreachable

CONNECT_SECONDS = 5.0
MAX_LINE_BYTES = 1 << 20


class _RefusedAddress(OSError):
    """The name leads to an address that is not public."""


# No connection was made, so nothing can have been accepted.
_NO_CONNECTION = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
    # A host name that no resolver could be asked for.
    UnicodeError,
    _RefusedAddress,
)


class _PublicResolver(AbstractResolver):
    """Resolves names and refuses private, loopback, link-local and otherwise special addresses."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(is_public(entry["host"]) for entry in found):
            raise _RefusedAddress(f"{host} is not a public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet."""
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


class GuardedNet:
    """One shared client session behind the guard. See connectors.contract.Net for the promise."""

    def __init__(self, *, allow_private: bool) -> None:
        """`allow_private` lifts the guard for tests and local servers."""
        self._allow_private = allow_private
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session; needs a running loop."""
        resolver: AbstractResolver | None = None if self._allow_private else _PublicResolver()
        self._session = aiohttp.ClientSession(
            # A polled account holds a connection for as long as it lives; what asks beside it has its own limits.
            connector=aiohttp.TCPConnector(limit=0, resolver=resolver),
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        timeout: float = 10.0,
        max_bytes: int = 1 << 20,
        proxy: str = "",
        authorities: str = "",
    ) -> Response:
        """Send one request; raises Unreachable for anything but an answer within the caps."""
        if self._session is None:
            raise RuntimeError("the network is not open")
        self._check_literal(url)
        options: dict[str, Any] = {"headers": headers, "data": body, "allow_redirects": False}
        if proxy:
            self._check_literal(proxy)
            options["proxy"] = proxy
        if authorities:
            options["ssl"] = _trusting(authorities)
        try:
            async with asyncio.timeout(timeout), self._session.request(method, url, **options) as answer:
                content = await answer.content.read(max_bytes + 1)
                if len(content) > max_bytes:
                    raise Unreachable("the answer is too large", maybe_sent=True)
                while not answer.content.at_eof():
                    content += await answer.content.read(max_bytes + 1)
                    if len(content) > max_bytes:
                        raise Unreachable("the answer is too large", maybe_sent=True)
                lower = {name.lower(): value for name, value in answer.headers.items()}
                return Response(answer.status, lower, content)
        except _NO_CONNECTION as error:
            raise Unreachable(f"no connection: {_words(error)}") from error
        except TimeoutError as error:
            raise Unreachable("no answer in time", maybe_sent=True) from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise Unreachable(f"the connection broke: {_words(error)}", maybe_sent=True) from error

    async def connect(self, host: str, port: int, *, tls: bool, authorities: str = "") -> Line:
        """Open a line to the first address of a host that answers; every address is checked before."""
        trust = _trusting(authorities)
        problem: Exception = Unreachable("no connection: the host has no address")
        for address in await self._addresses(host, port):
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    streams = await asyncio.open_connection(
                        address,
                        port,
                        ssl=trust if tls else None,
                        server_hostname=host if tls else None,
                        limit=MAX_LINE_BYTES,
                    )
                return Line(host, trust, *streams)
            except (OSError, TimeoutError) as error:
                problem = error
        if isinstance(problem, Unreachable):
            raise problem
        raise Unreachable(f"no connection: {_words(problem)}") from problem

    async def _addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host; raises Unreachable when one of them is not public."""
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"no connection: {_words(error)}") from error
        addresses = [str(entry[4][0]) for entry in found]
        if not self._allow_private and not all(map(is_public, addresses)):
            raise Unreachable(f"{host} is not a public address")
        return addresses

    def _check_literal(self, url: str) -> None:
        """A host written as an address never reaches the resolver."""
        from yarl import URL

        try:
            host = URL(url).host or ""
        except ValueError as error:
            raise Unreachable("this is no address") from error
        try:
            literal = ipaddress.ip_address(host)
        except ValueError:
            return
        if not self._allow_private and not literal.is_global:
            raise Unreachable(f"{host} is not a public address")


class Line:
    """An open connection; see connectors.contract.Connection for the promise."""

    def __init__(
        self, host: str, trust: ssl.SSLContext, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Take over two streams that are connected to the host."""
        self._host = host
        self._trust = trust
        self._reader = reader
        self._writer = writer

    async def read_line(self) -> bytes:
        """The next line; the end of the connection is trouble, not an empty line."""
        with _broken():
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise EOFError
            return line

    async def read_exactly(self, count: int) -> bytes:
        """So many bytes."""
        with _broken():
            return await self._reader.readexactly(count)

    async def write(self, content: bytes) -> None:
        """Send and wait for the network."""
        with _broken():
            self._writer.write(content)
            await self._writer.drain()

    async def start_tls(self) -> None:
        """Go on encrypted."""
        with _broken():
            await self._writer.start_tls(self._trust, server_hostname=self._host)

    async def close(self) -> None:
        """Hang up; what the other side thinks of that does not matter any more."""
        self._writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await self._writer.wait_closed()


@contextlib.contextmanager
def _broken() -> Iterator[None]:
    try:
        yield
    # An endless line is a ValueError of the reader.
    except (OSError, EOFError, ValueError) as error:
        raise Unreachable(f"the connection broke: {_words(error)}") from error


@lru_cache(maxsize=16)
def _trusting(authorities: str) -> ssl.SSLContext:
    """The usual trust and these PEM certificates; raises Unreachable when they are no certificates."""
    context = ssl.create_default_context()
    if not authorities:
        return context
    try:
        context.load_verify_locations(cadata=authorities)
    except (ssl.SSLError, ValueError) as error:
        raise Unreachable("the certificates of the authorities cannot be read") from error
    return context


def _words(error: BaseException) -> str:
    """What went wrong without the URL, which may carry a token."""
    return type(error).__name__
