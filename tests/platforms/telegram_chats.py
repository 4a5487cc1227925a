"""Who and what the fake Telegram consists of: people, chats, topics; and how their messages look in updates."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.platforms.telegram import Bot, BotApi


class Refused(Exception):
    """The platform refuses a request."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


@dataclass
class Topic:
    """A topic of a forum. A deleted one is gone from its chat."""

    name: str
    closed: bool = False


@dataclass
class Chat:
    """A private chat or a supergroup. `slow`: seconds that every request about it takes.

    `blocked` holds the words with which a person refuses us. `window_open`: a business chat was active today.
    """

    id: int
    type: str
    title: str = ""
    first_name: str = ""
    forum: bool = False
    slow: float = 0.0
    blocked: str = ""
    window_open: bool = True
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, str] = field(default_factory=dict)
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    reactions: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    read_up_to: int = 0
    newest: int = 0
    # A basic group that became a supergroup answers with its new id.
    migrated_to: int = 0

    def wire(self) -> dict[str, Any]:
        """As a Chat."""
        if self.type == "private":
            return {"id": self.id, "type": "private", "first_name": self.first_name}
        said: dict[str, Any] = {"id": self.id, "type": self.type, "title": self.title}
        return {**said, "is_forum": True} if self.forum else said

    def next_number(self, api: BotApi) -> int:
        """The number of the next message: a supergroup counts its own."""
        if self.type == "private":
            return next(api.numbers)
        self.newest += 1
        return self.newest

    def keep(self, message: dict[str, Any]) -> dict[str, Any]:
        """Remember a message."""
        self.messages[message["message_id"]] = message
        return message


@dataclass
class Person:
    """Somebody with an account: a client who writes to a bot, or an agent in a group."""

    api: BotApi
    id: int
    first_name: str
    last_name: str = ""
    username: str = ""
    language_code: str = "ru"

    def wire(self) -> dict[str, Any]:
        """As a User."""
        said = {"id": self.id, "is_bot": False, "first_name": self.first_name, "language_code": self.language_code}
        names = {"last_name": self.last_name, "username": self.username}
        return {**said, **{name: value for name, value in names.items() if value}}

    @property
    def chat(self) -> Chat:
        """The private chat with the bots."""
        return self.api.chats[self.id]

    def message(self, chat: Chat, text: str = "", **parts: Any) -> dict[str, Any]:
        """A message as it stands in an update; kept in its chat. A topic is given as `message_thread_id`."""
        body: dict[str, Any] = {
            "message_id": chat.next_number(self.api),
            "from": self.wire(),
            "chat": {**chat.wire(), "first_name": self.first_name} if chat.type == "private" else chat.wire(),
            "date": int(time.time()),
        }
        if text:
            body["text"] = text
        if parts.get("message_thread_id"):
            body["is_topic_message"] = True
        return chat.keep({**body, **parts})

    def writes(self, text: str = "", bot: Bot | None = None, **parts: Any) -> int:
        """Write to a bot; returns the message id."""
        message = self.message(self.chat, text, **parts)
        self.api.push("message", message, bot)
        return int(message["message_id"])

    def starts(self, payload: str = "", bot: Bot | None = None) -> int:
        """Press Start, perhaps after a link with a payload."""
        text = f"/start {payload}".strip()
        return self.writes(text, bot, entities=[{"type": "bot_command", "offset": 0, "length": 6}])

    def edits(self, message_id: int, text: str, bot: Bot | None = None) -> None:
        """Change a message."""
        changed = {**self.chat.messages[message_id], "text": text, "edit_date": int(time.time())}
        self.api.push("edited_message", self.chat.keep(changed), bot)

    def reacts(self, message_id: int, *emoji: str, bot: Bot | None = None) -> None:
        """Put reactions on a message."""
        new = [{"type": "emoji", "emoji": sign} for sign in emoji]
        body = {"chat": self.chat.wire(), "message_id": message_id, "user": self.wire(), "date": int(time.time())}
        self.api.push("message_reaction", {**body, "old_reaction": [], "new_reaction": new}, bot)

    def presses(self, message: dict[str, Any], callback_data: str, bot: Bot | None = None) -> str:
        """Press a button below a message; returns the id that the bot must answer."""
        number = str(next(self.api.numbers))
        body = {"id": number, "from": self.wire(), "message": message, "chat_instance": "1", "data": callback_data}
        self.api.push("callback_query", body, bot)
        return number

    def stops(self, bot: Bot | None = None) -> None:
        """Block the bot."""
        self._changes_membership("member", "kicked", bot)
        self.chat.blocked = "Forbidden: bot was blocked by the user"

    def returns(self, bot: Bot | None = None) -> None:
        """Let the bot in again."""
        self._changes_membership("kicked", "member", bot)
        self.chat.blocked = ""

    def _changes_membership(self, old: str, new: str, bot: Bot | None) -> None:
        member = (bot or self.api.bot).wire()
        body = {"chat": self.chat.wire(), "from": self.wire(), "date": int(time.time())}
        sides = {"old_chat_member": _member(member, old), "new_chat_member": _member(member, new)}
        self.api.push("my_chat_member", {**body, **sides}, bot)

    def writes_in(self, group: Chat, text: str = "", bot: Bot | None = None, **parts: Any) -> int:
        """Write in a group, perhaps in a topic (`message_thread_id`); returns the message id."""
        message = self.message(group, text, **parts)
        self.api.push("message", message, bot)
        return int(message["message_id"])


def _member(user: dict[str, Any], status: str) -> dict[str, Any]:
    return {"user": user, "status": status, **({"until_date": 0} if status == "kicked" else {})}
