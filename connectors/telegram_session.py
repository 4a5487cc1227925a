"""aiogram over the product's guarded network: all bots share its one session, and no request leaves around it.

Imported with aiogram only when something is asked of Telegram: aiogram takes seconds and 100 MB to load.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlencode

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import TelegramMethod
from aiogram.types import InputFile
from aiohttp import FormData

from connectors.contract import Net, Unreachable
from connectors.telegram_config import Config
from connectors.telegram_errors import refusal
from connectors.wire import object_in

ASK_SECONDS = 15
UPLOAD_SECONDS = 30
# A hundred updates of the largest kind, with room.
LARGEST_ANSWER = 16 << 20
_FORM = "application/x-www-form-urlencoded"


class NetSession(BaseSession):
    """A session of aiogram that asks through a `Net` and raises the SendError family.

    It hands results over as they came: an answer that aiogram's strict models do not know yet is no failure.
    """

    def __init__(self, config: Config, net: Net, timeout: float) -> None:
        """`timeout` in seconds, for every request."""
        super().__init__(api=TelegramAPIServer.from_base(config.base_url), timeout=timeout)
        self._net = net
        self._proxy = config.proxy

    async def close(self) -> None:
        """Nothing to close: the network belongs to the product."""

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: int | None = None) -> Any:
        """The `result` of an answer; raises SendError."""
        kind, body = await self._encoded(bot, method)
        answer = await self._net.request(
            "POST",
            self.api.api_url(token=bot.token, method=method.__api_method__),
            headers={"Content-Type": kind},
            body=body,
            timeout=timeout or self.timeout,
            max_bytes=LARGEST_ANSWER,
            proxy=self._proxy,
        )
        said = object_in(answer.body)
        if answer.status // 100 == 2 and said.get("ok") is True and said.get("result") is not None:
            return said["result"]
        raise refusal(answer.status, said, answer.headers.get("retry-after", ""))

    async def _encoded(self, bot: Bot, method: TelegramMethod[Any]) -> tuple[str, bytes]:
        """Content type and body: a plain form, or one with files."""
        files: dict[str, InputFile] = {}
        prepared = {
            name: self.prepare_value(value, bot=bot, files=files)
            for name, value in method.model_dump(warnings=False).items()
        }
        fields = {name: value for name, value in prepared.items() if value not in (None, "")}
        if not files:
            return _FORM, urlencode(fields).encode()
        form = FormData(quote_fields=False)
        for name, value in fields.items():
            form.add_field(name, value)
        for name, file in files.items():
            content = b"".join([chunk async for chunk in file.read(bot)])
            form.add_field(name, content, filename=file.filename or name)
        payload = form()
        return payload.headers["Content-Type"], await payload.as_bytes()

    async def stream_content(
        self,
        url: str,
        headers: dict[str, Any] | None = None,
        timeout: int = 30,
        chunk_size: int = 65536,
        raise_for_status: bool = True,
    ) -> AsyncGenerator[bytes, None]:
        """A file, in one piece; `chunk_size` is its limit in bytes."""
        answer = await self._net.request(
            "GET", url, headers=headers, timeout=timeout, max_bytes=chunk_size, proxy=self._proxy
        )
        if raise_for_status and answer.status != 200:
            raise refusal(answer.status, {}) if answer.status >= 400 else Unreachable("The file could not be fetched.")
        yield answer.body


async def ask(config: Config, net: Net, method: TelegramMethod[Any], timeout: float = ASK_SECONDS) -> Any:
    """Ask one thing of a bot; the raw `result`. Raises SendError, never with the token in its words."""
    bot = Bot(config.token, session=NetSession(config, net, timeout))
    return await bot.session(bot, method)
