"""Avito's API on loopback: one account, its dialogs, tokens, webhook, pictures, voice messages and faults.

Facts: https://developers.avito.ru/api-catalog/messenger/documentation.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import aiohttp
import orjson

from tests.platforms.loopback import Answer, Asked, Fault, Platform
from tests.platforms.uploads import uploaded

CLIENT_ID, CLIENT_SECRET = "client-id-0001", "client-secret-0001"
ACCOUNT, MARINA = 94235311, 141906442
STARTED = 1_790_000_000
_JSON = {"Content-Type": "application/json"}
LISTING = {"id": 1768287444, "title": "Стол 220", "price_string": "45 000 ₽", "url": "https://avito.ru/stol_1768287444"}


def failure(status: int, message: str = "") -> Answer:
    """A refusal as Avito says it."""
    return Answer(status, orjson.dumps({"error": {"code": status, "message": message}}), _JSON)


@dataclass
class Dialog:
    """One client about one listing."""

    chat_id: str
    messages: list[dict[str, Any]] = field(default_factory=list)
    read: int = 0

    def texts(self) -> list[str]:
        """What the account has said in it, oldest first."""
        return [one["content"].get("text", one["type"]) for one in self.messages if one["author_id"] == ACCOUNT]


class Avito(Platform):
    """The whole platform. Knobs: `reach`, `repeat`, `echo`, `bare_list`, `refuse`, `lose_the_answer`."""

    def __init__(self) -> None:
        super().__init__()
        self.dialogs: dict[str, Dialog] = {}
        self.hooks: list[str] = []
        self.tokens = 0
        self.news: list[tuple[Dialog, dict[str, Any]]] = []
        self.reach: tuple[str, str] = ("", "")
        self.repeat = 1
        self.bare_list = False
        # Whether the webhook tells of an answer of ours before the answer to our request is there.
        self.echo = False
        self.files: dict[str, bytes] = {}
        self._refusals: dict[str, deque[Answer | None]] = defaultdict(deque)

    def dialog(self, chat_id: str = "u2i-CHATxQ~Zk3") -> Dialog:
        """Somebody's dialog with the account."""
        return self.dialogs.setdefault(chat_id, Dialog(chat_id))

    def refuse(self, path: str, *answers: Answer) -> None:
        """Script the next answers of paths that end so."""
        self._refusals[path].extend(answers)

    def lose_the_answer(self, path: str) -> None:
        """Carry the next request of such a path out, and cut the connection instead of answering."""
        self._refusals[path].append(None)

    def writes(self, text: str = "", *, author: int = MARINA, kind: str = "text", **content: Any) -> dict[str, Any]:
        """Somebody writes in the dialog."""
        return self._add(self.dialog(), author, kind, {"text": text} if text else content)

    def _add(self, dialog: Dialog, author: int, kind: str, content: dict[str, Any]) -> dict[str, Any]:
        number = sum(len(one.messages) for one in self.dialogs.values())
        direction = "out" if author == ACCOUNT else "in"
        message = {"id": f"{number:032x}", "author_id": author, "created": STARTED + number, "type": kind}
        message |= {"content": content, "direction": direction, "is_read": False, "read": None}
        dialog.messages.append(message)
        self.news.append((dialog, message))
        return message

    async def call_back(self) -> None:
        """Tell every webhook what it has not heard, each message `repeat` times; anything but 200 is a failure."""
        news, self.news = self.news, []
        for dialog, message in news:
            value = {**message, "chat_id": dialog.chat_id, "user_id": ACCOUNT, "item_id": LISTING["id"]}
            update = {"id": f"u{message['id']}", "version": "v3.0.0", "timestamp": message["created"]}
            body = orjson.dumps({**update, "payload": {"type": "message", "value": value}})
            for url in self.hooks * self.repeat:
                async with (
                    aiohttp.ClientSession() as http,
                    http.post(url.replace(*self.reach), data=body, headers=_JSON) as answer,
                ):
                    assert answer.status == 200

    async def answer(self, asked: Asked) -> Answer:
        """Tokens, methods of the API, pictures and voice messages."""
        if asked.path.startswith("/files/"):
            content = self.files.get(asked.path.removeprefix("/files/"))
            return Answer(404) if content is None else Answer(200, content)
        scripted = next(
            (answers for path, answers in self._refusals.items() if asked.path.endswith(path) and answers), None
        )
        refusal = scripted.popleft() if scripted else Answer()
        if scripted is not None and refusal is not None:
            return refusal
        if asked.path == "/token":
            return self._token(asked)
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return failure(401, "Unauthorized")
        result = self._method(asked)
        if self.echo and asked.path.endswith(("/messages", "/messages/image")):
            await self.call_back()
        if refusal is None:
            return Answer(fault=Fault.RESET)
        return result if isinstance(result, Answer) else Answer(200, orjson.dumps(result), _JSON)

    def _token(self, asked: Asked) -> Answer:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        known = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        if form != known:
            return Answer(200, b'{"error":"invalid_client","error_description":"Client authentication failed"}', _JSON)
        self.tokens += 1
        told = {"access_token": f"token-{self.tokens}", "expires_in": 86400, "token_type": "Bearer"}
        return Answer(200, orjson.dumps(told), _JSON)

    def _method(self, asked: Asked) -> Any:
        match (asked.method, asked.path):
            case "GET", "/core/v1/accounts/self":
                return {"id": ACCOUNT, "name": "Дубрава", "email": "shop@example.com", "phone": "79161234567"}
            case "POST", "/messenger/v1/subscriptions":
                return {"subscriptions": [{"url": url, "version": "3"} for url in self.hooks]}
            case "POST", "/messenger/v3/webhook":
                self.hooks.append(orjson.loads(asked.body)["url"])
                return {"ok": True}
            case "POST", "/messenger/v1/webhook/unsubscribe":
                url = orjson.loads(asked.body)["url"]
                self.hooks = [known for known in self.hooks if known != url]
                return {"ok": True}
        found = re.fullmatch(rf"/messenger/v[123]/accounts/{ACCOUNT}/(.+)", asked.path)
        return self._accounts(found[1], asked) if found else failure(404, "Not found")

    def _accounts(self, rest: str, asked: Asked) -> Any:
        if rest == "uploadImages":
            file = uploaded(asked)
            assert file.field == "uploadfile[]"
            self.files[f"12345.{len(self.files)}"] = file.content
            return {list(self.files)[-1]: {"140x105": f"{self.url}/files/x"}}
        if rest == "getVoiceFiles":
            name = asked.query["voice_ids"]
            return {"voices_urls": {name: f"{self.url}/files/{name}"} if name in self.files else {}}
        start, limit = int(asked.query.get("offset", 0)), int(asked.query.get("limit", 100))
        if rest == "chats":
            assert asked.query["chat_types"] == "u2i,u2u"
            newest = sorted(self.dialogs.values(), key=lambda one: -one.messages[-1]["created"])
            return {"chats": [self._chat(one) for one in newest[start : start + limit]]}
        found = re.fullmatch(r"chats/([^/]+)(/.*)?", rest)
        dialog = self.dialogs.get(found[1]) if found else None
        if found is None or dialog is None:
            return failure(404, "Not found")
        if found[2] == "/messages/" and asked.method == "GET":
            page = dialog.messages[::-1][start : start + limit]
            return page if self.bare_list else {"messages": page, "meta": {"has_more": False}}
        return self._within(dialog, found[2] or "", asked)

    def _chat(self, dialog: Dialog) -> dict[str, Any]:
        images = {"128x128": f"{self.url}/files/small", "256x256": f"{self.url}/files/face"}
        marina = {"id": MARINA, "name": "Марина", "public_user_profile": {"avatar": {"default": "", "images": images}}}
        return {
            "id": dialog.chat_id,
            "context": {"type": "item", "value": LISTING},
            "created": STARTED,
            "last_message": dialog.messages[-1],
            "users": [{"id": ACCOUNT, "name": "Дубрава"}, marina],
        }

    def _within(self, dialog: Dialog, rest: str, asked: Asked) -> Any:
        body = orjson.loads(asked.body) if asked.body else {}
        if rest == "" and asked.method == "GET":
            return self._chat(dialog)
        if rest == "/messages":
            assert body["type"] == "text"
            if not 0 < len(body["message"]["text"]) <= 1000:
                return failure(400, "text is too long")
            return self._add(dialog, ACCOUNT, "text", {"text": body["message"]["text"]})
        if rest == "/messages/image":
            sizes = {"640x480": f"{self.url}/files/{body['image_id']}"}
            return self._add(dialog, ACCOUNT, "image", {"image": {"sizes": sizes}})
        if rest == "/read":
            dialog.read += 1
            return {"ok": True}
        message = next((one for one in dialog.messages if rest == f"/messages/{one['id']}"), None)
        if message is None:
            return failure(404, "Not found")
        message |= {"type": "deleted", "content": {}}
        return {}
