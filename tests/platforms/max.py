"""MAX's Bot API on loopback: one bot, its webhooks and updates, uploads, films and faults.

Facts: https://dev.max.ru/docs-api and the schema in github.com/max-messenger/max-bot-api-client-go.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform
from tests.platforms.uploads import uploaded

TOKEN = "f9LHodD0cOKFakeFakeFakeFakeFakeFake"
BOT = 229229229
STARTED = 1_790_000_000_000
_JSON = {"Content-Type": "application/json"}
REFUSALS = (Answer(503, b'{"code":"service.unavailable","message":"try later"}'), Answer(429, b"{}"))


def failure(status: int, code: str, message: str = "") -> Answer:
    """A refusal as MAX says it."""
    return Answer(status, orjson.dumps({"code": code, "message": message}), _JSON)


@dataclass
class Dialog:
    """One person with the bot. A `suspended` one takes no messages."""

    chat_id: int
    user: dict[str, Any]
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    suspended: bool = False

    def texts(self) -> list[str]:
        """What the bot has said in it, oldest first."""
        return [body["text"] or "" for body in self.messages.values() if body["ours"]]


class Max(Platform):
    """The whole platform. Knobs: `trouble`, `reach`, `repeat`, `not_ready`, Dialog.suspended, `refuse`."""

    def __init__(self, *, trouble: float = 0.0, seed: int = 1) -> None:
        """With `trouble` (a probability) a message is refused for now. MAX knows no repeated request."""
        super().__init__()
        self.dialogs: dict[int, Dialog] = {}
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.updates: list[dict[str, Any]] = []
        self.told = 0
        self.committed = 0
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.trouble = trouble
        # How often a message with a file is refused because the file is still worked on.
        self.not_ready = 0
        self.files: dict[str, bytes] = {}
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.patience = 0.3
        self._refusals: dict[str, deque[Answer]] = defaultdict(deque)
        self._news = asyncio.Event()
        self._random = random.Random(seed)

    def dialog(self, chat_id: int = 182182182, first_name: str = "Марина") -> Dialog:
        """Somebody's dialog with the bot."""
        user = {"user_id": chat_id + 1, "first_name": first_name, "last_name": "Ким", "username": "marina_kim"}
        return self.dialogs.setdefault(
            chat_id, Dialog(chat_id, {**user, "is_bot": False, "last_activity_time": STARTED})
        )

    def refuse(self, path: str, *answers: Answer) -> None:
        """Script the next answers of a path."""
        self._refusals[path].extend(answers)

    def writes(self, text: str | None = None, attachments: Any = None, **parts: Any) -> str:
        """The client writes; the message's id."""
        dialog = self.dialog()
        body = self._body(dialog, text, attachments, ours=False)
        recipient = {"chat_id": dialog.chat_id, "chat_type": "dialog", "user_id": BOT}
        message = {
            "sender": dialog.user,
            "recipient": recipient,
            "timestamp": body["at"],
            "body": _shown(body),
            **parts,
        }
        self.tell("message_created", message=message)
        return str(body["mid"])

    def tell(self, kind: str, **parts: Any) -> None:
        """One more update."""
        number = len(self.updates) + 1
        self.updates.append({"update_type": kind, "timestamp": STARTED + number, "user_locale": "ru", **parts})
        self._news.set()

    def starts(self, payload: str = "") -> None:
        """The client presses Start, perhaps after a link."""
        dialog = self.dialog()
        self.tell("bot_started", chat_id=dialog.chat_id, user=dialog.user, payload=payload or None)

    async def call_back(self) -> None:
        """Tell every webhook what it has not heard, each update `repeat` times; anything but 200 is a failure."""
        news, self.told = self.updates[self.told :], len(self.updates)
        for update in news:
            for url, known in self.subscriptions.items():
                headers = {"X-Max-Bot-Api-Secret": known["secret"], **_JSON}
                for _ in range(self.repeat):
                    async with (
                        aiohttp.ClientSession() as http,
                        http.post(url.replace(*self.reach), data=orjson.dumps(update), headers=headers) as answer,
                    ):
                        assert answer.status == 200

    def _body(self, dialog: Dialog, text: str | None, attachments: Any, *, ours: bool) -> dict[str, Any]:
        number = len(dialog.messages) + 1
        body = {"mid": f"mid.{dialog.chat_id:x}{number:04x}", "seq": 2**60 + number, "text": text, "ours": ours}
        dialog.messages[body["mid"]] = {**body, "attachments": attachments, "at": STARTED + number, "link": None}
        return dialog.messages[body["mid"]]

    async def answer(self, asked: Asked) -> Answer:
        """Methods of the API, uploads and files."""
        if asked.path.startswith("/upload/"):
            return self._upload(asked)
        if asked.path.startswith("/files/"):
            content = self.files.get(asked.path.removeprefix("/files/"))
            return Answer(404) if content is None else Answer(200, content)
        if asked.headers.get("authorization") != TOKEN:
            return failure(401, "verify.token", "Invalid access_token: f9LHod")
        if self._refusals[asked.path]:
            return self._refusals[asked.path].popleft()
        body: dict[str, Any] = orjson.loads(asked.body) if asked.body else {}
        result = await self._method(asked, body)
        if isinstance(result, Answer):
            return result
        self.calls.append((asked.method, asked.path, body))
        return Answer(200, orjson.dumps(result), _JSON)

    async def _method(self, asked: Asked, body: dict[str, Any]) -> Any:
        match (asked.method, asked.path):
            case "GET", "/me":
                return {
                    "user_id": BOT,
                    "first_name": "Дубрава",
                    "name": "Дубрава",
                    "username": "dubrava_bot",
                    "is_bot": True,
                }
            case _, "/subscriptions":
                return self._subscribe(asked, body)
            case "GET", "/updates":
                return await self._updates(asked)
            case "POST", "/uploads":
                return self._place(asked.query["type"])
            case "POST", "/messages":
                return self._send(asked, body)
            case (("PUT" | "DELETE"), "/messages"):
                return self._change(asked, body)
            case "POST", "/answers":
                assert asked.query["callback_id"]
                return {"success": True}
        return self._more(asked, body)

    def _more(self, asked: Asked, body: dict[str, Any]) -> Any:
        if found := re.fullmatch(r"/videos/([\w-]+)", asked.path):
            return {"token": found[1], "urls": {"mp4_1080": "", "mp4_480": f"{self.url}/files/{found[1]}"}, "width": 1}
        found = re.fullmatch(r"/chats/(-?\d+)(/actions)?", asked.path)
        dialog = self.dialogs.get(int(found[1])) if found else None
        if dialog is None:
            return failure(404, "chat.not.found", "Chat not found")
        if found and found[2]:
            assert body["action"] in ("typing_on", "mark_seen")
            dialog.actions.append(body["action"])
            return {"success": True}
        picture = {"avatar_url": f"{self.url}/files/small", "full_avatar_url": f"{self.url}/files/face"}
        return {"chat_id": dialog.chat_id, "type": "dialog", "dialog_with_user": {**dialog.user, **picture}}

    def _subscribe(self, asked: Asked, body: dict[str, Any]) -> Any:
        if asked.method == "GET":
            listed = [
                {name: known[name] for name in ("url", "update_types", "time")} for known in self.subscriptions.values()
            ]
            return {"subscriptions": listed}
        if asked.method == "DELETE":
            gone = self.subscriptions.pop(asked.query["url"], None)
            return {"success": gone is not None, "message": "" if gone else "no such subscription"}
        assert re.fullmatch(r"[a-zA-Z0-9_-]{5,256}", body["secret"])
        if not body["url"].startswith("https://"):
            return failure(400, "proto.payload", "url: must be https")
        self.subscriptions[body["url"]] = {**body, "time": STARTED}
        return {"success": True}

    async def _updates(self, asked: Asked) -> Any:
        if self.subscriptions:
            return failure(405, "method.not.allowed", "webhook is set")
        since = int(asked.query.get("marker", self.committed))
        self.committed = since
        if since >= len(self.updates):
            self._news.clear()
            waiting = asyncio.ensure_future(self._news.wait())
            await asyncio.wait((waiting,), timeout=self.patience)
            waiting.cancel()
        return {"updates": self.updates[since:], "marker": len(self.updates)}

    def _place(self, kind: str) -> Any:
        number = len(self.files) + 1
        place = {"url": f"{self.url}/upload/{kind}/{number}"}
        return {**place, "token": f"{kind}-{number}"} if kind in ("video", "audio") else place

    def _upload(self, asked: Asked) -> Answer:
        file = uploaded(asked)
        assert file.field == "data"
        _, _, kind, number = asked.path.split("/")
        self.files[f"{kind}-{number}"] = file.content
        if file.name.endswith(".exe"):
            return Answer(200, b'{"error_code":4}')
        if kind in ("video", "audio"):
            return Answer(200, b"<retval>1</retval>")
        named = {"token": f"{kind}-{number}"}
        return Answer(200, orjson.dumps({"photos": {"k1": named}} if kind == "image" else {**named, "fileId": 1}))

    def _send(self, asked: Asked, body: dict[str, Any]) -> Any:
        if self._random.random() < self.trouble:
            return self._random.choice(REFUSALS)
        dialog = self.dialogs.get(int(asked.query["chat_id"]))
        if dialog is None:
            return failure(404, "chat.not.found", "Chat not found")
        if dialog.suspended:
            return failure(403, "chat.denied", "error.dialog.suspended")
        attachments = body.get("attachments") or []
        if len(body.get("text") or "") >= 4000 or len(attachments) > 12 or not (body.get("text") or attachments):
            return failure(400, "proto.payload", "text: size must be between 0 and 4000")
        if self.not_ready and any(item["type"] != "inline_keyboard" for item in attachments):
            self.not_ready -= 1
            return failure(400, "attachment.not.ready", "Key: errors.process.attachment.file.not.processed")
        made = self._body(dialog, body.get("text"), attachments, ours=True)
        made["link"] = body.get("link")
        recipient = {"chat_id": dialog.chat_id, "chat_type": "dialog", "user_id": dialog.user["user_id"]}
        message = {"recipient": recipient, "timestamp": made["at"], "body": _shown(made)}
        return {"message": message}

    def _change(self, asked: Asked, body: dict[str, Any]) -> Any:
        name = asked.query["message_id"]
        dialog = next((one for one in self.dialogs.values() if name in one.messages), None)
        if dialog is None:
            return {"success": False, "message": "message not found"}
        if asked.method == "DELETE":
            del dialog.messages[name]
            return {"success": True}
        kept = dialog.messages[name]["attachments"] if body.get("attachments") is None else body["attachments"]
        dialog.messages[name].update(text=body["text"], attachments=kept)
        return {"success": True}

    def lose_the_answer(self) -> Answer:
        """A message that is taken, and whose confirmation is lost."""
        return Answer(fault=Fault.RESET)


def _shown(body: dict[str, Any]) -> dict[str, Any]:
    return {name: body[name] for name in ("mid", "seq", "text", "attachments")}
