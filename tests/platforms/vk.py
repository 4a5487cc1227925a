"""VK's API on loopback: one community, its callback servers, Long Poll, upload servers and faults.

Facts: https://dev.vk.com/method and https://dev.vk.com/api/callback/getting-started (5.199). Methods are in vk_methods.
"""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform
from tests.platforms.uploads import uploaded
from tests.platforms.vk_methods import Methods, Refused

TOKEN = "vk1.a.FakeFakeFakeFakeFakeFakeFake"
GROUP = 204000101
ADMINISTRATOR = 700100555
STARTED = 1_790_000_000
_JSON = {"Content-Type": "application/json"}
# What a request can meet before it is accepted: VK's own trouble, its "too many requests", a gateway's.
REFUSALS = (Answer(502, b"<h1>Bad Gateway</h1>"), Answer(503, b""))


def failure(code: int, words: str = "refused") -> Answer:
    """A refusal as VK says it: inside an answer 200."""
    return Answer(200, orjson.dumps({"error": {"error_code": code, "error_msg": words}}), _JSON)


@dataclass
class Server:
    """A callback server in the community's settings."""

    id: int
    url: str
    title: str
    secret_key: str
    status: str = "wait"
    settings: dict[str, str] = field(default_factory=dict)


@dataclass
class Dialog:
    """One person with the community. `refusal` is the number of the error that answers to it meet."""

    peer_id: int
    name: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    by_random_id: dict[int, dict[str, Any]] = field(default_factory=dict)
    reactions: dict[int, int] = field(default_factory=dict)
    refusal: int = 0
    typing: int = 0
    read: bool = False

    def texts(self, *, outgoing: bool = True) -> list[str]:
        """What is written in it, oldest first."""
        return [message["text"] for message in self.messages if bool(message["out"]) == outgoing]


