"""Telegram's Bot API on loopback: tokens, long polling, webhooks, files and faults. Methods are in telegram_methods.

Facts: https://core.telegram.org/bots/api (10.3). Every request and every answer is checked with aiogram's models, so a
test that passes here speaks the language that aiogram does.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import re
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from typing import Any

import aiogram.methods
import aiohttp
import orjson
from aiogram.methods import Response
from aiogram.types import Update

from tests.platforms.loopback import Answer, Asked, Fault, Platform
from tests.platforms.telegram_chats import Chat, Person, Refused
from tests.platforms.telegram_forms import fields_of
from tests.platforms.telegram_methods import Methods

TOKEN = "7000001:AAFakeFakeFakeFakeFakeFakeFakeFakeFak"
_PATH = re.compile(r"/bot([^/]+)/(\w+)$")
_FILE_PATH = re.compile(r"/file/bot([^/]+)/(.+)$")
# What a request or its answer can meet on the way, before and after it was accepted.
REFUSALS = (Answer(502, b"<h1>Bad Gateway</h1>"), Answer(503, b""))
OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_IS_SET = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete it first"


def throttled(seconds: int) -> Answer:
    """The platform's "too often"."""
    return failure(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def failure(code: int, description: str, **parameters: int) -> Answer:
    """A refusal in the platform's words."""
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        said["parameters"] = parameters
    return Answer(code, orjson.dumps(said), {"Content-Type": "application/json"})


@dataclass
class StoredFile:
    """A file at the platform. `size` is what it claims, which decides whether it may be fetched."""

    path: str
    content: bytes
    size: int


@dataclass
class Bot:
    """One bot: its updates, its webhook, and what it has sent. `calls` are accepted requests, in order."""

    token: str
    username: str = "dubrava_bot"
    pending: list[dict[str, Any]] = field(default_factory=list)
    webhook: dict[str, Any] = field(default_factory=dict)
    last_error: str = ""
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    commands: list[dict[str, Any]] = field(default_factory=list)
    poller: asyncio.Future[None] | None = None
    # How often somebody asked for news while somebody else did.
    conflicts: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> int:
        """The number before the colon."""
        return int(self.token.split(":")[0])

    def wire(self) -> dict[str, Any]:
        """As a User."""
        return {"id": self.id, "is_bot": True, "first_name": "Дубрава", "username": self.username}


class BotApi(Platform):
    """The whole platform. Knobs: `fault`, `lose`, `trouble`, `repeat`, `disorder`, Chat.slow, Chat.blocked."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1, checked: bool = True) -> None:
        """With `trouble` (a probability) sends fail before or after they are accepted. `checked`: by aiogram."""
        super().__init__()
        self.bots: dict[str, Bot] = {}
        self.bot = self.add_bot(TOKEN)
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.connections: dict[str, dict[str, Any]] = {}
        self.trouble = trouble
        self.repeat = 0
        self.disorder = False
        # Seconds that a poll waits for news at most, whatever it asks for.
        self.patience = 0.5
        self.unread: list[tuple[str, str]] = []
        self.numbers = itertools.count(1000)
        self._checked = checked
        self._faults: dict[str, deque[Answer]] = defaultdict(deque)
        self._accepted_before: dict[str, int] = defaultdict(int)
        self._losses: dict[str, deque[Fault]] = defaultdict(deque)
        self._random = random.Random(seed)
        self._methods = Methods(self)

    def add_bot(self, token: str, username: str = "dubrava_bot") -> Bot:
        """One more bot."""
        self.bots[token] = Bot(token, username)
        return self.bots[token]

    def person(self, first_name: str = "Марина", **parts: Any) -> Person:
        """A client with a private chat."""
        number = next(self.numbers)
        person = Person(self, number, first_name, **parts)
        self.chats[number] = Chat(number, "private", first_name=first_name)
        return person

    def group(self, title: str = "Поддержка", *, forum: bool = True) -> Chat:
        """A supergroup in which every bot is an administrator with every right."""
        number = -1_000_000_000_000 - next(self.numbers)
        chat = Chat(number, "supergroup", title=title, forum=forum)
        chat.members = {bot.id: "administrator" for bot in self.bots.values()}
        self.chats[number] = chat
        return chat

    def connect_business(self, connection_id: str, owner: Person, *, can_reply: bool = True) -> dict[str, Any]:
        """The owner connects the bot to their own account."""
        connection = {"id": connection_id, "user": owner.wire(), "user_chat_id": owner.id, "date": int(time.time())}
        self.connections[connection_id] = {**connection, "is_enabled": True, "rights": {"can_reply": can_reply}}
        return self.connections[connection_id]

    def fault(self, method: str, *answers: Answer) -> None:
        """The next requests of a method get these instead of being accepted."""
        self._faults[method].extend(answers)

    def fault_after(self, method: str, accepted: int, *answers: Answer) -> None:
        """The same, after so many requests of the method were accepted."""
        self._accepted_before[method] = accepted
        self.fault(method, *answers)

    def lose(self, method: str, times: int = 1, *, fault: Fault = Fault.RESET) -> None:
        """The next requests of a method are accepted, and this happens to their answers: at first they are cut off."""
        self._losses[method].extend([fault] * times)

    def push(self, kind: str, payload: dict[str, Any], bot: Bot | None = None) -> int:
        """One more update; returns its id. It waits until it is polled, or until `call_webhook`."""
        bot = bot or self.bot
        update_id = 500_000 + next(self.numbers)
        update = {"update_id": update_id, kind: payload}
        if self._checked:
            Update.model_validate(update)
        bot.pending.append(update)
        bot.news.set()
        return update_id

    async def call_webhook(self, bot: Bot | None = None) -> list[int]:
        """Post what waits to the webhook, in order; returns the statuses. A refusal keeps the update and what follows."""
        bot = bot or self.bot
        statuses = []
        headers = {"Content-Type": "application/json"}
        if bot.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = bot.webhook["secret_token"]
        async with aiohttp.ClientSession() as session:
            while bot.pending:
                body = orjson.dumps(bot.pending[0])
                async with session.post(bot.webhook["url"], data=body, headers=headers) as answer:
                    statuses.append(answer.status)
                if statuses[-1] // 100 != 2:
                    bot.last_error = f"Wrong response from the webhook: {statuses[-1]}"
                    break
                bot.pending.pop(0)
        return statuses

    def asked_for(self, method: str, bot: Bot | None = None) -> list[dict[str, Any]]:
        """The parameters of the accepted requests of one method, oldest first."""
        return [params for name, params in (bot or self.bot).calls if name == method]

    def sent(self, chat: int, bot: Bot | None = None) -> list[dict[str, Any]]:
        """What stands in a chat from us, oldest first, without what was deleted."""
        own = (bot or self.bot).id
        messages = self.chats[chat].messages.values()
        return [message for message in messages if message.get("from", {}).get("id") == own]

    def texts(self, chat: int, bot: Bot | None = None) -> list[str]:
        """The texts and captions of `sent`."""
        return [message.get("text") or message.get("caption", "") for message in self.sent(chat, bot)]

    async def answer(self, asked: Asked) -> Answer:
        """One request to a method, or for a file."""
        if found := _FILE_PATH.fullmatch(asked.path):
            return self._file(found[1], found[2])
        found = _PATH.fullmatch(asked.path)
        if found is None:
            return failure(404, "Not Found")
        bot, method = self.bots.get(found[1]), found[2]
        if bot is None:
            known = re.fullmatch(r"\d+:[\w-]{30,}", found[1])
            return failure(401, "Unauthorized") if known else failure(404, "Not Found")
        if self._accepted_before[method]:
            self._accepted_before[method] -= 1
        elif self._faults[method]:
            return self._faults[method].popleft()
        sends = method.startswith(("send", "copy"))
        if sends and self._random.random() < self.trouble:
            return self._random.choice((*REFUSALS, throttled(1)))
        params = fields_of(asked)
        if chat := self.chats.get(int(params.get("chat_id", 0) or 0)):
            await asyncio.sleep(chat.slow)
        answer = await self._accept(bot, method, params)
        if self._losses[method] and answer.status == 200:
            return replace(answer, fault=self._losses[method].popleft())
        if sends and answer.status == 200 and self._random.random() < self.trouble:
            return Answer(fault=Fault.RESET)
        return answer

    async def _accept(self, bot: Bot, method: str, params: dict[str, Any]) -> Answer:
        try:
            if method == "getUpdates":
                result = await self._get_updates(bot, params)
            else:
                result = self._methods.call(bot, method, params)
        except Refused as refused:
            return failure(refused.code, refused.description, **refused.parameters)
        bot.calls.append((method, params))
        said = {"ok": True, "result": result}
        if self._checked:
            self._check(method, params, said)
        return Answer(200, orjson.dumps(said), {"Content-Type": "application/json"})

    def _check(self, method: str, params: dict[str, Any], said: dict[str, Any]) -> None:
        """A parameter that aiogram does not know, or an answer that it cannot read, is a mistake of the test's."""
        declared = getattr(aiogram.methods, method[0].upper() + method[1:])
        assert set(params) <= set(declared.model_fields), (method, params)
        Response[declared.__returning__].model_validate(said)

    async def _get_updates(self, bot: Bot, params: dict[str, Any]) -> list[dict[str, Any]]:
        if bot.webhook.get("url"):
            raise Refused(409, WEBHOOK_IS_SET)
        if bot.poller is not None and not bot.poller.done():
            bot.poller.set_exception(Refused(409, OTHER_POLLER))
            bot.conflicts += 1
        mine = bot.poller = asyncio.get_running_loop().create_future()
        offset = int(params.get("offset") or 0)
        if self.repeat:
            self.repeat -= 1
        else:
            bot.pending = [update for update in bot.pending if update["update_id"] >= offset]
        end = time.monotonic() + min(float(params.get("timeout") or 0), self.patience)
        while not bot.pending and (left := end - time.monotonic()) > 0 and not self._closing.is_set():
            bot.news.clear()
            news = asyncio.ensure_future(bot.news.wait())
            await asyncio.wait((news, mine), timeout=left, return_when=asyncio.FIRST_COMPLETED)
            news.cancel()
            if mine.done():
                break
        if mine.done():
            mine.result()
        mine.cancel()
        batch = bot.pending[: int(params.get("limit") or 100)]
        if self.disorder:
            self._random.shuffle(batch)
        return batch

    def _file(self, token: str, path: str) -> Answer:
        if token not in self.bots:
            return failure(404, "Not Found")
        stored = next((file for file in self.files.values() if file.path == path), None)
        if stored is None:
            return failure(404, "Not Found")
        return Answer(200, stored.content, {"Content-Type": "application/octet-stream"})

    def store_file(self, content: bytes, name: str = "file.bin", size: int | None = None) -> dict[str, Any]:
        """Keep a file; returns its ids and size as they stand in messages."""
        number = next(self.numbers)
        file_id = f"AgACAgIAAxk{number}"
        self.files[file_id] = StoredFile(f"documents/{number}_{name}", content, len(content) if size is None else size)
        return {"file_id": file_id, "file_unique_id": f"AQAD{number}", "file_size": self.files[file_id].size}
