"""Signed-in sessions with a mailbox's servers: by app password, or by an access token made from a refresh token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlencode

from connectors.contract import ChannelMisconfigured, Connection, Net, Throttled, Unreachable
from connectors.email_config import Config, Server
from connectors.email_imap import Imap, hung_up
from connectors.email_names import domain
from connectors.email_smtp import BEFORE_SECONDS, Smtp, in_time
from connectors.wire import object_in


@asynccontextmanager
async def reading(config: Config, net: Net) -> AsyncIterator[Imap]:
    """A session with the mailbox; raises SendError."""
    token = await access_token(config, net)
    async with hung_up(await _line_to(config.imap, config, net)) as session:
        await _log_in(session, config.imap, config, token)
        yield session


@asynccontextmanager
async def sending(config: Config, net: Net) -> AsyncIterator[Smtp]:
    """A session with the server for outgoing letters; raises SendError."""
    token = await access_token(config, net)
    line = await _line_to(config.smtp, config, net)
    try:
        session = Smtp(line, domain(config.address))
        await _log_in(session, config.smtp, config, token)
        yield session
    finally:
        await line.close()


async def _line_to(server: Server, config: Config, net: Net) -> Connection:
    encrypted = server.security == "tls"
    return await net.connect(server.host, server.port, tls=encrypted, authorities=config.authorities.strip())


async def _log_in(session: Imap | Smtp, server: Server, config: Config, token: str) -> None:
    async with in_time(BEFORE_SECONDS):
        await session.greet(start_tls=server.security == "starttls")
        if token:
            await session.log_in_by_token(config.login, token)
        else:
            await session.log_in(config.login, config.password)


async def access_token(config: Config, net: Net) -> str:
    """A fresh access token (RFC 6749, 6), or "" where a password is used."""
    if not config.oauth_refresh_token:
        return ""
    form = {
        "grant_type": "refresh_token",
        "client_id": config.oauth_client_id,
        "client_secret": config.oauth_client_secret,
        "refresh_token": config.oauth_refresh_token,
    }
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    head = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = await net.request("POST", config.token_url, headers=head, body=body, timeout=10)
    if answer.status == 429:
        raise Throttled("The mail service asks to wait.")
    if answer.status >= 500:
        raise Unreachable("The mail service gives no access right now.")
    token = object_in(answer.body).get("access_token") if answer.status == 200 else None
    if not isinstance(token, str) or not token:
        raise ChannelMisconfigured("The mail service takes its access back: connect the mailbox anew.")
    return token