class Vk(Platform):
    """The whole platform. Knobs: `trouble`, `reach`, `repeat`, Dialog.refusal, `rights`, `refuse`."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """With `trouble` (a probability) sends fail before or after they are accepted."""
        super().__init__()
        self.rights = {"messages", "manage", "photos", "docs"}
        self.dialogs: dict[int, Dialog] = {}
        self.servers: dict[int, Server] = {}
        self.code = "c0f1rm00"
        self.events: list[dict[str, Any]] = []
        self.told = 0
        # Where callback addresses of this host really are.
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.trouble = trouble
        self.files: dict[str, bytes] = {}
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.long_poll: dict[str, str] = {}
        self.lost_before = 0
        # Seconds that a poll waits for news at most, whatever it asks for.
        self.patience = 0.3
        self._refusals: dict[str, deque[Answer]] = defaultdict(deque)
        self._news = asyncio.Event()
        self._random = random.Random(seed)
        self._methods = Methods(self)

    def dialog(self, peer_id: int = 700100200, name: str = "Марина Ким") -> Dialog:
        """Somebody's dialog with the community."""
        return self.dialogs.setdefault(peer_id, Dialog(peer_id, name))

    def refuse(self, method: str, *answers: Answer) -> None:
        """Script the next answers of a method."""
        self._refusals[method].extend(answers)

    def writes(self, text: str = "", *, dialog: Dialog | None = None, **parts: Any) -> dict[str, Any]:
        """The client writes."""
        there = dialog or self.dialog()
        message = self.message(there, there.peer_id, text, **parts)
        self.tell("message_new", {"message": message, "client_info": {"lang_id": 0}})
        return message

    def administrator_answers(self, text: str, dialog: Dialog | None = None) -> dict[str, Any]:
        """Somebody of the company answers in VK itself."""
        there = dialog or self.dialog()
        message = self.message(there, -GROUP, text, admin_author_id=ADMINISTRATOR)
        self.tell("message_reply", message)
        return message

    def message(self, dialog: Dialog, from_id: int, text: str, **parts: Any) -> dict[str, Any]:
        """Put a message into a dialog."""
        number = len(dialog.messages) + 1
        made = {
            "id": dialog.peer_id % 1000 * 1000 + number,
            "conversation_message_id": number,
            "date": STARTED + number,
            "peer_id": dialog.peer_id,
            "from_id": from_id,
            "out": int(from_id < 0),
            "text": text,
            "attachments": [],
            "fwd_messages": [],
            "random_id": 0,
            **parts,
        }
        dialog.messages.append(made)
        return made

    def tell(self, kind: str, body: Any) -> None:
        """One more event of the community."""
        number = len(self.events) + 1
        self.events.append(
            {"type": kind, "object": body, "group_id": GROUP, "event_id": f"{number:040x}", "v": "5.199"}
        )
        self._news.set()

    async def call_back(self) -> None:
        """Tell the confirmed servers what they have not heard, each event until they say "ok", and then `repeat` times."""
        news, self.told = self.events[self.told :], len(self.events)
        for event in news:
            for server in [server for server in self.servers.values() if server.status == "ok"]:
                body = orjson.dumps({**event, "secret": server.secret_key})
                for _ in range(self.repeat):
                    heard = await self._post(server.url, body)
                    assert heard == "ok", heard

    async def confirm(self, server: Server) -> None:
        """Ask a server for the code, as VK does when it is named."""
        body = orjson.dumps({"type": "confirmation", "group_id": GROUP})
        server.status = "ok" if await self._post(server.url, body) == self.code else "failed"

    async def _post(self, url: str, body: bytes) -> str:
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.post(url.replace(*self.reach), data=body, headers=_JSON) as answer,
            ):
                return await answer.text() if answer.status == 200 else str(answer.status)
        except aiohttp.ClientError as error:
            return type(error).__name__

    async def answer(self, asked: Asked) -> Answer:
        """Methods of the API, uploads, files, and the poll."""
        if asked.path.startswith("/method/"):
            return await self._method(asked.path.removeprefix("/method/"), asked)
        if asked.path == "/lp":
            return await self._poll(asked)
        if asked.path.startswith("/upload/"):
            return self._upload(asked)
        if asked.path.startswith("/doc"):
            return Answer(302, b"", {"Location": asked.path.replace("/doc", "/files/", 1)})
        content = self.files.get(asked.path.removeprefix("/files/"))
        return Answer(404) if content is None else Answer(200, content)

    async def _method(self, method: str, asked: Asked) -> Answer:
        given = dict(parse_qsl(asked.body.decode(), keep_blank_values=True))
        if given.pop("access_token", "") != TOKEN:
            return failure(5, "User authorization failed: invalid access_token.")
        assert given.pop("v") == "5.199"
        if self._refusals[method]:
            return self._refusals[method].popleft()
        sends = method == "messages.send"
        if sends and self._random.random() < self.trouble:
            return self._random.choice((*REFUSALS, failure(10), failure(6)))
        try:
            result = await self._methods.call(method, given)
        except Refused as refused:
            return failure(refused.code, refused.words)
        self.calls.append((method, given))
        if sends and self._random.random() < self.trouble:
            return Answer(fault=Fault.RESET)
        return Answer(200, orjson.dumps({"response": result}), _JSON)

    async def _poll(self, asked: Asked) -> Answer:
        assert asked.query["act"] == "a_check"
        if asked.query["key"] != "poll-key":
            return Answer(200, b'{"failed":2}')
        since = int(asked.query["ts"])
        if since < self.lost_before:
            return Answer(200, orjson.dumps({"failed": 1, "ts": self.lost_before}))
        if since >= len(self.events):
            self._news.clear()
            waiting = asyncio.ensure_future(self._news.wait())
            await asyncio.wait((waiting,), timeout=self.patience)
            waiting.cancel()
        said = {"ts": str(len(self.events)), "updates": self.events[since:]}
        return Answer(200, orjson.dumps(said), _JSON)

    def _upload(self, asked: Asked) -> Answer:
        file = uploaded(asked)
        kind = asked.path.rpartition("/")[2]
        assert file.field == ("photo" if kind == "photo" else "file")
        if file.name.endswith(".exe"):
            return Answer(200, b'{"error":"unknown error","error_descr":"no extension found"}')
        token = f"{kind}-{len(self.files) + 1}"
        self.files[token] = file.content
        said = {"server": 1, "photo": token, "hash": "h"} if kind == "photo" else {"file": token}
        return Answer(200, orjson.dumps(said), _JSON)
