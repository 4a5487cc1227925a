"""What the fake Telegram does for each method of the Bot API, with the refusals that the real one is known for."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.platforms.telegram_chats import Chat, Refused, Topic
from tests.platforms.telegram_forms import SentFile

if TYPE_CHECKING:
    from tests.platforms.telegram import Bot, BotApi

LARGEST_FETCH = 20 << 20
LARGEST_PHOTO = 10 << 20
LARGEST_FILE = 50 << 20
# One green pixel.
_FACE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPQjw0AAAGbAN3PdOR3AAAAAElFTkSuQmCC"
_GROUPED = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}
_RIGHTS = (
    *("can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats"),
    *("can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_send_welcome_messages"),
)

Params = dict[str, Any]


class Methods:
    """The methods by name; each returns what stands in `result` and raises Refused."""

    def __init__(self, api: BotApi) -> None:
        self._api = api

    def call(self, bot: Bot, method: str, params: Params) -> Any:
        """Do what a method does."""
        found: Callable[[Bot, Params], Any] | None = getattr(self, method, None)
        if found is None or method == "call":
            raise Refused(404, "Not Found: method not found")
        return found(bot, params)

    # The account.

    def getMe(self, bot: Bot, params: Params) -> Any:
        said = {"can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}
        return {**bot.wire(), **said, "can_connect_to_business": True}

    def getWebhookInfo(self, bot: Bot, params: Params) -> Any:
        said: Params = {
            "url": bot.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(bot.pending),
        }
        if bot.last_error:
            said |= {"last_error_date": int(time.time()), "last_error_message": bot.last_error}
        return {**said, "allowed_updates": bot.webhook.get("allowed_updates", [])}

    def setWebhook(self, bot: Bot, params: Params) -> Any:
        if not params["url"].startswith("https://") and not params["url"].startswith(
            ("http://127.0.0.1", "http://localhost")
        ):
            raise Refused(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        bot.webhook, bot.last_error = dict(params), ""
        return True

    def deleteWebhook(self, bot: Bot, params: Params) -> Any:
        bot.webhook, bot.last_error = {}, ""
        return True

    def setMyCommands(self, bot: Bot, params: Params) -> Any:
        bot.commands = params["commands"]
        return True

    # Messages.

    def sendMessage(self, bot: Bot, params: Params) -> Any:
        if not params.get("text", "").strip():
            raise Refused(400, "Bad Request: message text is empty")
        if _units(params["text"]) > 4096:
            raise Refused(400, "Bad Request: message is too long")
        return self._say(bot, params, {"text": params["text"]})

    def sendPhoto(self, bot: Bot, params: Params) -> Any:
        if len(params["photo"].content) > LARGEST_PHOTO:
            raise Refused(400, "Bad Request: file is too big for a photo")
        if params["photo"].content.startswith(b"odd"):
            raise Refused(400, "Bad Request: PHOTO_INVALID_DIMENSIONS")
        return self._say(bot, params, self._media("photo", params["photo"]))

    def sendVideo(self, bot: Bot, params: Params) -> Any:
        return self._say(bot, params, self._media("video", params["video"]))

    def sendAnimation(self, bot: Bot, params: Params) -> Any:
        return self._say(bot, params, self._media("animation", params["animation"]))

    def sendDocument(self, bot: Bot, params: Params) -> Any:
        return self._say(bot, params, self._media("document", params["document"]))

    def sendAudio(self, bot: Bot, params: Params) -> Any:
        return self._say(bot, params, self._media("audio", params["audio"]))

    def sendVoice(self, bot: Bot, params: Params) -> Any:
        return self._say(bot, params, self._media("voice", params["voice"]))

    def sendMediaGroup(self, bot: Bot, params: Params) -> Any:
        items = params["media"]
        kinds = {_GROUPED.get(item["type"], item["type"]) for item in items}
        if not 2 <= len(items) <= 10 or len(kinds) != 1:
            raise Refused(400, "Bad Request: group send failed")
        group = str(next(self._api.numbers))
        said = []
        for item in items:
            content = {**self._media(item["type"], item["media"]), "media_group_id": group}
            said.append(self._say(bot, {**params, "caption": item.get("caption", "")}, content))
        return said

    def copyMessage(self, bot: Bot, params: Params) -> Any:
        origin = self._chat(bot, {"chat_id": params["from_chat_id"]}).messages.get(int(params["message_id"]))
        if origin is None:
            raise Refused(400, "Bad Request: message to copy not found")
        own = {"message_id", "from", "chat", "date", "message_thread_id", "is_topic_message", "reply_to_message"}
        content = {name: value for name, value in origin.items() if name not in own}
        return {"message_id": self._say(bot, params, content)["message_id"]}

    def editMessageText(self, bot: Bot, params: Params) -> Any:
        return self._edit(bot, params, "text")

    def editMessageCaption(self, bot: Bot, params: Params) -> Any:
        return self._edit(bot, params, "caption")

    def editMessageReplyMarkup(self, bot: Bot, params: Params) -> Any:
        return self._edit(bot, params, "reply_markup")

    def deleteMessages(self, bot: Bot, params: Params) -> Any:
        chat = self._chat(bot, params)
        for number in params["message_ids"]:
            chat.messages.pop(number, None)
        return True

    def deleteMessage(self, bot: Bot, params: Params) -> Any:
        if self._chat(bot, params).messages.pop(int(params["message_id"]), None) is None:
            raise Refused(400, "Bad Request: message to delete not found")
        return True

    def deleteBusinessMessages(self, bot: Bot, params: Params) -> Any:
        self._connection(params)
        for chat in self._api.chats.values():
            for number in params["message_ids"]:
                chat.messages.pop(number, None)
        return True

    def setMessageReaction(self, bot: Bot, params: Params) -> Any:
        self._found(bot, params)
        if any(sign["emoji"] not in "👍👎❤🔥🎉👏😁🤔😢🙏👌" for sign in params.get("reaction") or []):
            raise Refused(400, "Bad Request: REACTION_INVALID")
        self._chat(bot, params).reactions[int(params["message_id"])] = params.get("reaction") or []
        return True

    def sendChatAction(self, bot: Bot, params: Params) -> Any:
        self._chat(bot, params).actions.append(params["action"])
        return True

    def answerCallbackQuery(self, bot: Bot, params: Params) -> Any:
        return True

    def readBusinessMessage(self, bot: Bot, params: Params) -> Any:
        self._connection(params)
        self._chat(bot, {"chat_id": params["chat_id"]}).read_up_to = int(params["message_id"])
        return True

    def getBusinessConnection(self, bot: Bot, params: Params) -> Any:
        return self._connection(params)

    # Files and people.

    def getFile(self, bot: Bot, params: Params) -> Any:
        stored = self._api.files.get(params["file_id"])
        if stored is None:
            raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
        if stored.size > LARGEST_FETCH:
            raise Refused(400, "Bad Request: file is too big")
        ids = {"file_id": params["file_id"], "file_unique_id": "AQ" + params["file_id"][-6:]}
        return {**ids, "file_size": stored.size, "file_path": stored.path}

    def getUserProfilePhotos(self, bot: Bot, params: Params) -> Any:
        file = self._api.store_file(base64.b64decode(_FACE), "face.png")
        return {"total_count": 1, "photos": [[{**file, "width": 160, "height": 160}]]}

    def getChat(self, bot: Bot, params: Params) -> Any:
        chat = self._chat(bot, params)
        return {**chat.wire(), "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": _gifts()}

    def getChatMember(self, bot: Bot, params: Params) -> Any:
        chat, number = self._chat(bot, params), int(params["user_id"])
        status = chat.members.get(number, "left")
        known = next((one for one in self._api.bots.values() if one.id == number), None)
        user = known.wire() if known else {"id": number, "is_bot": False, "first_name": "Агент"}
        rights = dict.fromkeys(_RIGHTS, True) if status == "administrator" else {}
        topics = {"can_manage_topics": True, "can_pin_messages": True} if rights else {}
        return {"user": user, "status": status, **rights, **topics}

    # Topics.

    def createForumTopic(self, bot: Bot, params: Params) -> Any:
        chat = self._chat(bot, params)
        if not chat.forum:
            raise Refused(400, "Bad Request: the chat is not a forum")
        if not 1 <= len(params["name"]) <= 128:
            raise Refused(400, "Bad Request: invalid topic name specified")
        number = chat.next_number(self._api)
        chat.topics[number] = Topic(params["name"])
        return {"message_thread_id": number, "name": params["name"], "icon_color": params.get("icon_color") or 7322096}

    def editForumTopic(self, bot: Bot, params: Params) -> Any:
        topic = self._topic(bot, params)
        if topic.name == params.get("name"):
            raise Refused(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.name = params.get("name") or topic.name
        return True

    def closeForumTopic(self, bot: Bot, params: Params) -> Any:
        return self._set_closed(bot, params, closed=True)

    def reopenForumTopic(self, bot: Bot, params: Params) -> Any:
        return self._set_closed(bot, params, closed=False)

    def deleteForumTopic(self, bot: Bot, params: Params) -> Any:
        self._topic(bot, params)
        chat = self._chat(bot, params)
        del chat.topics[int(params["message_thread_id"])]
        return True

    def pinChatMessage(self, bot: Bot, params: Params) -> Any:
        self._found(bot, params)
        self._chat(bot, params).pinned.append(int(params["message_id"]))
        return True

    # What they share.

    def _set_closed(self, bot: Bot, params: Params, *, closed: bool) -> bool:
        topic = self._topic(bot, params)
        if topic.closed == closed:
            raise Refused(400, "Bad Request: TOPIC_NOT_MODIFIED")
        topic.closed = closed
        return True

    def _topic(self, bot: Bot, params: Params) -> Topic:
        topic = self._chat(bot, params).topics.get(int(params["message_thread_id"]))
        if topic is None:
            raise Refused(400, "Bad Request: message thread not found")
        return topic

    def _chat(self, bot: Bot, params: Params) -> Chat:
        chat = self._api.chats.get(int(params["chat_id"]))
        if chat is None:
            raise Refused(400, "Bad Request: chat not found")
        if chat.migrated_to:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise Refused(400, words, migrate_to_chat_id=chat.migrated_to)
        if chat.blocked:
            raise Refused(403, chat.blocked)
        return chat

    def _connection(self, params: Params) -> Params:
        found = self._api.connections.get(params["business_connection_id"])
        if found is None:
            raise Refused(400, "Bad Request: business connection not found")
        return found

    def _found(self, bot: Bot, params: Params) -> Params:
        message = self._chat(bot, params).messages.get(int(params["message_id"]))
        if message is None:
            raise Refused(400, "Bad Request: message not found")
        return dict(message)

    def _edit(self, bot: Bot, params: Params, name: str) -> Any:
        chat = self._chat(bot, params)
        message = chat.messages.get(int(params["message_id"]))
        if message is None:
            raise Refused(400, "Bad Request: message to edit not found")
        if message["from"]["id"] != bot.id:
            raise Refused(400, "Bad Request: message can't be edited")
        # The buttons are what this request says, too: without any they are gone.
        changed = {key: value for key, value in message.items() if key != "reply_markup"}
        changed |= {key: params[key] for key in (name, "reply_markup") if params.get(key)}
        if changed == message:
            raise Refused(400, "Bad Request: message is not modified")
        return chat.keep({**changed, "edit_date": int(time.time())})

    def _say(self, bot: Bot, params: Params, content: Params) -> Any:
        """Put a message of ours into a chat."""
        chat = self._chat(bot, params)
        if params.get("business_connection_id"):
            self._connection(params)
            if not chat.window_open:
                raise Refused(400, "Bad Request: BUSINESS_PEER_USAGE_MISSING")
        message: Params = {
            "message_id": chat.next_number(self._api),
            "from": bot.wire(),
            "chat": chat.wire(),
            "date": int(time.time()),
            **content,
        }
        if thread := int(params.get("message_thread_id") or 0):
            if thread not in chat.topics:
                raise Refused(400, "Bad Request: message thread not found")
            message |= {"message_thread_id": thread, "is_topic_message": True}
        if params.get("caption"):
            if _units(params["caption"]) > 1024:
                raise Refused(400, "Bad Request: message caption is too long")
            message["caption"] = params["caption"]
        self._answer_to(chat, params.get("reply_parameters") or {}, message)
        if params.get("reply_markup"):
            message["reply_markup"] = params["reply_markup"]
        if params.get("business_connection_id"):
            message["business_connection_id"] = params["business_connection_id"]
        return chat.keep(message)

    def _answer_to(self, chat: Chat, wanted: Params, message: Params) -> None:
        if not wanted:
            return
        answered = chat.messages.get(wanted["message_id"])
        if answered is not None:
            message["reply_to_message"] = {name: answered[name] for name in ("message_id", "chat", "date")}
        elif not wanted.get("allow_sending_without_reply"):
            raise Refused(400, "Bad Request: message to be replied not found")

    def _media(self, kind: str, file: SentFile) -> Params:
        if len(file.content) > LARGEST_FILE:
            raise Refused(413, "Request Entity Too Large")
        stored = {**self._api.store_file(file.content, file.name)}
        sized = {**stored, "width": 640, "height": 480}
        match kind:
            case "photo":
                return {"photo": [sized]}
            case "video" | "animation":
                video = {**sized, "duration": 3, "file_name": file.name}
                return {"video": video} if kind == "video" else {"animation": video, "document": stored}
            case "voice" | "audio":
                return {kind: {**stored, "duration": 3}}
        return {"document": {**stored, "file_name": file.name}}


def _gifts() -> Params:
    names = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
    return dict.fromkeys(names, True)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
