"""Methods of the fake VK, by their names in https://dev.vk.com/method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from tests.platforms.vk import Dialog, Vk


class Refused(Exception):
    """An error of VK's."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(code)
        self.code = code
        self.words = words


# Refusals that stand beside each recipient when messages.send is asked in the plural.
PER_RECIPIENT = frozenset({900, 901, 902, 936})


class Methods:
    """What each method does to the platform."""

    def __init__(self, vk: Vk) -> None:
        self._vk = vk

    async def call(self, method: str, given: dict[str, str]) -> Any:
        """The response of a method; raises Refused."""
        owner, _, name = method.partition(".")
        if owner == "groups" and name not in ("getById", "getTokenPermissions"):
            self._need("manage")
        if owner == "messages":
            self._need("messages")
        made = getattr(self, f"_{owner}_{name}")(given)
        return await made if hasattr(made, "__await__") else made

    def _need(self, right: str) -> None:
        if right not in self._vk.rights:
            raise Refused(15, f"Access denied: no access to call this method ({right})")

    def _dialog(self, given: dict[str, str]) -> Dialog:
        found = self._vk.dialogs.get(int(given["peer_id"]))
        if found is None:
            raise Refused(936, "Contact not found")
        return found

    def _message(self, given: dict[str, str]) -> dict[str, Any]:
        found = [
            message
            for message in self._dialog(given).messages
            if str(message["conversation_message_id"]) == given["cmid"]
        ]
        if not found:
            raise Refused(100, "One of the parameters specified was missing or invalid: cmid is incorrect")
        return found[0]

    def _groups_getById(self, _given: dict[str, str]) -> Any:
        return {"groups": [{"id": 204000101, "name": "Дубрава", "screen_name": "dubrava_shop"}], "profiles": []}

    def _groups_getTokenPermissions(self, _given: dict[str, str]) -> Any:
        listed = [{"name": name, "setting": 1 << number} for number, name in enumerate(sorted(self._vk.rights))]
        return {"mask": 1, "permissions": listed}

    def _groups_getCallbackConfirmationCode(self, _given: dict[str, str]) -> Any:
        return {"code": self._vk.code}

    def _groups_getCallbackServers(self, _given: dict[str, str]) -> Any:
        items = [
            {key: getattr(server, key) for key in ("id", "title", "url", "secret_key", "status")}
            for server in self._vk.servers.values()
        ]
        return {"count": len(items), "items": items}

    async def _groups_addCallbackServer(self, given: dict[str, str]) -> Any:
        from tests.platforms.vk import Server

        assert len(given["title"]) <= 14
        server = Server(len(self._vk.servers) + 1, given["url"], given["title"], given["secret_key"])
        self._vk.servers[server.id] = server
        await self._vk.confirm(server)
        return {"server_id": server.id}

    async def _groups_editCallbackServer(self, given: dict[str, str]) -> Any:
        server = self._vk.servers[int(given["server_id"])]
        server.url, server.title, server.secret_key = given["url"], given["title"], given["secret_key"]
        await self._vk.confirm(server)
        return 1

    def _groups_setCallbackSettings(self, given: dict[str, str]) -> Any:
        self._vk.servers[int(given["server_id"])].settings = given
        return 1

    def _groups_deleteCallbackServer(self, given: dict[str, str]) -> Any:
        del self._vk.servers[int(given["server_id"])]
        return 1

    def _groups_setLongPollSettings(self, given: dict[str, str]) -> Any:
        self._vk.long_poll = given
        return 1

    def _groups_getLongPollServer(self, _given: dict[str, str]) -> Any:
        if self._vk.long_poll.get("enabled") != "1":
            raise Refused(100, "One of the parameters specified was missing or invalid: longpoll is not enabled")
        return {"key": "poll-key", "server": f"{self._vk.url}/lp", "ts": str(len(self._vk.events))}

    def _messages_send(self, given: dict[str, str]) -> Any:
        peer_id = int(given["peer_ids"])
        dialog = self._vk.dialogs.get(peer_id)
        code = 936 if dialog is None else dialog.refusal
        if code in PER_RECIPIENT:
            return [{"peer_id": peer_id, "message_id": 0, "error": {"code": code, "description": "not allowed"}}]
        if code or dialog is None:
            raise Refused(code, "refused")
        assert len(given.get("message", "")) <= 9000
        assert 0 < int(given["random_id"]) < 2**31
        if "keyboard" in given:
            self._check_keyboard(orjson.loads(given["keyboard"]))
        known = dialog.by_random_id.get(int(given["random_id"]))
        if known is None:
            known = self._vk.message(
                dialog,
                -204000101,
                given.get("message", ""),
                random_id=int(given["random_id"]),
                attachments=[_attachment(name) for name in given.get("attachment", "").split(",") if name],
                forward=orjson.loads(given.get("forward", "null")),
            )
            dialog.by_random_id[int(given["random_id"])] = known
            self._vk.tell("message_reply", {key: value for key, value in known.items() if key != "forward"})
        number = known["conversation_message_id"]
        return [{"peer_id": peer_id, "message_id": known["id"], "conversation_message_id": number}]

    def _check_keyboard(self, keyboard: dict[str, Any]) -> None:
        rows = keyboard["buttons"]
        labels = [button["action"]["label"] for row in rows for button in row]
        if len(rows) > 6 or any(len(row) > 5 for row in rows) or len(labels) > 10 or max(map(len, labels)) > 40:
            raise Refused(911, "Keyboard format is invalid")

    def _messages_edit(self, given: dict[str, str]) -> Any:
        message = self._message(given)
        message["text"] = given["message"]
        message["attachments"] = [_attachment(name) for name in given.get("attachment", "").split(",") if name]
        self._vk.tell("message_edit", message)
        return 1

    def _messages_delete(self, given: dict[str, str]) -> Any:
        assert given["delete_for_all"] == "1"
        gone = set(given["cmids"].split(","))
        dialog = self._dialog(given)
        dialog.messages = [one for one in dialog.messages if str(one["conversation_message_id"]) not in gone]
        return dict.fromkeys(gone, 1)

    def _messages_getByConversationMessageId(self, given: dict[str, str]) -> Any:
        return {"count": 1, "items": [self._message({**given, "cmid": given["conversation_message_ids"]})]}

    def _messages_sendReaction(self, given: dict[str, str]) -> Any:
        self._dialog(given).reactions[int(given["cmid"])] = int(given["reaction_id"])
        return 1

    def _messages_deleteReaction(self, given: dict[str, str]) -> Any:
        self._dialog(given).reactions.pop(int(given["cmid"]), None)
        return 1

    def _messages_setActivity(self, given: dict[str, str]) -> Any:
        assert given["type"] == "typing"
        self._dialog(given).typing += 1
        return 1

    def _messages_markAsRead(self, given: dict[str, str]) -> Any:
        self._dialog(given).read = True
        return 1

    def _messages_sendMessageEventAnswer(self, given: dict[str, str]) -> Any:
        assert {"event_id", "user_id", "peer_id"} <= set(given)
        return 1

    def _photos_getMessagesUploadServer(self, _given: dict[str, str]) -> Any:
        return {"upload_url": f"{self._vk.url}/upload/photo", "album_id": -64, "group_id": 0}

    def _photos_saveMessagesPhoto(self, given: dict[str, str]) -> Any:
        assert (given["server"], given["hash"]) == ("1", "h")
        return [{"id": int(given["photo"].rpartition("-")[2]), "owner_id": -204000101, "access_key": "pk"}]

    def _docs_getMessagesUploadServer(self, given: dict[str, str]) -> Any:
        return {"upload_url": f"{self._vk.url}/upload/{given['type']}"}

    def _docs_save(self, given: dict[str, str]) -> Any:
        kind, _, number = given["file"].partition("-")
        return {"type": kind, kind: {"id": int(number), "owner_id": 700100200, "access_key": "dk"}}

    def _users_get(self, given: dict[str, str]) -> Any:
        dialog = self._vk.dialogs.get(int(given["user_ids"]))
        if dialog is None:
            return []
        first, _, last = dialog.name.partition(" ")
        person = {"id": dialog.peer_id, "first_name": first, "last_name": last, "screen_name": "marina_kim"}
        picture = {"has_photo": 1, "photo_200": f"{self._vk.url}/files/face"}
        return [{**person, **picture, "city": {"id": 1, "title": "Москва"}}]


def _attachment(name: str) -> dict[str, Any]:
    kind = next(known for known in ("photo", "doc") if name.startswith(known))
    owner, number, *key = name.removeprefix(kind).split("_")
    return {"type": kind, kind: {"owner_id": int(owner), "id": int(number), "access_key": "".join(key)}}
